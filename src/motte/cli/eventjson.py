"""Events as JSON objects, one a line. Keys are only ever added; a reader ignores those that it does not know.

Every object has `event`. Times are unix seconds; JIDs are text. The ones that programs read most:

    message        id, chat, sender, sender_alt, from_me, push_name, timestamp, origin (live | offline | history),
                   kind (text, image, reaction, …; what motte does not read has its name in the schema), text,
                   quoted (the id of the quoted message), mentions, content (the fields of other kinds than text),
                   media (its file: kind, mime_type, size, and what `motte media get` needs, the file's own key
                   included), recovered
    message_sent   the same without recovered: this client has sent it
    history_received  kind, order, progress, last, messages (each like a message), chats, contacts, mappings, …
    undecryptable  id, chat, sender, from_me, timestamp, origin, reason, attempt, final
    receipt        kind (delivered | read | played | …), chat, sender, ids, timestamp, by_me
    connected      jid, lid
    disconnected   code, reason, cause, text, action, delay, attempt
    qr             text, index, total, expires_in
    pairing_code   code, expires_in
    paired         jid, lid, platform, business_name
    app_state      kind (mute, archive, label_edit, …), action (its fields), collection, timestamp, initial, own
    group          kind (subject_changed, participants_added, …), group, by, by_alt, timestamp, change (its fields)

Any other event is its class's name in snake_case with its fields; bytes are left out, since they may be keys.
Only `media` has one: whoever reads a message may see its file.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

from motte import events
from motte.cli import mediafile
from motte.model.content.context import InContext
from motte.model.jid import Jid
from motte.model.message import Content, Message, MessageKey, Text, UnsupportedContent

Json = dict[str, Any]


def line(event: events.Event) -> str:
    """The event as one line of JSON, in ASCII."""
    return dumps(as_json(event))


def dumps(value: Json) -> str:
    """One line of JSON, in ASCII whatever is in it, so that it survives every terminal and encoding."""
    return json.dumps(value)


def as_json(event: events.Event) -> Json:
    """The event as the object that the top of this module describes."""
    for known, (name, told) in _KNOWN.items():
        if isinstance(event, known):
            return {"event": name, **told(event)}
    return {"event": _snake(type(event).__name__), **fields(event)}


def kind(content: Content) -> str:
    """The name of a kind of content: `text`, `voice_note`, or its name in the schema when it is not read."""
    return content.kind if isinstance(content, UnsupportedContent) else _snake(type(content).__name__)


def _message(event: events.MessageReceived) -> Json:
    return {**_said(event.message), "recovered": event.recovered}


def _sent(event: events.MessageSent) -> Json:
    return _said(event.message)


def _said(message: Message) -> Json:
    content = message.content
    context = content if isinstance(content, InContext) else InContext()
    return {
        **_key(message.key),
        "sender_alt": _plain(message.sender_alt),
        "push_name": message.push_name,
        "timestamp": message.timestamp,
        "origin": message.origin.value,
        "kind": kind(content),
        "text": message.text,
        "quoted": context.quoted.id if context.quoted else None,
        "mentions": [str(jid) for jid in context.mentions],
        "content": None if isinstance(content, Text | UnsupportedContent) else _plain(content),
        "media": mediafile.described(content, message.key),
    }


def _history(event: events.HistoryReceived) -> Json:
    return {**fields(event), "messages": [_message(message) for message in event.messages]}


def _undecryptable(event: events.MessageUndecryptable) -> Json:
    more = fields(event)
    del more["key"]
    return {**_key(event.key), **more}


def _receipt(event: events.ReceiptReceived) -> Json:
    return fields(event.receipt)


def _group(event: events.GroupChanged) -> Json:
    return {"kind": _snake(type(event.change).__name__), **fields(event)}


def _app_state(event: events.AppStateChanged) -> Json:
    return {"kind": _snake(type(event.action).__name__), **fields(event)}


def _disconnected(event: events.Disconnected) -> Json:
    return {
        "code": event.code,
        "reason": event.reason.name.lower() if event.reason else None,
        "cause": event.cause.value,
        "text": event.text,
        "action": event.action.value,
        "delay": event.delay,
        "attempt": event.attempt,
    }


def _key(key: MessageKey) -> Json:
    return {"id": key.id, "chat": str(key.chat), "sender": str(key.sender), "from_me": key.from_me}


def fields(value: Any) -> Json:
    """The fields of a value, as JSON; bytes and what its class hides stay out."""
    # What the class hides from its repr is not for others to see either.
    shown = [field.name for field in dataclasses.fields(value) if field.repr]
    return {name: _plain(getattr(value, name)) for name in shown if not isinstance(getattr(value, name), bytes)}


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case Jid():
            return str(value)
        case Mapping():
            return {str(name): _plain(item) for name, item in value.items() if not isinstance(item, bytes)}
        case tuple() | list() | frozenset() | set():
            return [_plain(item) for item in value if not isinstance(item, bytes)]
        case _ if dataclasses.is_dataclass(value):
            return fields(value)
        case _:
            return str(value)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


_KNOWN: Final[Mapping[type[events.Event], tuple[str, Callable[[Any], Json]]]] = {
    events.MessageReceived: ("message", _message),
    events.MessageSent: ("message_sent", _sent),
    events.HistoryReceived: ("history_received", _history),
    events.MessageUndecryptable: ("undecryptable", _undecryptable),
    events.ReceiptReceived: ("receipt", _receipt),
    events.GroupChanged: ("group", _group),
    events.AppStateChanged: ("app_state", _app_state),
    events.Disconnected: ("disconnected", _disconnected),
    events.QrCode: ("qr", fields),
}
