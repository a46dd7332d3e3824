"""Frames of an open connection, as `baileys/noise.mjs` does them."""

from __future__ import annotations

import time

from benchmarks.harness import Task, Timed, fixture, sample
from motte.core.binary.decoder import decode
from motte.core.noise.framing import FrameDecoder, frame
from motte.core.noise.transport import Transport

FRAMES = 2000
SIZES = {"300B": 300, "16KB": 16_384}
KEY = sample(32, 5)
CLOCK = time.perf_counter


def _ends() -> Transport:
    return Transport(KEY, KEY)


def _encrypt(size: int) -> Task:
    payload = sample(size, 9)
    return Task(lambda transport: frame(transport.seal(payload)), setup=_ends, bytes=size)


def _sealed(payload: bytes) -> list[bytes]:
    sender = _ends()
    return [sender.seal(payload) for _ in range(FRAMES)]


def _decrypt_all(sealed: list[bytes]) -> Timed:
    receiver = _ends()
    start = CLOCK()
    for ciphertext in sealed:
        receiver.open(ciphertext)
    return Timed(CLOCK() - start, FRAMES)


def _decrypt(size: int) -> Task:
    payload = sample(size, 9)
    return Task(_decrypt_all, setup=lambda: _sealed(payload), bytes=size, self_timed=True)


def _read_all(chunks: list[bytes]) -> Timed:
    """One WebSocket message per frame: cut, opened, decoded."""
    receiver, splitter = _ends(), FrameDecoder()
    read = 0
    start = CLOCK()
    for chunk in chunks:
        for ciphertext in splitter.feed(chunk):
            decode(receiver.open(ciphertext))
            read += 1
    spent = CLOCK() - start
    if read != FRAMES:
        raise ValueError("frames were lost")
    return Timed(spent, FRAMES)


TASKS = {
    **{f"noise.encrypt.{name}": _encrypt(size) for name, size in SIZES.items()},
    **{f"noise.decrypt.{name}": _decrypt(size) for name, size in SIZES.items()},
    "noise.decodeFrame.message": Task(
        _read_all, setup=lambda: [frame(sealed) for sealed in _sealed(fixture("node_message.bin"))], self_timed=True
    ),
}
