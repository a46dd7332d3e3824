"""A folder with anything wrong in it: an error that names the file, and the store as it was."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motte.errors import ImportFailed
from motte.migrate import import_baileys
from motte.migrate.baileys.folder import MAX_FILE_SIZE
from motte.store.memory import MemoryBackend
from tests.unit.migrate.conftest import FILES

NEEDED = [name for name in FILES if not name.startswith(("device-list", "tctoken-__index"))]
"""Files that are read at all."""


async def refused(folder: Path) -> ImportFailed:
    """The error; nothing was written, whatever it was."""
    backend = MemoryBackend()
    with pytest.raises(ImportFailed) as caught:
        await import_baileys(backend, folder)
    for table in ("account", "sessions", "prekeys"):
        assert await backend.scan(table, "") == []
    return caught.value


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99], ids=["empty", "half-written", "cut off"])
async def test_files_that_are_not_whole(folder: Path, name: str, keep: float) -> None:
    text = FILES[name]
    (folder / name).write_text(text[: int(len(text) * keep)])
    error = await refused(folder)
    assert error.file == name
    assert ("empty" if not keep else "not whole") in error.problem
    assert str(error).startswith(f"cannot import {name}: ")


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("content", ["null", "7", '"text"', "[]", "{}", "\x00\x01", "[" * 100_000, '{"a": 1e400}'])
async def test_files_with_something_else(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content)
    # An object with nothing in it can be a record in which nothing is left.
    kinds = ("session-", "sender-key-", "tctoken-", "app-state-sync-version-")
    if name.startswith(kinds) and content in ("{}", "[]", '{"a": 1e400}'):
        try:
            await import_baileys(MemoryBackend(), folder)
        except ImportFailed as error:
            assert error.file == name
    else:
        assert (await refused(folder)).file == name


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every container with every key of it."""
    if isinstance(value, dict):
        return [(value, key) for key in value] + [place for one in value.values() for place in _places(one)]
    if isinstance(value, list):
        return [(value, i) for i in range(len(value))] + [place for one in value for place in _places(one)]
    return []


WORSE: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**70,
    1.5,
    "",
    "§",
    "QQ==",
    [],
    {},
    [256],
    [[]],
    {"0": 300},
    {"type": "Buffer", "data": "x"},
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(NEEDED), place=st.integers(min_value=0), worse=st.sampled_from(WORSE))
async def test_any_value_replaced_is_taken_or_named(folder: Path, name: str, place: int, worse: Any) -> None:
    value = json.loads(FILES[name])
    if name.startswith("sender-key-1"):
        value = json.loads(base64.b64decode(value["data"]))
    if places := _places(value):
        container, key = places[place % len(places)]
        container[key] = worse
    else:
        value = worse
    (folder / name).write_text(json.dumps(value))
    try:
        await import_baileys(MemoryBackend(), folder)
    except ImportFailed as error:
        assert error.file == name
    finally:
        (folder / name).write_text(FILES[name])


def edit(folder: Path, name: str, *path: str, to: Any) -> None:
    """Another value at a place."""
    value = at = json.loads(FILES[name])
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = to
    (folder / name).write_text(json.dumps(value))


CREDS = json.loads(FILES["creds.json"])
OTHER_KEY = CREDS["noiseKey"]["public"]
CONTRADICTIONS = {
    "a public key of another pair": (("signedIdentityKey", "public"), OTHER_KEY),
    "another noise key": (("noiseKey", "private"), CREDS["signedIdentityKey"]["private"]),
    "another identity": (("signedIdentityKey",), CREDS["noiseKey"]),
    "a signature of something else": (("signedPreKey", "signature"), {"type": "Buffer", "data": "A" * 86 + "=="}),
    "an account that did not sign": (("account", "accountSignatureKey"), OTHER_KEY["data"]),
    "details of another device": (("account", "details"), "CKyg"),
    "a LID for a number": (("me", "id"), "200000000000001:1@lid"),
    "the phone itself": (("me", "id"), "15550100001@s.whatsapp.net"),
    "a number for a LID": (("me", "lid"), "15550100001:1@s.whatsapp.net"),
    "a key that is too short": (("noiseKey", "private"), {"type": "Buffer", "data": "QUJD"}),
    "a registration id that is too large": (("registrationId",), 16384),
    "no secret": (("advSecretKey",), ""),
}


@pytest.mark.parametrize(("path", "to"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
async def test_credentials_that_contradict_themselves(folder: Path, path: tuple[str, ...], to: Any) -> None:
    edit(folder, "creds.json", *path, to=to)
    error = await refused(folder)
    assert error.file == "creds.json"
    for secret in ("noiseKey", "signedIdentityKey"):
        assert CREDS[secret]["private"]["data"] not in str(error)


@pytest.mark.parametrize("missing", ["me", "account"])
async def test_a_folder_that_was_never_linked(folder: Path, missing: str) -> None:
    (folder / "creds.json").write_text(json.dumps({key: value for key, value in CREDS.items() if key != missing}))
    assert "no phone is linked" in (await refused(folder)).problem


async def test_no_folder_and_no_credentials(tmp_path: Path) -> None:
    assert "no such folder" in (await refused(tmp_path / "nowhere")).problem
    assert "not a folder of useMultiFileAuthState" in (await refused(tmp_path)).problem


async def test_what_heals_can_be_left_out(folder: Path) -> None:
    name = "session-200000000000002_1.1.json"
    (folder / name).write_text("{")
    assert "import without it" in (await refused(folder)).advice
    (folder / name).unlink()
    assert (await import_baileys(MemoryBackend(), folder)).counts["sessions"] == 1
    (folder / "pre-key-4.json").write_text("{")
    assert (await refused(folder)).advice == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("session-nobody.json", "device"),
        ("session-1@g.us.0.json", "device"),
        ("sender-key-1@g.us--x.json", "chat"),
        ("sender-key-memory-nothing.json", "chat"),
        ("app-state-sync-key-§.json", "app-state key"),
        ("pre-key-99999999.json", "number"),
        ("lid-mapping-abc.json", "phone number"),
    ],
)
async def test_names_that_name_nothing(folder: Path, name: str, said: str) -> None:
    like = {
        "session": "session-200000000000002_1.1.json",
        "sender-key-1": "sender-key-15550100001-1600000000@g.us--200000000000002_1--1.json",
        "sender-key-m": "sender-key-memory-15550100001-1600000000@g.us.json",
        "app": "app-state-sync-key-AAAA__w==.json",
        "pre": "pre-key-4.json",
        "lid": "lid-mapping-15550100002.json",
    }
    text = next(FILES[other] for start, other in like.items() if name.startswith(start))
    (folder / name).write_text(text)
    error = await refused(folder)
    assert error.file == name and said in error.problem


async def test_a_file_that_is_too_large_is_not_read(folder: Path) -> None:
    with (folder / "pre-key-4.json").open("r+b") as stream:
        stream.truncate(MAX_FILE_SIZE + 1)
    error = await refused(folder)
    assert error.file == "pre-key-4.json" and "larger than" in error.problem


async def test_a_file_that_may_not_be_read(folder: Path) -> None:
    (folder / "pre-key-4.json").unlink()
    (folder / "pre-key-4.json").mkdir()
    error = await refused(folder)
    assert error.file == "pre-key-4.json" and "cannot be read" in error.problem
