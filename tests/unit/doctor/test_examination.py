"""The doctor finds what is broken, says what to do, and shows no secret."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from motte.core.crypto import adv
from motte.core.crypto.curve import KeyPair
from motte.core.signal import group_cipher
from motte.core.signal.address import Address
from motte.core.signal.keys import PreKey, generate_prekeys
from motte.doctor import Finding, Level, examine, worst
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.message import Origin
from motte.store.batch import Batch
from motte.store.memory import MemoryBackend
from motte.store.repo.account import Credentials, KeptSignedPreKey, Link
from motte.store.repo.inbox import InboxEntry
from motte.store.store import Store

NOW = 1.7e9
PN, LID = Jid.parse("15550100001:3@s.whatsapp.net"), Jid.parse("200000000000001:3@lid")
GROUP = Jid.parse("120363000000000001@g.us")
PHONE = KeyPair.generate(os.urandom)


def linked() -> Credentials:
    """The credentials of a device that was linked just now."""
    fresh = Credentials.fresh(now=NOW, rng=os.urandom)
    issued = adv.DeviceIdentity(raw_id=1, timestamp=int(NOW), key_index=1)
    container = adv.issue_identity(PHONE, fresh.identity.public, fresh.adv_secret, issued, rng=os.urandom)
    opened = adv.open_identity(container, fresh.adv_secret, fresh.identity.public)
    identity = adv.countersign(opened, fresh.identity, rng=os.urandom).serialize(account_key=True)
    return replace(fresh, next_prekey_id=11, link=Link(jid=PN, lid=LID, identity=identity, linked_at=NOW))


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """The store of a healthy account."""
    async with await Store.open(MemoryBackend()) as store:
        batch = store.batch()
        store.account.put(batch, linked())
        await store.lids.learn(batch, [(PN, LID)])
        store.identities.put(batch, Address.of(LID.user_jid), PHONE.public)
        store.prekeys.put_many(batch, generate_prekeys(1, 10, os.urandom), uploaded=True)
        store.sender_keys.put(batch, GROUP, Address.of(LID), group_cipher.create(os.urandom))
        store.sender_keys.put_holders(batch, GROUP, [Jid.parse("200000000000002@lid")])
        store.appstate.put_version(batch, "regular", bytes(7) + b"\x01" + bytes(128))
        store.appstate.put_key(batch, b"id", b"\x0a\x20" + bytes(32))
        await store.commit(batch)
        yield store


async def changed(store: Store, change: Callable[[Batch], None]) -> list[Finding]:
    """What is found after a change, apart from what is well."""
    batch = store.batch()
    change(batch)
    await store.commit(batch)
    return [finding for finding in await examine(store, now=NOW + 60) if finding.level is not Level.OK]


async def test_a_healthy_account(store: Store) -> None:
    findings = await examine(store, now=NOW + 60)
    assert worst(findings) is Level.OK
    assert [finding.check for finding in findings] == [
        *("account", "keys", "link", "addresses", "prekeys", "sessions", "groups", "app state", "inbox", "clock")
    ]
    assert all(not finding.advice for finding in findings)


async def test_no_account_and_none_linked() -> None:
    async with await Store.open(MemoryBackend()) as store:
        [found] = await examine(store, now=NOW)
        assert (found.level, found.text) == (Level.BAD, "there is no account 'default' here")
        batch = store.batch()
        store.account.put(batch, Credentials.fresh(now=NOW, rng=os.urandom))
        await store.commit(batch)
        [found] = await examine(store, now=NOW)
        assert (found.level, found.text, found.advice) == (Level.BAD, "no phone is linked", "run motte login")


def _link(**changes: object) -> Callable[[Credentials], Credentials]:
    def change(credentials: Credentials) -> Credentials:
        assert credentials.link is not None
        return replace(credentials, link=replace(credentials.link, **changes))  # type: ignore[arg-type]

    return change


def _broken_pair(credentials: Credentials) -> Credentials:
    kept = credentials.signed_prekeys[0]
    pair = KeyPair(kept.key.pair.public, PHONE.private)
    return replace(credentials, signed_prekeys=(replace(kept, key=replace(kept.key, pair=pair)),))


CREDENTIALS: dict[str, tuple[Callable[[Credentials], Credentials], str, Level, str]] = {
    "another identity": (
        lambda one: replace(one, identity=KeyPair.generate(os.urandom)),
        "keys",
        Level.BAD,
        "did not sign",
    ),
    "half a key": (_broken_pair, "keys", Level.BAD, "do not belong together"),
    "an identity of somebody else": (_link(identity=b"\x0a\x00"), "link", Level.BAD, "does not vouch"),
    "no LID": (_link(lid=None), "addresses", Level.WARN, "LID is not known"),
    "another LID": (_link(lid=Jid.parse("5:3@lid")), "addresses", Level.WARN, "not mapped"),
    "an old signed prekey": (
        lambda one: replace(one, signed_prekeys=(KeptSignedPreKey(key=one.signed_prekey, created=NOW - 40 * 86400),)),
        "keys",
        Level.WARN,
        "40 days old",
    ),
    "a counter below": (lambda one: replace(one, next_prekey_id=10), "prekeys", Level.BAD, "beyond the next id, 10"),
    "linked tomorrow": (_link(linked_at=NOW + 86400), "clock", Level.BAD, "behind what has happened"),
}


@pytest.mark.parametrize(("change", "check", "level", "said"), CREDENTIALS.values(), ids=CREDENTIALS)
async def test_credentials(
    store: Store, change: Callable[[Credentials], Credentials], check: str, level: Level, said: str
) -> None:
    credentials = await store.account.get()
    assert credentials is not None
    found = await changed(store, lambda batch: store.account.put(batch, change(credentials)))
    assert any((one.check, one.level) == (check, level) and said in one.text and one.advice for one in found), found


def _inbox(store: Store, batch: Batch) -> None:
    key = MessageKey(chat=GROUP, sender=LID, id="3EB0", from_me=False)
    store.inbox.put(batch, 1, InboxEntry(key=key, timestamp=1, origin=Origin.LIVE, raw=b"a secret"))


def _five(store: Store, batch: Batch) -> None:
    for number in range(5):
        batch.put("devices", f"default/{number}", b"?")


STORES: dict[str, tuple[Callable[[Store, Batch], None], str, Level, str]] = {
    "another phone": (
        lambda store, batch: store.identities.put(batch, Address.of(LID.user_jid), bytes(32)),
        "addresses",
        Level.BAD,
        "not the account's",
    ),
    "prekeys that wait": (
        lambda store, batch: store.prekeys.put_many(batch, generate_prekeys(8, 3, os.urandom)),
        "prekeys",
        Level.WARN,
        "3 of 10",
    ),
    "half a prekey": (
        lambda store, batch: store.prekeys.put_many(
            batch, [PreKey(4, KeyPair(PHONE.public, bytes(32)))], uploaded=True
        ),
        "prekeys",
        Level.BAD,
        "1 prekeys do not belong",
    ),
    "a lost sender key": (
        lambda store, batch: store.sender_keys.delete(batch, GROUP, Address.of(LID)),
        "groups",
        Level.WARN,
        "of 1 groups is gone",
    ),
    "a collection": (
        lambda store, batch: store.appstate.put_version(batch, "regular_low", b"?"),
        "app state",
        Level.BAD,
        "regular_low cannot be read",
    ),
    "an app-state key": (
        lambda store, batch: store.appstate.put_key(batch, b"id", b"\xff"),
        "app state",
        Level.BAD,
        "1 of 1 keys",
    ),
    "a message": (_inbox, "inbox", Level.WARN, "1 messages were received"),
    "a session": (
        lambda store, batch: batch.put("sessions", "default/15550100002.0", b"\xff"),
        "sessions",
        Level.BAD,
        "1 rows cannot be read: 15550100002.0",
    ),
    "a sender key": (
        lambda store, batch: batch.put("sender_keys", f"default/{GROUP}|1.0", b"\xff"),
        "sender_keys",
        Level.BAD,
        "1 rows cannot be read",
    ),
    "many": (
        _five,
        "devices",
        Level.BAD,
        "5 rows cannot be read: 0, 1, 2 …",
    ),
    "the credentials": (
        lambda store, batch: batch.put("account", "default/credentials", b"\x01{"),
        "account",
        Level.BAD,
        "the credentials cannot be read",
    ),
}


@pytest.mark.parametrize(("change", "check", "level", "said"), STORES.values(), ids=STORES)
async def test_what_else_can_be_wrong(
    store: Store, change: Callable[[Store, Batch], None], check: str, level: Level, said: str
) -> None:
    batch = store.batch()
    change(store, batch)
    await store.commit(batch)
    # Another look at the same rows, so that nothing comes from a cache.
    found = await examine(Store(store.backend, store.name, None, owned=False), now=NOW + 60)
    assert any((one.check, one.level) == (check, level) and said in one.text for one in found), found
    assert all(one.advice for one in found if one.level is Level.BAD)


async def test_no_secret_is_shown(store: Store) -> None:
    credentials = await store.account.get()
    assert credentials is not None
    text = repr(await changed(store, lambda batch: _inbox(store, batch)))
    for secret in (credentials.noise.private, credentials.identity.private, credentials.adv_secret):
        assert secret.hex() not in text and repr(secret)[2:-1] not in text
    assert "a secret" not in text
