"""Fuzzed around files: what media hosts and phones send, and what is looked at in a file before it is sent."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256

from motte.core.crypto.aead import gcm_encrypt
from motte.core.crypto.kdf import hkdf
from motte.core.media import ogg, retry, sniff
from motte.core.media.cipher import Checker, Decryptor, Digests, Encryptor, Reader
from motte.core.media.keys import MediaKeys
from motte.core.media.kinds import MediaKind
from motte.core.media.parts import Range
from motte.core.media.retry import SealedRetry
from motte.errors import MediaError, MediaUnavailable, RemoteProtocolError
from tests.fuzz.seeded import seeded

MEDIA_KEY = seeded("media")(32)
KEYS = MediaKeys.derive(MEDIA_KEY, MediaKind.VIDEO)
FILE = seeded("file")(70)
ID = "3EB0C0FFEE"
RETRY_KEY = hkdf(MEDIA_KEY, 32, info=b"WhatsApp Media Retry Notification")
IV = bytes(12)


def sealed(data: bytes) -> tuple[bytes, Digests]:
    """A file as it is uploaded, and what a message says of it."""
    writer = Encryptor(KEYS, sidecar=True)
    writer.digest(data)
    encrypted = bytes(writer.update(data)) + writer.finish()
    return encrypted, writer.digests()


ENCRYPTED, DIGESTS = sealed(FILE)


def read(reader: Reader, data: bytes, allowed: bytes | None) -> None:
    """Read it in two pieces; only one content may be handed over, or any when that is None."""
    cut = data[0] if data else 0
    with suppress(MediaError):
        out = bytearray()
        for piece in (data[:cut], data[cut:]):
            reader.digest(piece)
            out += reader.update(piece)
        out += reader.finish()
        if allowed is not None and out != allowed:
            raise AssertionError("a file that is another one was handed over")


def fuzz_media(data: bytes) -> None:
    """What a host sends instead of a file, as it comes and under a right MAC; and instead of a part of one."""
    read(Decryptor(KEYS, DIGESTS), data, FILE)
    read(Checker(Digests(size=len(FILE), file_sha256=sha256(FILE).digest())), data, FILE)
    signed = data + hmac.digest(KEYS.mac, KEYS.iv + data, "sha256")[:10]
    read(Decryptor(KEYS, Digests(size=0, file_sha256=DIGESTS.file_sha256)), signed, FILE)
    part = Range(start=3, stop=40, size=len(FILE))
    assert DIGESTS.sidecar is not None
    with suppress(MediaError):
        if part.decrypt(KEYS, data, DIGESTS.sidecar) != FILE[3:40]:
            raise AssertionError("a part that is another one was handed over")


def fuzz_media_retry(data: bytes) -> None:
    """A phone's answer, as it comes and as what was encrypted."""
    for ciphertext in (data, gcm_encrypt(RETRY_KEY, IV, data, ID.encode())):
        with suppress(RemoteProtocolError, MediaUnavailable):
            retry.read(SealedRetry(ciphertext, IV), ID, MEDIA_KEY)


def fuzz_sniff(data: bytes) -> None:
    """The first and the last bytes of a file: any kind or none, any length or none."""
    sniff.mime_type(data)
    length = ogg.seconds(data, data)
    if length is not None and length <= 0:
        raise AssertionError("a sound of no length")


TARGETS: dict[str, Callable[[bytes], None]] = {
    "media": fuzz_media,
    "media_retry": fuzz_media_retry,
    "sniff": fuzz_sniff,
}
