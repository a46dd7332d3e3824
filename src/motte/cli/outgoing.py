"""What `motte send` sends: a text, a file, a place, a poll, or a reaction, out of what was typed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from motte.cli.exits import CliError, Exit
from motte.client.features.messages import address
from motte.core.media.sniff import HEAD, OPUS, mime_type
from motte.model.content import Audio, Document, Image, Location, Poll, Reaction, Sticker, Video, VideoNote, VoiceNote
from motte.model.jid import Jid
from motte.model.me import Me
from motte.model.message import Content, MessageKey, Text
from motte.model.status import StatusPost

STDIN: Final = "-"
ME: Final = "me"


class Kind(StrEnum):
    """As what a file is sent."""

    IMAGE = "image"
    VIDEO = "video"
    VIDEO_NOTE = "video-note"
    GIF = "gif"
    AUDIO = "audio"
    VOICE = "voice"
    DOCUMENT = "document"
    STICKER = "sticker"


_BY_MIME: Final = {
    "image/jpeg": Kind.IMAGE,
    "image/png": Kind.IMAGE,
    "image/webp": Kind.STICKER,
    "video/mp4": Kind.VIDEO,
    "video/3gpp": Kind.VIDEO,
    "audio/mpeg": Kind.AUDIO,
    "audio/mp4": Kind.AUDIO,
    "audio/aac": Kind.AUDIO,
    "audio/amr": Kind.AUDIO,
    "audio/ogg": Kind.AUDIO,
    OPUS: Kind.VOICE,
}
"""What phones show as more than a document. Animated GIFs they do not: a `gif` is a silent MP4."""

_CAPTIONED: Final[dict[Kind, Callable[[Path, str], Content]]] = {
    Kind.IMAGE: lambda path, caption: Image(file=path, caption=caption),
    Kind.VIDEO: lambda path, caption: Video(file=path, caption=caption),
    Kind.GIF: lambda path, caption: Video(file=path, caption=caption, gif=True),
    Kind.DOCUMENT: lambda path, caption: Document(file=path, caption=caption),
}
_BARE: Final[dict[Kind, Callable[[Path], Content]]] = {
    Kind.VIDEO_NOTE: lambda path: VideoNote(file=path),
    Kind.AUDIO: lambda path: Audio(file=path),
    Kind.VOICE: lambda path: VoiceNote(file=path),
    Kind.STICKER: lambda path: Sticker(file=path),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed, as far as it says what to send."""

    text: str | None = None
    file: Path | None = None
    caption: str | None = None
    kind: Kind | None = None
    location: tuple[float, float] | None = None
    poll: str | None = None
    options: tuple[str, ...] = ()
    select: int | None = None
    react: tuple[str, str] | None = None
    reply_to: str | None = None
    quote: str | None = None
    by: str | None = None
    status: bool = False
    audience: tuple[str, ...] = ()


def checked(typed: Typed) -> Typed:
    """The same, if it makes sense, with the text of standard input. Raises `CliError`."""
    things = [typed.text, typed.file, typed.location, typed.poll, typed.react]
    if sum(thing is not None for thing in things) != 1:
        raise _wrong("say one thing to send: TEXT, --file, --location, --poll or --react")
    for option, given, needs in (
        ("--caption", typed.caption is not None, typed.file is not None),
        ("--kind", typed.kind is not None, typed.file is not None),
        ("--option", bool(typed.options), typed.poll is not None),
        ("--select", typed.select is not None, typed.poll is not None),
        ("--quote", typed.quote is not None, typed.reply_to is not None),
        ("--by", typed.by is not None, typed.reply_to is not None or typed.react is not None),
        ("--reply-to", typed.reply_to is not None, typed.react is None),
        ("--for", bool(typed.audience), typed.status and typed.react is None and typed.reply_to is None),
    ):
        if given and not needs:
            raise _wrong(f"{option} does not go with what is sent; `motte send --help` tells with what it does")
    if typed.poll is not None:
        _check_poll(typed)
    if typed.text is None:
        return typed
    text = sys.stdin.read() if typed.text == STDIN else typed.text
    if not text.strip():
        raise _wrong("there is no text to send")
    return replace(typed, text=text)


def _check_poll(typed: Typed) -> None:
    if len(typed.options) < 2 or len(set(typed.options)) != len(typed.options):
        raise _wrong("a poll needs at least two different options; repeat --option")
    if (typed.select or 0) > len(typed.options):
        raise _wrong(f"nobody can --select {typed.select} of {len(typed.options)} options")


def content(typed: Typed, chat: Jid, me: Me) -> Content | StatusPost:
    """What goes out.

    Raises:
        InvalidJid: somebody that a status is for is no person.
        CliError: a file cannot have a caption, or it is not known who wrote a message.
        OSError: a file cannot be read.
    """
    said = _said(typed, chat, me)
    if not typed.audience:
        return said
    return StatusPost(content=said, audience=tuple(address(one) for one in typed.audience))


def _said(typed: Typed, chat: Jid, me: Me) -> Content:
    if typed.file is not None:
        return _file(typed.file, typed.kind or guessed(typed.file), typed.caption)
    if typed.location is not None:
        latitude, longitude = typed.location
        return Location(latitude=latitude, longitude=longitude)
    if typed.poll is not None:
        return Poll(name=typed.poll, options=typed.options, selectable=typed.select or 0)
    if typed.react is not None:
        message_id, emoji = typed.react
        return Reaction(target=named(message_id, typed.by, chat, me), emoji=emoji)
    return Text(text=typed.text or "")


def guessed(path: Path) -> Kind:
    """What a file is, by its first bytes. Raises `OSError`."""
    with path.open("rb") as file:
        return _BY_MIME.get(mime_type(file.read(HEAD)) or "", Kind.DOCUMENT)


def _file(path: Path, kind: Kind, caption: str | None) -> Content:
    if kind in _CAPTIONED:
        return _CAPTIONED[kind](path, caption or "")
    if caption:
        raise _wrong(f"a file of kind {kind} has no caption; send it as another --kind, or the words as a text")
    return _BARE[kind](path)


def named(message_id: str, by: str | None, chat: Jid, me: Me) -> MessageKey:
    """The key of a message in `chat`, written `by` somebody: by default the other person. Raises `CliError`."""
    from_me = by == ME
    if from_me:
        sender = me.lid if chat.is_lid and me.lid is not None else me.pn
    elif by is not None:
        sender = address(by)
    elif chat.is_user:
        sender = chat
    else:
        raise _wrong("say with --by who wrote that message: a number, a JID, or me")
    return MessageKey(chat=chat, id=message_id, sender=sender.user_jid, from_me=from_me)


def _wrong(sentence: str) -> CliError:
    return CliError(sentence, Exit.USAGE)
