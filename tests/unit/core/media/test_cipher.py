"""Files through the ciphers: every size round a border, and whatever can be wrong with them."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from motte.core.media.cipher import Checker, Decryptor, Digests, Encryptor, Hasher, Reader, Writer, encrypted_size
from motte.core.media.keys import MediaKeys
from motte.core.media.kinds import FACTS, MediaKind, upload_path
from motte.core.media.parts import Range
from motte.core.media.sidecar import MAC_SIZE, PART
from motte.errors import LocalProtocolError, MediaError
from motte.testing.rng import SeededRng

KEY = bytes(range(32))
KEYS = MediaKeys.derive(KEY, MediaKind.VIDEO)


def through(writer: Writer, data: bytes, step: int) -> tuple[bytes, Digests]:
    out = bytearray()
    for start in range(0, len(data), step):
        piece = data[start : start + step]
        writer.digest(piece)
        out += writer.update(piece)
    out += writer.finish()
    return bytes(out), writer.digests()


def back(reader: Reader, data: bytes, step: int) -> bytes:
    out = bytearray()
    for start in range(0, len(data), step):
        piece = data[start : start + step]
        reader.digest(piece)
        out += reader.update(piece)
    return bytes(out + reader.finish())


def sealed(data: bytes) -> tuple[bytes, Digests]:
    return through(Encryptor(KEYS, sidecar=True), data, 1000)


@pytest.mark.parametrize("size", [0, 1, 9, 10, 15, 16, 17, 31, 32, 1000, PART - 1, PART, PART + 1, 3 * PART + 7])
@pytest.mark.parametrize("step", [1000, 4096, 1 << 20])
def test_a_file_comes_back_whatever_its_size_and_its_pieces(size: int, step: int) -> None:
    data = SeededRng(f"file {size}")(size)
    encrypted, digests = through(Encryptor(KEYS, sidecar=True), data, step)
    assert len(encrypted) == encrypted_size(size)
    assert digests.size == size
    assert digests.file_sha256 == hashlib.sha256(data).digest()
    assert digests.enc_sha256 == hashlib.sha256(encrypted).digest()
    assert back(Decryptor(KEYS, digests), encrypted, step) == data
    assert digests.sidecar is not None
    assert len(digests.sidecar) == -(-(16 + len(encrypted)) // PART) * MAC_SIZE


def test_one_byte_at_a_time() -> None:
    encrypted, digests = sealed(b"a small file, but longer than a block")
    assert back(Decryptor(KEYS, digests), encrypted, 1) == b"a small file, but longer than a block"


@pytest.mark.parametrize("cut", [1, 10, 16, 26])
def test_a_truncated_file_is_refused(cut: int) -> None:
    encrypted, digests = sealed(bytes(100))
    with pytest.raises(MediaError):
        back(Decryptor(KEYS, digests), encrypted[:-cut], 50)
    with pytest.raises(MediaError):
        back(Decryptor(KEYS, digests), b"", 50)


def test_a_file_that_goes_on_is_refused_before_it_has_ended() -> None:
    encrypted, digests = sealed(bytes(100))
    reader = Decryptor(KEYS, digests)
    reader.update(encrypted)
    with pytest.raises(MediaError) as caught:
        reader.update(b"x")
    assert caught.value.check == "size"


@pytest.mark.parametrize("place", [0, 50, -11, -1])
def test_a_changed_byte_is_found(place: int) -> None:
    encrypted, digests = sealed(bytes(100))
    changed = bytearray(encrypted)
    changed[place] ^= 1
    with pytest.raises(MediaError) as caught:
        back(Decryptor(KEYS, digests), bytes(changed), 50)
    assert caught.value.check == "mac"


def test_another_key_is_found() -> None:
    encrypted, digests = sealed(bytes(100))
    with pytest.raises(MediaError) as caught:
        back(Decryptor(MediaKeys.derive(KEY, MediaKind.IMAGE), digests), encrypted, 50)
    assert caught.value.check == "mac"


@pytest.mark.parametrize(
    ("lie", "check"),
    [({"file_sha256": bytes(32)}, "file_sha256"), ({"enc_sha256": bytes(32)}, "enc_sha256"), ({"size": 101}, "size")],
)
def test_a_message_that_lies_about_its_file_is_found(lie: dict[str, object], check: str) -> None:
    encrypted, digests = sealed(bytes(100))
    with pytest.raises(MediaError) as caught:
        back(Decryptor(KEYS, replace(digests, **lie)), encrypted, 50)  # type: ignore[arg-type]
    assert caught.value.check == check


def test_a_size_that_is_not_told_is_not_checked() -> None:
    encrypted, digests = sealed(bytes(100))
    assert back(Decryptor(KEYS, replace(digests, size=0)), encrypted, 50) == bytes(100)


def test_wrong_padding_under_a_right_mac_is_refused() -> None:
    class Careless(Encryptor):
        """Writes padding that is none."""

        def finish(self) -> bytes:
            last = bytes(self._sealed(self._cipher.update(b"\x11" * 16)))
            mac = self._mac.digest()[:MAC_SIZE]
            self._encrypted.update(mac)
            return last + mac

    encrypted, digests = through(Careless(KEYS), bytes(32), 16)
    with pytest.raises(MediaError) as caught:
        back(Decryptor(KEYS, digests), encrypted, 16)
    assert caught.value.check == "padding"


def test_files_that_are_not_encrypted_are_checked_too() -> None:
    data, digests = through(Hasher(), b"a picture for everybody", 5)
    assert (data, digests.size, digests.enc_sha256) == (b"a picture for everybody", 23, None)
    assert back(Checker(digests), data, 5) == data
    for wrong in (data[:-1], data + b"x", b"A" + data[1:]):
        with pytest.raises(MediaError):
            back(Checker(digests), wrong, 5)


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (0, 1),
        (0, PART),
        (1, PART + 1),
        (PART, PART + 1),
        (PART - 1, 2 * PART),
        (2 * PART, 3 * PART + 7),
        (100, 196_615),
    ],
)
def test_a_range_is_read_without_the_rest(start: int, stop: int) -> None:
    size = 3 * PART + 7
    data = SeededRng("range")(size)
    encrypted, digests = sealed(data)
    part = Range(start=start, stop=stop, size=size)
    assert digests.sidecar is not None
    piece = encrypted[part.begin : part.end]
    assert len(piece) <= (stop - start) + 2 * PART + 16
    assert part.decrypt(KEYS, piece, digests.sidecar) == data[start:stop]
    for bad in (piece[:-1], bytes((piece[0] ^ 1,)) + piece[1:], piece[:-1] + bytes((piece[-1] ^ 1,))):
        with pytest.raises(MediaError):
            part.decrypt(KEYS, bad, digests.sidecar)
    with pytest.raises(MediaError):
        part.decrypt(KEYS, piece, digests.sidecar[: part.first_part * MAC_SIZE])


@pytest.mark.parametrize(("start", "stop"), [(-1, 1), (5, 5), (6, 5), (0, 101)])
def test_a_range_that_is_none_is_refused(start: int, stop: int) -> None:
    with pytest.raises(LocalProtocolError):
        Range(start=start, stop=stop, size=100)


def test_every_kind_has_keys_or_none_and_a_place() -> None:
    assert set(FACTS) == set(MediaKind)
    assert len({MediaKeys.derive(KEY, kind).cipher for kind, facts in FACTS.items() if facts.keys}) == 13
    with pytest.raises(LocalProtocolError):
        MediaKeys.derive(KEY, MediaKind.PRODUCT_IMAGE)
    with pytest.raises(MediaError):
        MediaKeys.derive(KEY[:-1], MediaKind.IMAGE)
    assert upload_path(MediaKind.STICKER) == "/mms/image"
    assert upload_path(MediaKind.VIDEO, newsletter=True) == "/newsletter/newsletter-video"
    assert upload_path(MediaKind.APP_STATE, newsletter=True) == ""


def test_no_key_shows_itself() -> None:
    assert KEYS.cipher.hex() not in repr(KEYS)
    assert repr(KEYS.mac) not in repr(KEYS)
