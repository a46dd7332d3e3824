"""How one attribute of an action stands in a mutation: in the index, or in the value.

    IndexForm   takes `size` parts of the index and gives the attribute, and back
    ValueForm   takes it from the action's message and puts it there

What cannot be read raises `ValueError`; then the whole action counts as unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, Protocol

from google.protobuf.message import Message

from motte.errors import InvalidJid
from motte.model.appstate.action import MessageRef
from motte.model.jid import Jid

YES: Final = "1"
NO: Final = "0"


def jid(text: str) -> Jid:
    """The JID that a text spells.

    Raises:
        ValueError: it is none.
    """
    try:
        return Jid.parse(text)
    except InvalidJid as error:
        raise ValueError(str(error)) from error


@dataclass(frozen=True, slots=True)
class IndexForm:
    """How `size` parts of an index are an attribute."""

    size: int
    read: Callable[[Sequence[str]], Any]
    write: Callable[[Any], tuple[str, ...]]


def _flag(parts: Sequence[str]) -> bool:
    if parts[0] not in (YES, NO):
        raise ValueError("neither 0 nor 1")
    return parts[0] == YES


def _message(parts: Sequence[str]) -> MessageRef:
    chat, id_, from_me, participant = parts
    return MessageRef(
        chat=jid(chat),
        id=id_,
        from_me=_flag([from_me]),
        participant=None if participant == NO else jid(participant).user_jid,
    )


def _named(ref: MessageRef) -> tuple[str, ...]:
    participant = NO if ref.participant is None or ref.from_me else str(ref.participant.user_jid)
    return str(ref.chat), ref.id, YES if ref.from_me else NO, participant


TEXT_PART: Final = IndexForm(1, lambda parts: parts[0], lambda text: (text,))
JID_PART: Final = IndexForm(1, lambda parts: jid(parts[0]), lambda who: (str(who),))
FLAG_PART: Final = IndexForm(1, _flag, lambda flag: (YES if flag else NO,))
MESSAGE_PART: Final = IndexForm(4, _message, _named)


class ValueForm(Protocol):
    """How an attribute is in the fields of a message."""

    def read(self, message: Any, name: str) -> Any:
        """The attribute. Raises `ValueError`."""
        ...

    def write(self, message: Any, name: str, value: Any) -> None:
        """Put it there."""
        ...


@dataclass(frozen=True, slots=True)
class Scalar:
    """A field that may be absent: then the attribute is `absent`, which is only written if `always`.

    `read_as` and `written_as` turn the field into the attribute and back.
    """

    absent: Any = None
    read_as: Callable[[Any], Any] = lambda raw: raw
    written_as: Callable[[Any], Any] = lambda value: value
    always: bool = False

    def read(self, message: Any, name: str) -> Any:
        """The attribute. Raises `ValueError`."""
        return self.read_as(getattr(message, name)) if message.HasField(name) else self.absent

    def write(self, message: Any, name: str, value: Any) -> None:
        """Put it there."""
        if self.always or value != self.absent:
            setattr(message, name, self.written_as(value))


@dataclass(frozen=True, slots=True)
class Part:
    """A message within the message, with rows of its own; absent if the attribute is None."""

    read_as: Callable[[Any], Any]
    fill: Callable[[Any, Any], None]

    def read(self, message: Any, name: str) -> Any:
        """The attribute. Raises `ValueError`."""
        return self.read_as(getattr(message, name)) if message.HasField(name) else None

    def write(self, message: Any, name: str, value: Any) -> None:
        """Put it there."""
        if value is not None:
            part = getattr(message, name)
            part.SetInParent()
            self.fill(part, value)


@dataclass(frozen=True, slots=True)
class Many:
    """A repeated field of scalars as a tuple."""

    read_as: Callable[[Any], Any] = lambda raw: raw
    written_as: Callable[[Any], Any] = lambda value: value

    def read(self, message: Any, name: str) -> Any:
        """The attribute. Raises `ValueError`."""
        return tuple(self.read_as(one) for one in getattr(message, name))

    def write(self, message: Any, name: str, value: Any) -> None:
        """Put it there."""
        getattr(message, name).extend(self.written_as(one) for one in value)


@dataclass(frozen=True, slots=True)
class ManyParts:
    """A repeated field of messages as a tuple."""

    read_as: Callable[[Any], Any]
    fill: Callable[[Any, Any], None]

    def read(self, message: Any, name: str) -> Any:
        """The attribute. Raises `ValueError`."""
        return tuple(self.read_as(one) for one in getattr(message, name))

    def write(self, message: Any, name: str, value: Any) -> None:
        """Put it there."""
        for one in value:
            self.fill(getattr(message, name).add(), one)


@dataclass(frozen=True, slots=True)
class Whole:
    """An attribute that several fields say together."""

    read_as: Callable[[Any], Any]
    fill: Callable[[Any, Any], None]

    def read(self, message: Any, name: str) -> Any:
        """The attribute. Raises `ValueError`."""
        return self.read_as(message)

    def write(self, message: Any, name: str, value: Any) -> None:
        """Put it there."""
        self.fill(message, value)


def one_of(kind: type[IntEnum]) -> Scalar:
    """A choice; None when the field is absent."""
    return Scalar(None, kind, int)


TEXT: Final = Scalar("")
NUMBER: Final = Scalar()
COUNT: Final = Scalar(0, always=True)
FLAG: Final = Scalar(False, always=True)
MAYBE: Final = Scalar()
BYTES: Final = Scalar()
JID: Final = Scalar(None, jid, str)
JIDS: Final = Many(jid, str)
TEXTS: Final = Many()
MILLISECONDS: Final = Scalar(None, lambda raw: raw // 1000, lambda seconds: seconds * 1000)
"""Milliseconds on the wire, seconds here."""


def raw(kind: type[Message]) -> Part:
    """A message as its bytes."""
    return Part(
        lambda message: message.SerializeToString(), lambda message, data: message.CopyFrom(kind.FromString(data))
    )
