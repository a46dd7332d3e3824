"""Acts over HTTP that concern the account's state and its past (`acts` says how they are called).

{"phone": "Ann", "chat": "Bob", "until": 1900000000}           mute
{"phone": "Ann", "index": ["pin_v1", "…@lid"], "action": {"pinAction": {"pinned": true}}}     mutation
{"phone": "Ann"}                                               app-state → what the phone understands, as JSON
{"phone": "Ann", "chats": 20, "messages": 1000}                seed      a made-up past
{"phone": "Ann", "chat": "Bob", "texts": ["hi", "hello"]}      seed-chat → {"ids": ["3EB0…", "3EB0…"]}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError

from motte.proto.history_pb2 import Conversation
from motte.proto.sync_action_pb2 import SyncActionValue
from motte.testing.server.reader import Refused

if TYPE_CHECKING:
    from motte.testing.server.phone import Phone

Json: TypeAlias = dict[str, Any]


def _mute(phone: Phone, chat: str, until: int | None = None) -> Json:
    phone.chats.mute(chat, until=until)
    return {}


def _switch(name: str) -> Callable[..., Json]:
    def act(phone: Phone, chat: str, on: bool = True) -> Json:
        getattr(phone.chats, name)(chat, on)
        return {}

    return act


def _clear(phone: Phone, chat: str) -> Json:
    phone.chats.clear(chat)
    return {}


def _delete_chat(phone: Phone, chat: str) -> Json:
    phone.chats.delete(chat)
    return {}


def _star(phone: Phone, message: str, on: bool = True) -> Json:
    phone.chats.star(message, on)
    return {}


def _delete_for_me(phone: Phone, message: str) -> Json:
    phone.chats.delete_for_me(message)
    return {}


def _contact(phone: Phone, who: str, name: str = "") -> Json:
    phone.chats.contact(who, name)
    return {}


def _label(phone: Phone, label: str, name: str, color: int = 0) -> Json:
    phone.chats.label(label, name, color=color)
    return {}


def _label_chat(phone: Phone, label: str, chat: str, on: bool = True) -> Json:
    phone.chats.label_chat(label, chat, on)
    return {}


def _push_name(phone: Phone, name: str) -> Json:
    phone.chats.push_name(name)
    return {}


def _mutation(
    phone: Phone, index: Sequence[str], action: Json, collection: str = "", version: int = 0, remove: bool = False
) -> Json:
    if not index:
        raise Refused(400, "an index has parts")
    if remove:
        phone.state.remove(tuple(index), collection=collection, version=version)
    else:
        phone.state.set(tuple(index), _parsed(action, SyncActionValue()), collection=collection, version=version)
    return {}


def _app_state(phone: Phone) -> Json:
    versions = {name: book.version for name, book in phone.state.books.items()}
    entries = [
        {"collection": name, "index": list(index), "action": MessageToDict(value)}
        for name, index, value in phone.state.entries()
    ]
    return {"versions": versions, "entries": entries, "fatal": list(phone.state.fatal)}


def _renew_key(phone: Phone) -> Json:
    return {"key": phone.state.renew_key().id.hex()}


def _share_keys(phone: Phone) -> Json:
    phone.share_keys()
    return {}


def _seed(phone: Phone, chats: int = 10, messages: int = 1000) -> Json:
    if chats < 1:
        raise Refused(400, "messages need a chat")
    phone.history.past.fill(chats, messages)
    return {}


def _seed_chat(
    phone: Phone, chat: str, texts: Sequence[str] = (), by: str = "", conversation: Json | None = None
) -> Json:
    seeded = phone.history.past.chat(chat)
    seeded.head.MergeFrom(_parsed(conversation or {}, Conversation()))
    return {"ids": [seeded.text(text, by=by).key.id for text in texts]}


def _push_history(phone: Phone) -> Json:
    phone.history.push()
    return {}


def _parsed(fields: Json, into: Any) -> Any:
    try:
        return ParseDict(fields, into)
    except ParseError as error:
        raise Refused(400, str(error)) from error


STATE_ACTS: Final[Mapping[str, Callable[..., Json]]] = {
    "mute": _mute,
    "pin": _switch("pin"),
    "archive": _switch("archive"),
    "read": _switch("read"),
    "lock": _switch("lock"),
    "clear": _clear,
    "delete-chat": _delete_chat,
    "star": _star,
    "delete-for-me": _delete_for_me,
    "contact": _contact,
    "label": _label,
    "label-chat": _label_chat,
    "push-name": _push_name,
    "mutation": _mutation,
    "app-state": _app_state,
    "renew-key": _renew_key,
    "share-keys": _share_keys,
    "seed": _seed,
    "seed-chat": _seed_chat,
    "push-history": _push_history,
}
STATE_KINDS: Final[Mapping[str, type]] = {
    "until": int,
    "color": int,
    "version": int,
    "chats": int,
    "messages": int,
    "index": list,
    "texts": list,
    "action": dict,
    "conversation": dict,
    "remove": bool,
}
"""The arguments that are no text."""
