"""For all files and all ways to cut them: streaming is the same as at once, and what was changed is found."""

from __future__ import annotations

import hashlib
import hmac
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from motte.core.media.cipher import Checker, Decryptor, Digests, Encryptor, Hasher, Reader, Writer
from motte.core.media.keys import MediaKeys
from motte.core.media.kinds import MediaKind
from motte.core.media.parts import Range
from motte.core.media.sidecar import MAC_SIZE, PART
from motte.errors import MediaError
from motte.testing.rng import SeededRng

KEYS = MediaKeys.derive(bytes(range(32)), MediaKind.VIDEO)
sizes = st.integers(0, 200) | st.sampled_from([PART - 27, PART - 16, PART - 1, PART, PART + 1, 3 * PART + 5])
cuts = st.lists(st.integers(0, 4 * PART), max_size=12) | st.lists(st.integers(0, 250), max_size=40)


def content(size: int) -> bytes:
    return SeededRng(f"file {size}")(size)


def pieces(data: bytes, at: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(place for place in at if place < len(data))})
    return [data[start:stop] for start, stop in pairwise(places)]


def written(writer: Writer, parts: list[bytes]) -> tuple[bytes, Digests]:
    out = bytearray()
    for part in parts:
        writer.digest(part)
        out += writer.update(part)
    out += writer.finish()
    return bytes(out), writer.digests()


def read(reader: Reader, parts: list[bytes]) -> bytes:
    out = bytearray()
    for part in parts:
        reader.digest(part)
        out += reader.update(part)
    return bytes(out) + reader.finish()


def at_once(data: bytes) -> tuple[bytes, Digests]:
    """The same by the book, with nothing of what is tested."""
    pad = 16 - len(data) % 16
    cipher = Cipher(algorithms.AES(KEYS.cipher), modes.CBC(KEYS.iv)).encryptor()
    ciphertext = cipher.update(data + bytes((pad,)) * pad)
    body = ciphertext + hmac.digest(KEYS.mac, KEYS.iv + ciphertext, "sha256")[:10]
    stream = KEYS.iv + body
    macs = [hmac.digest(KEYS.mac, stream[n : n + PART + 16], "sha256")[:10] for n in range(0, len(stream), PART)]
    return body, Digests(
        size=len(data),
        file_sha256=hashlib.sha256(data).digest(),
        enc_sha256=hashlib.sha256(body).digest(),
        sidecar=b"".join(macs),
    )


@settings(deadline=None)
@given(size=sizes, at=cuts, back_at=cuts)
def test_streaming_is_the_same_as_at_once(size: int, at: list[int], back_at: list[int]) -> None:
    data = content(size)
    body, digests = written(Encryptor(KEYS, sidecar=True), pieces(data, at))
    assert (body, digests) == at_once(data)
    assert read(Decryptor(KEYS, digests), pieces(body, back_at)) == data
    plain, of_plain = written(Hasher(), pieces(data, at))
    assert read(Checker(of_plain), pieces(plain, back_at)) == data


@settings(deadline=None)
@given(size=sizes, at=cuts, place=st.integers(0, 4 * PART), bit=st.integers(0, 7))
def test_a_changed_bit_is_found(size: int, at: list[int], place: int, bit: int) -> None:
    body, digests = at_once(content(size))
    changed = bytearray(body)
    changed[place % len(body)] ^= 1 << bit
    with pytest.raises(MediaError):
        read(Decryptor(KEYS, digests), pieces(bytes(changed), at))


@settings(deadline=None)
@given(size=sizes, at=cuts, kept=st.integers(0, 4 * PART), more=st.binary(max_size=40))
def test_another_length_is_found(size: int, at: list[int], kept: int, more: bytes) -> None:
    body, digests = at_once(content(size))
    other = body[: kept % (len(body) + 1)] + more
    assume(other != body)
    with pytest.raises(MediaError):
        read(Decryptor(KEYS, digests), pieces(other, at))


@settings(deadline=None)
@given(size=sizes.filter(bool), first=st.integers(0, 4 * PART), second=st.integers(0, 4 * PART), flip=st.booleans())
def test_a_range_is_that_part_of_the_file(size: int, first: int, second: int, flip: bool) -> None:
    data = content(size)
    body, digests = at_once(data)
    assert digests.sidecar is not None
    assert len(digests.sidecar) == -(-(16 + len(body)) // PART) * MAC_SIZE
    start = min(first, second) % size
    part = Range(start=start, stop=min(size, max(first, second) + 1, start + PART * 2), size=size)
    sent = bytearray(body[part.begin : part.end])
    if flip:
        sent[first % len(sent)] ^= 1
        with pytest.raises(MediaError):
            part.decrypt(KEYS, bytes(sent), digests.sidecar)
    else:
        assert part.decrypt(KEYS, bytes(sent), digests.sidecar) == data[part.start : part.stop]
