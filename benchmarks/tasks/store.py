"""Persistence, as `baileys/store.mjs` does it with Baileys' own file store: everything reaches the disk's file system.

Neither side waits for the disk itself. Baileys leaves its files to the system's write-back, SQLite in WAL mode with
`synchronous=NORMAL` does the same between checkpoints; unlike the files, its batches survive a crash whole.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.harness import Task, Timed
from benchmarks.tasks.signal import CLOCK, NOW, PLAIN, RNG, User, pair
from motte.core.signal import session
from motte.core.signal.address import Address
from motte.core.signal.keys import PreKey, generate_prekeys
from motte.core.signal.record import SessionRecord
from motte.core.signal.wire import PreKeySignalMessage
from motte.store.codec import Codec
from motte.store.store import Store
from motte.store.table import Space, Table

SESSIONS = 500
BURST = 50
PEERS = [Address(f"1555010{number:04d}", 0) for number in range(SESSIONS)]


@dataclass
class Disk:
    """A store in a folder of its own."""

    folder: Path
    store: Store

    @classmethod
    async def make(cls) -> Disk:
        folder = Path(tempfile.mkdtemp(prefix="bench-store-"))
        return cls(folder, await Store.open(folder / "bot.db"))

    async def remove(self) -> None:
        await self.store.close()
        shutil.rmtree(self.folder)


@dataclass
class Sessions:
    """Real records to write in turn, so that no write repeats what is stored, and a table that has no cache."""

    disk: Disk
    records: list[SessionRecord]
    uncached: Table[SessionRecord]
    turn: count[int]


async def sessions() -> Sessions:
    disk, records = await Disk.make(), [pair()[0].record for _ in range(7)]
    codec = Codec(SessionRecord.serialize, SessionRecord.parse)
    uncached = Space(disk.store.backend, disk.store.name).table("sessions", codec, cached=0)
    context = Sessions(disk, records, uncached, count())
    for _ in range(SESSIONS):
        await set_session(context)
    return context


async def set_session(context: Sessions) -> None:
    turn, store = next(context.turn), context.disk.store
    batch = store.batch()
    store.sessions.put(batch, PEERS[turn % SESSIONS], context.records[turn % 7])
    await store.commit(batch)


async def get_session(context: Sessions) -> None:
    assert await context.uncached.get(str(PEERS[next(context.turn) % SESSIONS])) is not None


async def get_cached_session(context: Sessions) -> None:
    assert await context.disk.store.sessions.get(PEERS[next(context.turn) % SESSIONS]) is not None


@dataclass
class Keys:
    """Two sets of prekeys to write in turn."""

    disk: Disk
    sets: list[list[PreKey]]
    turn: count[int]


async def prekeys() -> Keys:
    return Keys(await Disk.make(), [generate_prekeys(1, 812, RNG) for _ in range(2)], count())


async def set_prekeys(context: Keys) -> None:
    batch = context.disk.store.batch()
    context.disk.store.prekeys.put_many(batch, context.sets[next(context.turn) % 2])
    await context.disk.store.commit(batch)


class Device:
    """A device whose sessions and prekeys are in a file."""

    def __init__(self, disk: Disk, address: Address) -> None:
        self.disk = disk
        self.store = disk.store
        self.address = address
        self.user = User()

    async def open(self, peer: Device) -> None:
        bundle = peer.user.bundle()
        batch = peer.store.batch()
        peer.store.prekeys.put_many(batch, peer.user.prekeys.values())
        await peer.store.commit(batch)
        batch = self.store.batch()
        record = session.start(None, bundle, own=self.user.own, rng=RNG, now=NOW)
        self.store.sessions.put(batch, peer.address, record)
        await self.store.commit(batch)

    async def encrypt(self, peer: Device) -> session.Encrypted:
        record = await self.store.sessions.get(peer.address)
        assert record is not None
        encrypted = session.encrypt(record, PLAIN, own=self.user.own)
        batch = self.store.batch()
        self.store.sessions.put(batch, peer.address, encrypted.record)
        await self.store.commit(batch)
        return encrypted

    async def decrypt(self, peer: Device, message: session.Encrypted) -> None:
        batch = self.store.batch()
        record = await self.store.sessions.get(peer.address, batch)
        if message.kind == "msg" and record is not None:
            decrypted = session.decrypt(record, message.body, own=self.user.own, rng=RNG, now=NOW)
        else:
            decrypted = await self._decrypt_prekey(record, message.body)
            self.store.prekeys.delete(batch, decrypted.prekey_id or 0)
        assert decrypted.plaintext == PLAIN
        self.store.sessions.put(batch, peer.address, decrypted.record)
        await self.store.commit(batch)

    async def _decrypt_prekey(self, record: SessionRecord | None, body: bytes) -> session.Decrypted:
        message = PreKeySignalMessage.parse(body)
        prekey = await self.store.prekeys.get(message.prekey_id or 0)
        return session.decrypt_prekey(
            record, message, own=self.user.own, signed_prekey=self.user.signed, prekey=prekey, rng=RNG, now=NOW
        )


Ends = tuple[Device, Device]


async def devices() -> Ends:
    a, b = Device(await Disk.make(), PEERS[0]), Device(await Disk.make(), PEERS[1])
    await a.open(b)
    for sender, receiver in ((a, b), (b, a), (a, b)):
        await receiver.decrypt(sender, await sender.encrypt(receiver))
    return a, b


async def burst(ends: Ends, what: str) -> Timed:
    a, b = ends
    start = CLOCK()
    sent = [await a.encrypt(b) for _ in range(BURST)]
    middle = CLOCK()
    for message in sent:
        await b.decrypt(a, message)
    end = CLOCK()
    await a.decrypt(b, await b.encrypt(a))
    return Timed(middle - start if what == "e" else end - middle, BURST)


async def burst_encrypt(ends: Ends) -> Timed:
    return await burst(ends, "e")


async def burst_decrypt(ends: Ends) -> Timed:
    return await burst(ends, "d")


async def remove(context: Sessions | Keys) -> None:
    await context.disk.remove()


async def remove_ends(ends: Ends) -> None:
    for end in ends:
        await end.disk.remove()


TASKS = {
    "store.session.set": Task(set_session, setup=sessions, teardown=remove, note="one commit each"),
    "store.session.get": Task(get_session, setup=sessions, teardown=remove, note="read and parsed, no cache"),
    "store.session.get.cached": Task(get_cached_session, setup=sessions, teardown=remove, note="as the client does"),
    "store.prekeys812.set": Task(set_prekeys, setup=prekeys, teardown=remove, per=812, note="one commit"),
    "signal.burst50.encrypt.persisted": Task(
        burst_encrypt, setup=devices, teardown=remove_ends, self_timed=True, note="one commit per message"
    ),
    "signal.burst50.decrypt.persisted": Task(
        burst_decrypt, setup=devices, teardown=remove_ends, self_timed=True, note="one commit per message"
    ),
}
