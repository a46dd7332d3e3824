"""What is kept of content, and read from it again."""

from __future__ import annotations

from typing import Final

from google.protobuf.message import DecodeError

from motte.core.message.compose import message as composed
from motte.core.message.parse import parse
from motte.errors import LocalProtocolError, RemoteProtocolError
from motte.model.content import Comment, Content, Edit, Encrypted, Said, UnsupportedContent
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.proto.e2e_pb2 import Message as RawMessage

_TEXTS: Final = ("text", "caption", "title", "name", "file_name", "description", "address", "body", "footer")
"""The fields of content in which somebody would look for words."""


def is_shown(content: Content) -> bool:
    """Whether a message is one of its own in the chat, and neither done to another nor for the client alone."""
    if isinstance(content, UnsupportedContent):
        return content.kind != "unknown" and not content.kind.startswith(("protocolMessage", "stub."))
    return isinstance(content, Said | Comment)


def searchable(content: Content) -> str | None:
    """The words of a message."""
    if isinstance(content, Comment):
        return searchable(content.content)
    said = (getattr(content, name, None) for name in _TEXTS)
    options = getattr(content, "options", ())
    words = [one for one in (*said, *options) if isinstance(one, str) and one]
    return "\n".join(words) or None


def read(raw: bytes, key: MessageKey, me: Me, *, stub: str | None = None) -> Content:
    """The content of a kept message."""
    try:
        content = parse(RawMessage.FromString(raw), key=key, me=me).content
    except (DecodeError, RemoteProtocolError):
        content = None
    if isinstance(content, Edit):
        content = content.content
    return content or UnsupportedContent(stub or "unknown")


def edited_raw(content: Content, raw: bytes, key: MessageKey, me: Me) -> bytes | None:
    """An edit as it is kept: as it came, or when that is encrypted what it says; None when it cannot be written."""
    if not isinstance(_inside(raw, key, me), Encrypted | UnsupportedContent):
        return raw
    try:
        return composed(content, chat=key.chat, now=0, rng=bytes).SerializeToString()
    except LocalProtocolError:
        return None


def _inside(raw: bytes, key: MessageKey, me: Me) -> Content:
    try:
        return parse(RawMessage.FromString(raw), key=key, me=me).content or UnsupportedContent("unknown")
    except (DecodeError, RemoteProtocolError):
        return UnsupportedContent("unknown")
