"""A device for tests: own keys, records of its peers, and randomness that repeats."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from motte.core.crypto.curve import KeyPair
from motte.core.signal import keys, session
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.identity import OwnIdentity
from motte.core.signal.keys import PreKey, SignedPreKey
from motte.core.signal.record import SessionRecord
from motte.core.signal.wire import PreKeySignalMessage

NOW = 1_700_000_000.0


class SeededRng:
    """A stream of bytes that is the same in each run."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._count = 0

    def __call__(self, length: int) -> bytes:
        self._count += 1
        return hashlib.shake_256(b"%s %d" % (self._seed, self._count)).digest(length)


@dataclass
class Device:
    """One side of a conversation with a single peer."""

    name: str
    record: SessionRecord | None = None
    now: float = NOW
    used_prekeys: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = SeededRng(self.name)
        self.own = OwnIdentity(pair=KeyPair.generate(self.rng), registration_id=keys.generate_registration_id(self.rng))
        self.signed: dict[int, SignedPreKey] = {1: keys.generate_signed_prekey(self.own.pair, 1, self.rng)}
        self.prekeys: dict[int, PreKey] = {prekey.id: prekey for prekey in keys.generate_prekeys(1, 60, self.rng)}

    def bundle(self, prekey_id: int | None = 1) -> PreKeyBundle:
        signed = self.signed[max(self.signed)]
        return PreKeyBundle(
            registration_id=self.own.registration_id,
            identity=self.own.pair.public,
            signed_prekey_id=signed.id,
            signed_prekey=signed.pair.public,
            signature=signed.signature,
            prekey_id=prekey_id,
            prekey=None if prekey_id is None else self.prekeys[prekey_id].pair.public,
        )

    def start(self, bundle: PreKeyBundle) -> None:
        self.record = session.start(self.record, bundle, own=self.own, rng=self.rng, now=self.now)

    def send(self, plaintext: bytes) -> tuple[str, bytes]:
        assert self.record is not None
        encrypted = session.encrypt(self.record, plaintext, own=self.own)
        self.record = encrypted.record
        return encrypted.kind, encrypted.body

    def receive(self, kind: str, body: bytes) -> bytes:
        decrypted = self.try_receive(kind, body)
        self.record = decrypted.record
        if decrypted.prekey_id is not None:
            self.used_prekeys.append(decrypted.prekey_id)
        return decrypted.plaintext

    def try_receive(self, kind: str, body: bytes) -> session.Decrypted:
        """Decrypts without keeping the result."""
        if kind == "msg":
            return session.decrypt(self.record or SessionRecord(), body, own=self.own, rng=self.rng, now=self.now)
        message = PreKeySignalMessage.parse(body)
        return session.decrypt_prekey(
            self.record,
            message,
            own=self.own,
            signed_prekey=self.signed.get(message.signed_prekey_id),
            prekey=None if message.prekey_id is None else self.prekeys.get(message.prekey_id),
            rng=self.rng,
            now=self.now,
        )


def pair() -> tuple[Device, Device]:
    """Two devices with an established session, both past their first answer."""
    alice, bob = Device("alice"), Device("bob")
    alice.start(bob.bundle())
    assert bob.receive(*alice.send(b"hello")) == b"hello"
    assert alice.receive(*bob.send(b"hi")) == b"hi"
    return alice, bob
