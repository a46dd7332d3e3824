"""A session as text: what comes back is what went in, and anything else is refused with a sentence."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motte.errors import ImportFailed, LocalProtocolError, NotLoggedIn, StoreError, StoreInUse
from motte.migrate import export_session, import_baileys, import_session, portable
from motte.migrate.portable import PREFIX, Portable
from motte.store.backend import TABLES
from motte.store.memory import MemoryBackend
from motte.store.store import Store
from motte.testing.rng import SeededRng
from tests.unit.migrate.conftest import FILES, write

tables = st.dictionaries(
    st.sampled_from(TABLES), st.dictionaries(st.text(max_size=20), st.binary(max_size=40), min_size=1, max_size=4)
)


def text_of(header: object, *fields: bytes) -> str:
    """An unencrypted text with any content."""
    packed = zlib.compress(
        b"".join(struct.pack(">I", len(one)) + one for one in (json.dumps(header).encode(), *fields))
    )
    return wrapped(packed)


def wrapped(packed: bytes) -> str:
    """An unencrypted text around packed bytes, its checksum right."""
    blob = b"\x00" + hashlib.sha256(packed).digest() + packed
    return PREFIX + base64.urlsafe_b64encode(blob).decode()


@given(rows=tables, account=st.text(max_size=8), exported=st.integers(0, 2**40))
def test_what_comes_back_is_what_went_in(rows: dict[str, dict[str, bytes]], account: str, exported: int) -> None:
    session = Portable(account=account, exported=float(exported), rows=rows)
    text = portable.write(session, rng=os.urandom)
    assert text.startswith(PREFIX) and text.isascii() and not text.split()[1:]
    assert portable.read(text) == session
    assert not portable.is_sealed(text, source="it")


def test_encrypted_and_wrapped_into_lines() -> None:
    session = Portable(account="default", exported=1.7e9, rows={"sessions": {"1.0": b"a secret"}})
    text = portable.write(session, passphrase="grüße", rng=os.urandom)
    assert portable.is_sealed(text, source="it")
    lines = "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    assert portable.read(f"  {lines}\n", passphrase="grüße") == session
    assert portable.write(session, passphrase="grüße", rng=os.urandom) != text, "salt and nonce are fresh"
    for passphrase, said in ((None, "give its passphrase"), ("", "give its passphrase"), ("grusse", "is wrong")):
        with pytest.raises(ImportFailed, match=said):
            portable.read(text, passphrase=passphrase)
    with pytest.raises(LocalProtocolError, match="empty"):
        portable.write(session, passphrase="", rng=os.urandom)


SEALED = portable.write(
    Portable(account="a", exported=1.0, rows={"lids": {"k": b"v"}}), passphrase="x", rng=SeededRng(1)
)
PLAIN = portable.write(Portable(account="a", exported=1.0, rows={"lids": {"k": b"v"}}), rng=SeededRng(1))


@settings(max_examples=30, deadline=None)
@given(text=st.sampled_from([PLAIN, SEALED]), at=st.integers(0, 400), letter=st.sampled_from("A_9-é:= "))
def test_a_changed_letter_is_noticed(text: str, at: int, letter: str) -> None:
    at %= len(text)
    changed = text[:at] + letter + text[at + 1 :]
    try:
        found = portable.read(changed, passphrase="x")
    except ImportFailed as error:
        assert error.file == "the session"
    else:
        # The last letter of base64 has bits that mean nothing.
        assert found.rows == {"lids": {"k": b"v"}}
        assert changed == text or at == len(text) - 1


@pytest.mark.parametrize("length", [0, 1, 6, 7, 8, 20, 50, len(PLAIN) - 2])
def test_a_text_that_was_cut_off(length: int) -> None:
    with pytest.raises(ImportFailed):
        portable.read(PLAIN[:length])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "no exported session"),
        ("motte2:AAAA", "this motte reads 'motte1'"),
        (text_of({"account": "a", "exported": 1, "tables": {"quarks": 1}}, b"k", b"v"), "newer motte: it holds quarks"),
        (text_of({"account": "a", "exported": 1, "tables": {"lids": 2}}, b"k", b"v"), "row is missing"),
        (text_of({"account": "a", "exported": 1, "tables": {}}, b"k"), "behind its rows"),
        (text_of({"account": "a", "exported": 1, "tables": {"lids": -1}}), "malformed"),
        (text_of({"account": "a", "exported": 1, "tables": {"lids": 10**12}}), "malformed"),
        (text_of({"account": 7, "exported": 1, "tables": {}}), "malformed"),
        (text_of([]), "malformed"),
        (wrapped(b"not zlib"), "unpacked"),
        (wrapped(zlib.compress(b"\xff\xff\xff\xff")), "cut off"),
        (wrapped(zlib.compress(b"")), "missing"),
        (wrapped(zlib.compress(struct.pack(">I", 100_000) + b"[" * 100_000)), "malformed"),
        (wrapped(zlib.compress(b"") + b"more"), "more than it should be"),
    ],
)
def test_texts_that_are_none(text: str, said: str) -> None:
    with pytest.raises(ImportFailed, match=said):
        portable.read(text)


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portable, "MAX_PACKED", 1000)
    with pytest.raises(ImportFailed, match="too large"):
        portable.read(wrapped(zlib.compress(bytes(1001))))


def test_an_encryption_that_would_cost_too_much_is_not_tried() -> None:
    blob = bytearray(base64.urlsafe_b64decode(SEALED.removeprefix(PREFIX) + "=="))
    blob[1] = 40
    with pytest.raises(ImportFailed, match="costs more"):
        portable.read(PREFIX + base64.urlsafe_b64encode(blob).decode(), passphrase="x")


@pytest.fixture
async def linked(tmp_path: Path) -> MemoryBackend:
    """A backend with Ann's account."""
    backend = MemoryBackend()
    await import_baileys(backend, await asyncio.to_thread(write, tmp_path / "auth", FILES))
    return backend


async def rows(backend: MemoryBackend, account: str = "default") -> dict[str, dict[str, bytes]]:
    async with await Store.open(backend, account) as store:
        return await store.rows()


async def test_an_account_moves_whole(linked: MemoryBackend) -> None:
    text = await export_session(linked, passphrase="x")
    imported = await import_session(linked, text, passphrase="x", account="second")
    assert (str(imported.jid), imported.push_name, imported.counts["sessions"]) == (
        "15550100001:1@s.whatsapp.net",
        "Ann",
        2,
    )
    assert await rows(linked, "second") == await rows(linked)


async def test_a_linked_account_is_not_replaced_by_mistake(linked: MemoryBackend, tmp_path: Path) -> None:
    text, before = await export_session(linked), await rows(linked)
    for again in (import_session(linked, text), import_baileys(linked, tmp_path / "auth")):
        with pytest.raises(LocalProtocolError, match="is linked already"):
            await again
    assert await rows(linked) == before
    async with await Store.open(linked) as store:
        batch = store.batch()
        batch.put("sessions", "default/1.0", b"old")
        await store.commit(batch)
    await import_session(linked, text, replace=True)
    assert await rows(linked) == before, "and nothing of the old one is left"


async def test_an_account_that_is_in_use(linked: MemoryBackend) -> None:
    text = await export_session(linked)
    async with await Store.open(linked):
        with pytest.raises(StoreInUse):
            await export_session(linked)
        with pytest.raises(StoreInUse):
            await import_session(linked, text, replace=True)


async def test_nothing_to_export(linked: MemoryBackend, tmp_path: Path) -> None:
    with pytest.raises(NotLoggedIn, match="no phone is linked"):
        await export_session(linked, account="other")
    with pytest.raises(NotLoggedIn, match="no database"):
        await export_session(tmp_path / "none.db")
    assert not await asyncio.to_thread((tmp_path / "none.db").exists)


async def test_a_text_without_a_linked_account(linked: MemoryBackend) -> None:
    held = await rows(linked)
    backend = MemoryBackend()
    accounts: list[dict[str, bytes]] = [{}, {"credentials": b"\x01{}"}]
    for account in accounts:
        text = portable.write(Portable(account="a", exported=1.0, rows={**held, "account": account}), rng=os.urandom)
        with pytest.raises(ImportFailed):
            await import_session(backend, text)
    assert await rows(backend) == {}


async def test_a_store_that_fails_is_left_as_it_was(linked: MemoryBackend) -> None:
    class Full(MemoryBackend):
        async def commit(self, batch: object) -> None:
            raise StoreError("no space left")

    text, full = await export_session(linked), Full()
    with pytest.raises(StoreError, match="no space"):
        await import_session(full, text)
    assert await rows(full) == {}
