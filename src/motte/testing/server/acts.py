"""What can be asked of a phone over HTTP: `POST /admin/mock-phone/<act>` with a JSON object; one table of functions.

    {"phone": "Ann", "to": "1203…01@g.us", "text": "hi"}          send           → {"id": "3A…"}
    {"phone": "Ann", "message": "3A…", "emoji": "👍"}              react          → {"id": "3A…"}
    {"phone": "Ann", "group": "1203…01@g.us", "people": ["Bob"]}  add, remove, … → {"statuses": {"…@lid": 200}}
    {"phone": "Ann", "chat": "Bob", "on": true}                   pin, archive, … → {}      see `acts_state`
    {"phone": "Ann", "who": "Bob"}                                block, …       → {}      see `acts_account`

`phone` (in `send` also `from`) says whose phone acts; people are named by name, number or JID.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from motte.testing.server.acts_account import ACCOUNT_ACTS
from motte.testing.server.acts_state import STATE_ACTS, STATE_KINDS
from motte.testing.server.phone import Phone
from motte.testing.server.reader import Refused

Json: TypeAlias = dict[str, Any]
Act: TypeAlias = Callable[..., Json]
"""Takes a phone and the arguments of the request; gives the answer."""


def _send(phone: Phone, to: str, text: str) -> Json:
    return {"id": phone.mail.send_text(to, text)}


def _react(phone: Phone, message: str, emoji: str = "") -> Json:
    return {"id": phone.acts.react(message, emoji)}


def _edit(phone: Phone, message: str, text: str) -> Json:
    return {"id": phone.acts.edit(message, text)}


def _revoke(phone: Phone, message: str) -> Json:
    return {"id": phone.acts.revoke(message)}


def _poll(phone: Phone, to: str, question: str, options: Sequence[str], choices: int = 1) -> Json:
    return {"id": phone.acts.poll(to, question, options, choices=choices)}


def _vote(phone: Phone, message: str, options: Sequence[str] = ()) -> Json:
    return {"id": phone.acts.vote(message, *options)}


def _create(phone: Phone, subject: str, people: Sequence[str] = ()) -> Json:
    return {"group": str(phone.groups.create(subject, people))}


def _members(action: str) -> Act:
    def act(phone: Phone, group: str, people: Sequence[str]) -> Json:
        return {"statuses": getattr(phone.groups, action)(group, *people)}

    return act


def _leave(phone: Phone, group: str) -> Json:
    phone.groups.leave(group)
    return {}


def _subject(phone: Phone, group: str, subject: str) -> Json:
    phone.groups.set_subject(group, subject)
    return {}


def _description(phone: Phone, group: str, text: str = "") -> Json:
    phone.groups.set_description(group, text)
    return {}


def _setting(phone: Phone, group: str, setting: str) -> Json:
    phone.groups.set(group, setting)
    return {}


def _timer(phone: Phone, group: str, seconds: int) -> Json:
    phone.groups.set_timer(group, seconds)
    return {}


def _approval(phone: Phone, group: str, on: bool) -> Json:
    phone.groups.set_approval(group, on)
    return {}


def _invite_code(phone: Phone, group: str, revoke: bool = False) -> Json:
    return {"code": phone.groups.invite_code(group, revoke=revoke)}


def _join(phone: Phone, code: str) -> Json:
    return {"group": str(phone.groups.join(code))}


ACTS: Final[Mapping[str, Act]] = {
    **STATE_ACTS,
    **ACCOUNT_ACTS,
    "send": _send,
    "react": _react,
    "edit": _edit,
    "revoke": _revoke,
    "poll": _poll,
    "vote": _vote,
    "create-group": _create,
    "add": _members("add"),
    "remove": _members("remove"),
    "promote": _members("promote"),
    "demote": _members("demote"),
    "approve": _members("approve"),
    "reject": _members("reject"),
    "leave": _leave,
    "subject": _subject,
    "description": _description,
    "setting": _setting,
    "timer": _timer,
    "approval": _approval,
    "invite-code": _invite_code,
    "join": _join,
}


def perform(phone: Phone, name: str, arguments: Mapping[str, Any]) -> Json:
    """Have a phone do something; `Refused(404)` for an act that there is not, `Refused(400)` for wrong arguments."""
    act = ACTS.get(name)
    if act is None:
        raise Refused(404, f"the acts of a phone are {', '.join(ACTS)}")
    for argument, value in arguments.items():
        kind = _KINDS.get(argument, str)
        texts = value if isinstance(value, list) else []
        if not isinstance(value, kind) or not all(isinstance(text, str) for text in texts):
            raise Refused(400, f"the argument {argument[:40]!r} is not of the type {kind.__name__}")
    try:
        return act(phone, **arguments)
    except TypeError as error:
        raise Refused(400, str(error)) from error


_KINDS: Final[Mapping[str, type]] = {
    **STATE_KINDS,
    "people": list,
    "options": list,
    "choices": int,
    "seconds": int,
    "on": bool,
    "revoke": bool,
}
"""The arguments that are no text."""
