"""What is known of people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from motte.model.appstate.action import Action
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEntry(Action):
    """A person in the account's address book.

    `user` is the address it is filed under, `lid` and `pn` the others that are told; `on_phone` if it is to be kept in
    the phone's own address book too.
    """

    user: Jid
    full_name: str = ""
    first_name: str = ""
    username: str = ""
    lid: Jid | None = None
    pn: Jid | None = None
    on_phone: bool | None = None

    @property
    def name(self) -> str:
        """What to call them; empty when nothing is known."""
        return self.full_name or self.first_name or self.username


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRemoved(Action):
    """A person is no longer in the address book."""

    user: Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class LidContact(Action):
    """A person in the address book who is known by LID alone."""

    user: Jid
    full_name: str = ""
    first_name: str = ""
    username: str = ""

    @property
    def name(self) -> str:
        """What to call them; empty when nothing is known."""
        return self.full_name or self.first_name or self.username


@dataclass(frozen=True, slots=True, kw_only=True)
class PnForLid(Action):
    """The phone number of a person who was known by LID."""

    lid: Jid
    pn: Jid | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOwnPn(Action):
    """The account showed its phone number to a person who is known by LID."""

    lid: Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMute(Action):
    """Status posts of a person are hidden, or not any more."""

    user: Jid
    muted: bool = True


class ChatStart(IntEnum):
    """Which address a chat begins with that is opened by username."""

    LID = 1
    PN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class UsernameChatStart(Action):
    """How a chat by username begins."""

    mode: ChatStart | None
