"""Received files: what is needed to fetch one, as JSON and back, and what it is called on this machine.

Nothing of a file's name here is the sender's to choose: it could be a path, or the name of another file.
"""

from __future__ import annotations

import base64
import binascii
import mimetypes
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from motte.core.media.kinds import MediaKind, kind_of
from motte.errors import InvalidJid
from motte.model.content import Document, Media
from motte.model.content.media import RemoteFile
from motte.model.jid import Jid
from motte.model.message import Content, MessageKey

_TEXTS: Final = ("direct_path", "mime_type", "url")
_BYTES: Final = ("file_sha256", "media_key", "enc_sha256")
_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,10}")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9-]")
_LONGEST: Final = 64
"""Letters of a message id in a file's name; they are 20 or 32 as a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file to fetch: where it is, of what kind, with which message it came, and what to call it."""

    file: RemoteFile
    kind: MediaKind
    key: MessageKey
    name: str


def described(content: Content, key: MessageKey) -> dict[str, Any] | None:
    """The file of a content as JSON, its key included; None when it has none."""
    file = content.file if isinstance(content, Media) else None
    if not isinstance(content, Media) or not isinstance(file, RemoteFile):
        return None
    texts = {field: getattr(file, field) for field in _TEXTS}
    secrets = {field: _text(getattr(file, field)) for field in _BYTES}
    numbers = {"size": file.size, "media_key_timestamp": file.media_key_timestamp}
    return {"kind": kind_of(content).value, "name": name(content, file, key), **texts, **numbers, **secrets}


def wanted(message: dict[str, Any]) -> Wanted:
    """The file of a message that `motte listen --json` printed.

    Raises:
        ValueError: it is not such a message, or has no file.
    """
    try:
        media = message["media"]
        key = MessageKey(
            chat=Jid.parse(message["chat"]),
            id=str(message["id"]),
            sender=Jid.parse(message["sender"]),
            from_me=bool(message["from_me"]),
        )
        file = RemoteFile(
            **{field: media[field] for field in (*_TEXTS, "size", "media_key_timestamp")},
            **{field: _bytes(media[field]) for field in _BYTES},
        )
        return Wanted(file=file, kind=MediaKind(media["kind"]), key=key, name=_plain_name(media["name"]))
    except (KeyError, TypeError, AttributeError, InvalidJid, binascii.Error) as error:
        raise ValueError("not a message with a file") from error


def name(content: Media, file: RemoteFile, key: MessageKey) -> str:
    """What to call a file: who sent it, with which message, and an ending that says what it is."""
    given = PurePosixPath(content.name or "").suffix if isinstance(content, Document) else ""
    ending = given if _SUFFIX.fullmatch(given) else mimetypes.guess_extension(file.mime_type.partition(";")[0].strip())
    return f"{_UNSAFE.sub('_', key.sender.user)}-{_UNSAFE.sub('_', key.id)[:_LONGEST]}{ending or '.bin'}"


def _plain_name(text: str) -> str:
    if PurePosixPath(text).name != text or "\\" in text or text in ("", ".", ".."):
        raise ValueError("a file's name is no path")
    return text


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _bytes(text: str | None) -> Any:
    return None if text is None else base64.b64decode(text, validate=True)
