"""A person, under both addresses and by all names that are known."""

from __future__ import annotations

from dataclasses import dataclass

from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person: the phone number `pn` and the `lid`, as far as they were learnt, and what they are called.

    `saved_name` (with `first_name`) is given by the account, `push_name` by themselves, `verified_name` is that of
    a business, `username` one by which they can be found. Each is empty when it is not known.
    """

    pn: Jid | None
    lid: Jid | None
    saved_name: str = ""
    first_name: str = ""
    push_name: str = ""
    verified_name: str = ""
    username: str = ""

    @property
    def jid(self) -> Jid:
        """The address to write to: the LID where it is known."""
        jid = self.lid or self.pn
        assert jid is not None  # one of them is what the person was asked for by
        return jid

    @property
    def name(self) -> str:
        """What to call them: as saved, else as a business, else as they call themselves, else the number."""
        names = (self.saved_name, self.verified_name, self.push_name, self.username)
        return next((name for name in names if name), f"+{self.pn.user}" if self.pn else str(self.jid))

    @property
    def is_saved(self) -> bool:
        """Whether they are one of the account's contacts."""
        return bool(self.saved_name)

    def is_called(self, jid: Jid) -> bool:
        """Whether a JID, of whichever device, is an address of this person."""
        return jid.user_jid in (self.pn, self.lid)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCheck:
    """What the server says of a phone number: whether it is on WhatsApp, and its addresses if so.

    `is_business` is whether it has a verified business name, which `verified_name` is where it could be read.
    """

    number: str
    exists: bool
    jid: Jid | None = None
    lid: Jid | None = None
    is_business: bool = False
    verified_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A person's about text; empty when it is hidden from the account or unset. `set_at` is unix seconds."""

    user: Jid
    text: str
    set_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultTimer:
    """After how many seconds the messages of a person's new chats disappear (0: never); `set_at` is unix seconds."""

    user: Jid
    seconds: int
    set_at: int | None = None
