"""An incoming 1:1 text, from the frame's bytes to the parsed message, as `baileys/pipeline.mjs` does it.

Frame → Noise → node → stanza → Signal → protobuf → content. Without the socket, the store and the events; Baileys' side
reads and writes its key store in memory.
"""

from __future__ import annotations

import os
import time

from benchmarks.harness import Task, Timed, sample
from benchmarks.tasks.signal import End, pair
from motte.core.binary.decoder import decode
from motte.core.binary.encoder import encode
from motte.core.binary.node import Node
from motte.core.message import parse
from motte.core.noise.framing import FrameDecoder, frame
from motte.core.noise.transport import Transport
from motte.core.signal import session
from motte.core.stanza.message import IncomingMessage
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid
from motte.model.me import Me
from motte.proto.e2e_pb2 import Message

MESSAGES = 100
SENDER = "173658291047365@lid"
TEXT = "hello there, how are you today? this is a typical message"
ME = Me(pn=Jid.parse("15550100001:1@s.whatsapp.net"), lid=Jid.parse("173658291047366:1@lid"))
CLOCK = time.perf_counter


def _padded_message() -> bytes:
    message = Message(conversation=TEXT)
    message.messageContextInfo.messageSecret = sample(32, 1)
    return message.SerializeToString() + b"\x05" * 5


PLAIN = _padded_message()


def _frames(sender: End, noise: Transport) -> list[bytes]:
    frames = []
    for number in range(MESSAGES):
        encrypted = session.encrypt(sender.record, PLAIN, own=sender.user.own)
        sender.record = encrypted.record
        attrs = {"from": SENDER, "type": "text", "t": "1716300000", "notify": "Alice"}
        attrs["id"] = f"3EB0AABBCCDDEEFF00{1000 + number}"
        enc = Node("enc", {"v": "2", "type": encrypted.kind}, encrypted.body)
        frames.append(frame(noise.seal(encode(Node("message", attrs, (enc,))))))
    return frames


def burst(ends: tuple[End, End]) -> Timed:
    a, b = ends
    key = sample(32, 5)
    frames = _frames(a, Transport(key, key))
    noise, splitter = Transport(key, key), FrameDecoder()
    texts = []
    start = CLOCK()
    for data in frames:
        for payload in splitter.feed(data):
            incoming = IncomingMessage.read(Reader(decode(noise.open(payload))), ME)
            body = incoming.encs[0].data
            decrypted = session.decrypt(b.record, body, own=b.user.own, rng=os.urandom, now=0.0)
            b.record = decrypted.record
            texts.append(parse.parse(parse.decode(decrypted.plaintext), key=incoming.key, me=ME).content)
    seconds = CLOCK() - start
    assert len(texts) == MESSAGES
    assert getattr(texts[-1], "text", None) == TEXT
    a.decrypt(*b.encrypt())  # the next burst turns the ratchet once
    return Timed(seconds, MESSAGES)


TASKS = {"pipeline.incoming.burst": Task(burst, setup=pair, self_timed=True)}
