"""A session as text, which fits into a file, a secret of a deployment, or a message to oneself.

    motte1:<base64url of a blob, no padding; white space anywhere in it is passed over>

    blob      00 | SHA-256 of what follows (32) | packed
              01 | log2 N | salt (16) | nonce (12) | AES-256-GCM of packed, the text's prefix and all before it as AAD
                   key = scrypt(passphrase in UTF-8, salt, N, r = 8, p = 1)
    packed    zlib of: JSON {"account", "exported", "tables": {name: count}}, then the rows, table by table in this
              order; the JSON, each key and each value stand behind their length (u32, big-endian)

The SHA-256 finds a text that was cut off or mistyped; who must not change or read it is kept out by a passphrase only.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from motte.core.crypto.rng import Rng
from motte.errors import ImportFailed, LocalProtocolError
from motte.store.backend import TABLES

PREFIX: Final = "motte1:"
MAX_PACKED: Final = 512 * 1024 * 1024
"""Bytes after inflating."""
COST: Final = 16
"""log2 of scrypt's N: 64 MB and about a fifth of a second."""
MAX_COST: Final = 18
_FAMILY: Final = "motte"
_PLAIN: Final = 0
_SEALED: Final = 1
_DIGEST_SIZE: Final = 32
_SALT_SIZE: Final = 16
_NONCE_SIZE: Final = 12
_HEAD_SIZE: Final = 2 + _SALT_SIZE + _NONCE_SIZE
_LENGTH: Final = struct.Struct(">I")

Rows: TypeAlias = Mapping[str, Mapping[str, bytes]]
"""Table → key → value, as `Store.rows` gives them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portable:
    """An account on its way: what it was called, when it was exported (unix seconds), and its rows."""

    account: str
    exported: float
    rows: Rows = field(repr=False)


def write(session: Portable, *, passphrase: str | None = None, rng: Rng) -> str:
    """The session as text, encrypted when there is a passphrase.

    Raises:
        LocalProtocolError: the passphrase is empty.
    """
    packed = _pack(session)
    if passphrase is None:
        blob = bytes((_PLAIN,)) + hashlib.sha256(packed).digest() + packed
    elif not passphrase:
        raise LocalProtocolError("the passphrase is empty")
    else:
        head = bytes((_SEALED, COST)) + rng(_SALT_SIZE + _NONCE_SIZE)
        blob = head + _cipher(head, passphrase).encrypt(head[-_NONCE_SIZE:], packed, PREFIX.encode() + head)
    return PREFIX + base64.urlsafe_b64encode(blob).rstrip(b"=").decode()


def is_sealed(text: str, *, source: str) -> bool:
    """Whether it takes a passphrase. Raises like `read`."""
    return _blob(text, source)[0] == _SEALED


def read(text: str, *, passphrase: str | None = None, source: str = "the session") -> Portable:
    """The session in a text.

    Args:
        text: what `write` gave.
        passphrase: the one that it was written with, if any.
        source: what an error calls it, such as the name of its file.

    Raises:
        ImportFailed: it is none, damaged, of a newer version, or the passphrase is missing or wrong.
    """
    blob = _blob(text, source)
    if blob[0] == _SEALED:
        packed = _unsealed(blob, passphrase, source)
    else:
        digest, packed = blob[1 : 1 + _DIGEST_SIZE], blob[1 + _DIGEST_SIZE :]
        if hashlib.sha256(packed).digest() != digest:
            raise ImportFailed(source, "it is damaged: a part is missing or was changed")
    try:
        return _unpack(packed)
    except ValueError as error:
        raise ImportFailed(source, str(error)) from None
    except RecursionError:
        raise ImportFailed(source, "its description is malformed") from None


def _blob(text: str, source: str) -> bytes:
    text = "".join(text.split())
    family, colon, body = text.partition(":")
    if not colon or not family.startswith(_FAMILY):
        raise ImportFailed(source, f"it is no exported session, which begins with {PREFIX}")
    if family + colon != PREFIX:
        raise ImportFailed(source, f"it has the format {family[:20]!r}, and this motte reads {PREFIX[:-1]!r}")
    try:
        blob = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        blob = b""
    if not blob or blob[0] not in (_PLAIN, _SEALED) or len(blob) <= _DIGEST_SIZE:
        raise ImportFailed(source, "it is damaged: a part is missing or was changed")
    return blob


def _unsealed(blob: bytes, passphrase: str | None, source: str) -> bytes:
    if not passphrase:
        raise ImportFailed(source, "it is encrypted; give its passphrase")
    head = blob[:_HEAD_SIZE]
    if head[1] > MAX_COST:
        raise ImportFailed(source, "its encryption costs more than this version of motte is willing to pay")
    try:
        return _cipher(head, passphrase).decrypt(head[-_NONCE_SIZE:], blob[_HEAD_SIZE:], PREFIX.encode() + head)
    except (InvalidTag, ValueError):
        raise ImportFailed(source, "the passphrase is wrong, or it is damaged") from None


def _cipher(head: bytes, passphrase: str) -> AESGCM:
    salt = head[2 : 2 + _SALT_SIZE]
    return AESGCM(Scrypt(salt=salt, length=32, n=2 ** head[1], r=8, p=1).derive(passphrase.encode()))


def _pack(session: Portable) -> bytes:
    tables = {table: len(rows) for table, rows in session.rows.items()}
    about = {"account": session.account, "exported": session.exported, "tables": tables}
    fields = [json.dumps(about).encode()]
    for rows in session.rows.values():
        for key, value in rows.items():
            fields += (key.encode(), value)
    return zlib.compress(b"".join(_LENGTH.pack(len(one)) + one for one in fields), 9)


def _unpack(packed: bytes) -> Portable:
    fields = _Fields(_inflate(packed))
    about = _about(fields.next())
    rows = {
        table: {fields.next().decode(): fields.next() for _ in range(count)} for table, count in about["tables"].items()
    }
    fields.end()
    return Portable(account=about["account"], exported=float(about["exported"]), rows=rows)


def _about(data: bytes) -> dict[str, Any]:
    about = json.loads(data)
    shape = {"account": str, "exported": int | float, "tables": dict}
    if not isinstance(about, dict) or not all(isinstance(about.get(name), kind) for name, kind in shape.items()):
        raise ValueError("its description is malformed")
    if unknown := sorted(about["tables"].keys() - set(TABLES)):
        raise ValueError(f"it was written by a newer motte: it holds {', '.join(unknown)[:80]}")
    if not all(isinstance(count, int) and 0 <= count <= MAX_PACKED for count in about["tables"].values()):
        raise ValueError("its description is malformed")
    return about


def _inflate(packed: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(packed, MAX_PACKED)
    except zlib.error:
        raise ValueError("what is in it cannot be unpacked") from None
    if not inflater.eof or inflater.unused_data:
        raise ValueError("it is too large, or more than it should be")
    return data


class _Fields:
    """Fields behind their lengths. Raises: `ValueError`."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def next(self) -> bytes:
        start = self._at + _LENGTH.size
        if start > len(self._data):
            raise ValueError("a row is missing")
        self._at = start + _LENGTH.unpack_from(self._data, self._at)[0]
        if self._at > len(self._data):
            raise ValueError("a row is cut off")
        return self._data[start : self._at]

    def end(self) -> None:
        if self._at != len(self._data):
            raise ValueError("there is something behind its rows")
