"""Contacts, phone numbers and invitations."""

from __future__ import annotations

from dataclasses import dataclass, field

from motte.errors import LocalProtocolError
from motte.model.content.context import InContext
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(InContext):
    """A contact as a vCard; `Contact.of` writes a small one."""

    name: str
    vcard: str

    @classmethod
    def of(cls, name: str, phone: str, *, organisation: str | None = None) -> Contact:
        """A contact with one phone number (with country code, any common spelling).

        Raises:
            InvalidJid: `phone` is not a phone number.
            LocalProtocolError: the name is empty.
        """
        if not name.strip():
            raise LocalProtocolError("a contact needs a name")
        user = Jid.phone(phone).user
        lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:;{_escaped(name)};;;", f"FN:{_escaped(name)}"]
        if organisation:
            lines.append(f"ORG:{_escaped(organisation)}")
        lines += [f"TEL;type=CELL;type=VOICE;waid={user}:+{user}", "END:VCARD"]
        return cls(name=name, vcard="\n".join(lines))


def _escaped(text: str) -> str:
    """A text as a vCard value (RFC 6350, 3.4): it must not end its line, nor a component."""
    for plain, escape in (("\\", "\\\\"), ("\r", ""), ("\n", "\\n"), (",", "\\,"), (";", "\\;")):
        text = text.replace(plain, escape)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts(InContext):
    """Several contacts under one heading."""

    name: str
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupInvite(InContext):
    """An invitation to a group, for one person. `expires_at` is in unix seconds, `thumbnail` a small JPEG."""

    group: Jid
    code: str
    expires_at: int
    name: str = ""
    caption: str = ""
    thumbnail: bytes | None = field(default=None, repr=False)
    is_community: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterInvite(InContext):
    """An invitation to a channel: to follow it, or, when `expires_at` (unix seconds) is set, to administrate it."""

    newsletter: Jid
    name: str = ""
    caption: str = ""
    expires_at: int | None = None
    thumbnail: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPhoneNumber(InContext):
    """Asks somebody who is known by a LID for the phone number."""


@dataclass(frozen=True, slots=True)
class SharePhoneNumber:
    """Tells the own phone number to somebody who knows this account by its LID."""
