"""Notifications about people: their entries in the address book, their numbers, how long their new chats keep messages.

<notification type="contacts" from="…@s.whatsapp.net" …><update jid="…@lid"/></notification>         (or hash="ABCD")
<notification type="contacts" …><modify old="…@s.whatsapp.net" new="…@s.whatsapp.net" [old_lid new_lid]/></…>
<notification type="contacts" …><sync after="1700000000"/></notification>        (fetch all contacts again)
<notification type="contacts" …><add …/></notification>                          (or <remove/>: nothing to be done)
<notification type="disappearing_mode" from="…" …><disappearing_mode duration="604800" t="…"/></notification>
"""

from __future__ import annotations

from dataclasses import dataclass

from motte.core.stanza.header import Header
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged:
    """Something about a person changed; what, one has to ask. Some are told by a `hash` of their number alone."""

    header: Header
    user: Jid | None
    hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChanged:
    """A person moved to another phone number, and with it to another LID."""

    header: Header
    old: Jid
    new: Jid
    old_lid: Jid | None = None
    new_lid: Jid | None = None

    @property
    def pairs(self) -> tuple[tuple[Jid, Jid], ...]:
        """(number, LID) before and after, as far as both were told."""
        told = ((self.old, self.old_lid), (self.new, self.new_lid))
        return tuple(
            (pn, lid) for pn, lid in told if lid is not None and pn.is_pn and lid.is_lid and pn.user and lid.user
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSyncAsked:
    """The server wants the contacts fetched again, those changed after `after` (unix seconds)."""

    header: Header
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTimerChanged:
    """A person's default disappearing timer for new chats, in seconds (0: off)."""

    header: Header
    user: Jid
    duration: int
    set_at: int | None = None


def read_contacts(notification: Reader, header: Header) -> ContactChanged | NumberChanged | ContactSyncAsked | None:
    """The value of a `contacts` notification; None for one without a known part."""
    body = notification.first()
    match body.tag if body else "":
        case "update":
            assert body is not None
            return ContactChanged(header=header, user=body.optional_jid("jid"), hash=body.optional_text("hash"))
        case "modify":
            assert body is not None
            return NumberChanged(
                header=header,
                old=body.jid("old"),
                new=body.jid("new"),
                old_lid=body.optional_jid("old_lid"),
                new_lid=body.optional_jid("new_lid"),
            )
        case "sync":
            assert body is not None
            return ContactSyncAsked(header=header, after=body.optional_integer("after"))
    return None


def read_disappearing_mode(notification: Reader, header: Header) -> ContactTimerChanged | None:
    """The value of a `disappearing_mode` notification; None without a `<disappearing_mode>`."""
    body = notification.optional_child("disappearing_mode")
    if body is None:
        return None
    return ContactTimerChanged(
        header=header,
        user=header.source.user_jid,
        duration=body.optional_integer("duration") or 0,
        set_at=body.optional_integer("t"),
    )
