"""Signal: sessions, sender keys, prekeys and the curve, as `baileys/{signal,group,prekeys}.mjs` do them.

Baileys' side reads and writes its key store around each step, in memory and without JSON; ours keeps records as
objects, as the engine does.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from itertools import count

from benchmarks.harness import Task, Timed, sample
from motte.core.crypto import curve
from motte.core.crypto.curve import KeyPair
from motte.core.signal import group_cipher, keys, session
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.identity import OwnIdentity
from motte.core.signal.keys import PreKey
from motte.core.signal.record import SessionRecord
from motte.core.signal.sender_key import SenderKeyRecord
from motte.core.signal.wire import PreKeySignalMessage

PLAIN = sample(120, 77)
RNG = os.urandom
CLOCK = time.perf_counter
NOW = 1_700_000_000.0


class User:
    """A device with its keys; its prekeys are handed out one after the other."""

    def __init__(self) -> None:
        self.own = OwnIdentity(pair=KeyPair.generate(RNG), registration_id=keys.generate_registration_id(RNG))
        self.signed = keys.generate_signed_prekey(self.own.pair, 1, RNG)
        self.prekeys: dict[int, PreKey] = {}
        self._ids = count(1)

    def bundle(self) -> PreKeyBundle:
        prekey = PreKey(next(self._ids), KeyPair.generate(RNG))
        self.prekeys[prekey.id] = prekey
        return PreKeyBundle(
            registration_id=self.own.registration_id,
            identity=self.own.pair.public,
            signed_prekey_id=1,
            signed_prekey=self.signed.pair.public,
            signature=self.signed.signature,
            prekey_id=prekey.id,
            prekey=prekey.pair.public,
        )


@dataclass
class End:
    """One end of a session."""

    user: User
    record: SessionRecord = field(default_factory=SessionRecord)

    def encrypt(self) -> tuple[str, bytes]:
        encrypted = session.encrypt(self.record, PLAIN, own=self.user.own)
        self.record = encrypted.record
        return encrypted.kind, encrypted.body

    def decrypt(self, kind: str, body: bytes) -> None:
        if kind == "msg":
            decrypted = session.decrypt(self.record, body, own=self.user.own, rng=RNG, now=NOW)
        else:
            decrypted = _decrypt_prekey(self.user, self.record, body)
        assert len(decrypted.plaintext) == len(PLAIN)
        self.record = decrypted.record


def _decrypt_prekey(user: User, record: SessionRecord | None, body: bytes) -> session.Decrypted:
    message = PreKeySignalMessage.parse(body)
    prekey = user.prekeys.pop(message.prekey_id or 0, None)
    return session.decrypt_prekey(
        record, message, own=user.own, signed_prekey=user.signed, prekey=prekey, rng=RNG, now=NOW
    )


def pair() -> tuple[End, End]:
    a, b = End(User()), End(User())
    a.record = session.start(None, b.user.bundle(), own=a.user.own, rng=RNG, now=NOW)
    for sender, receiver in ((a, b), (b, a), (a, b)):
        receiver.decrypt(*sender.encrypt())
    return a, b


def ping_pong(ends: tuple[End, End], what: str, messages: int = 50) -> Timed:
    a, b = ends
    encrypting = decrypting = 0.0
    for number in range(messages):
        sender, receiver = (b, a) if number & 1 else (a, b)
        start = CLOCK()
        kind, body = sender.encrypt()
        middle = CLOCK()
        receiver.decrypt(kind, body)
        end = CLOCK()
        encrypting += middle - start
        decrypting += end - middle
    return Timed(encrypting if what == "e" else decrypting, messages)


def aged(messages: int) -> tuple[End, End]:
    ends = pair()
    ping_pong(ends, "e", messages)
    return ends


def burst(ends: tuple[End, End], what: str, messages: int = 100) -> Timed:
    a, b = ends
    start = CLOCK()
    sent = [a.encrypt() for _ in range(messages)]
    middle = CLOCK()
    for kind, body in sent:
        b.decrypt(kind, body)
    end = CLOCK()
    a.decrypt(*b.encrypt())
    return Timed(middle - start if what == "e" else end - middle, messages)


def set_up(users: tuple[User, User], what: str, sessions: int = 20) -> Timed:
    a, b = users
    bundles = [b.bundle() for _ in range(sessions)]
    start = CLOCK()
    sent = [
        session.encrypt(session.start(None, bundle, own=a.own, rng=RNG, now=NOW), PLAIN, own=a.own).body
        for bundle in bundles
    ]
    middle = CLOCK()
    for body in sent:
        assert len(_decrypt_prekey(b, None, body).plaintext) == len(PLAIN)
    end = CLOCK()
    return Timed(middle - start if what == "e" else end - middle, sessions)


def fan_out_set_up() -> tuple[User, list[SessionRecord]]:
    a, b = User(), User()
    return a, [session.start(None, b.bundle(), own=a.own, rng=RNG, now=NOW) for _ in range(500)]


def fan_out(context: tuple[User, list[SessionRecord]]) -> Timed:
    a, records = context
    start = CLOCK()
    sent = [session.encrypt(record, PLAIN, own=a.own) for record in records]
    spent = CLOCK() - start
    records[:] = [encrypted.record for encrypted in sent]
    return Timed(spent, len(records))


@dataclass
class Group:
    """A sender key and what one member made of it."""

    own: SenderKeyRecord
    member: SenderKeyRecord


def fresh_group() -> Group:
    own = group_cipher.create(RNG)
    return Group(own, group_cipher.process(None, group_cipher.distribution(own)))


def group_encrypt(group: Group, messages: int = 50) -> Timed:
    start = CLOCK()
    for _ in range(messages):
        group.own, _ = group_cipher.encrypt(group.own, PLAIN, RNG)
    return Timed(CLOCK() - start, messages)


def aged_group() -> Group:
    group = fresh_group()
    group_encrypt(group, 2000)
    return group


def group_decrypt(group: Group, *, every: int, messages: int = 50) -> Timed:
    bodies = []
    for number in range(messages * every):
        group.own, body = group_cipher.encrypt(group.own, PLAIN, RNG)
        if number % every == 0:
            bodies.append(body)
    start = CLOCK()
    for body in bodies:
        group.member, plaintext = group_cipher.decrypt(group.member, body)
        assert len(plaintext) == len(PLAIN)
    return Timed(CLOCK() - start, messages)


_KEY, _OTHER = KeyPair.generate(RNG), KeyPair.generate(RNG)
_SIGNED = curve.prefixed(_OTHER.public)
_SIGNATURE = curve.sign(_KEY.private, _SIGNED, RNG)
_users = (User(), User())

TASKS = {
    "signal.pingpong.encrypt": Task(lambda: ping_pong(pair(), "e"), self_timed=True),
    "signal.pingpong.decrypt": Task(lambda: ping_pong(pair(), "d"), self_timed=True),
    "signal.pingpong.encrypt.aged500": Task(
        lambda ends: ping_pong(ends, "e", 10), setup=lambda: aged(500), self_timed=True, cold=True
    ),
    "signal.pingpong.decrypt.aged500": Task(
        lambda ends: ping_pong(ends, "d", 10), setup=lambda: aged(500), self_timed=True, cold=True
    ),
    "signal.burst100.encrypt": Task(lambda ends: burst(ends, "e"), setup=pair, self_timed=True),
    "signal.burst100.decrypt": Task(lambda ends: burst(ends, "d"), setup=pair, self_timed=True),
    "signal.x3dh.outgoing": Task(
        lambda: set_up(_users, "e"), self_timed=True, note="with the signature check that Baileys leaves out"
    ),
    "signal.x3dh.incoming": Task(lambda: set_up(_users, "d"), self_timed=True),
    "signal.fanout500.encrypt": Task(fan_out, setup=fan_out_set_up, self_timed=True),
    "curve.keygen": Task(lambda: KeyPair.generate(RNG)),
    "curve.dh": Task(lambda: curve.agree(_KEY.private, _OTHER.public)),
    "curve.sign": Task(lambda: curve.sign(_KEY.private, _SIGNED, RNG)),
    "curve.verify": Task(lambda: curve.check_signature(_KEY.public, _SIGNED, _SIGNATURE, "the sample")),
    "group.encrypt.fresh": Task(lambda: group_encrypt(fresh_group()), self_timed=True),
    "group.encrypt.aged2000": Task(
        lambda group: group_encrypt(group, 20), setup=aged_group, self_timed=True, cold=True
    ),
    "group.decrypt.gapless": Task(lambda group: group_decrypt(group, every=1), setup=fresh_group, self_timed=True),
    "group.decrypt.fromBaileys": Task(lambda: group_decrypt(fresh_group(), every=2), self_timed=True),
    "prekeys.generate812": Task(lambda: keys.generate_prekeys(1, 812, RNG), per=812),
}
