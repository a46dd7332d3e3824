"""Usync: one request about many people.

    <iq xmlns="usync" type="get" to="@s.whatsapp.net" id="…">
      <usync context="interactive" mode="query" sid="…" last="true" index="0">
        <query><devices version="2"/><lid/><contact/></query>
        <list><user jid="15550100002@s.whatsapp.net"/><user><contact>+15550100003</contact></user></list>
      </usync>
    </iq>

    <iq type="result" id="…"><usync …>
      <result><devices/><lid/><contact><error code="429" backoff="3600"/></contact></result>
      <list><user jid="15550100002@s.whatsapp.net">
        <devices>…</devices> <lid val="100000000000002@lid"/> <contact type="in">+15550100003</contact>
        <status t="1700000000">Hi</status> <disappearing_mode duration="604800" t="…"/>
        <business><verified_name v="1" …>VerifiedNameCertificate</verified_name></business>
      </user></list>
    </usync></iq>

`<devices>` is described in `devices`. An error stands inside the protocol that it concerns: below `<result>` for all
users, below a `<user>` for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final, Literal

from google.protobuf.message import DecodeError

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.devices import read_devices
from motte.core.stanza.iq import Iq, error_of
from motte.core.stanza.reader import Reader
from motte.errors import RemoteProtocolError, ServerError
from motte.model.device import DeviceList
from motte.model.jid import Jid
from motte.proto.business_pb2 import VerifiedNameCertificate

BATCH: Final = 500
"""How many users to ask for in one request."""
MAX_CERTIFICATE: Final = 4096
"""Bytes of a business's certificate; they have a few hundred."""


class Protocol(StrEnum):
    """What to ask about each user."""

    DEVICES = "devices"
    LID = "lid"
    CONTACT = "contact"
    STATUS = "status"
    DISAPPEARING_MODE = "disappearing_mode"
    USERNAME = "username"
    BUSINESS = "business"


class Context(StrEnum):
    """Why one asks; the server's limits depend on it."""

    INTERACTIVE = "interactive"
    MESSAGE = "message"
    BACKGROUND = "background"
    NOTIFICATION = "notification"
    VOIP = "voip"


@dataclass(frozen=True, slots=True)
class StatusText:
    """A person's about text; empty when hidden from this account or unset. `set_at` is unix seconds."""

    text: str
    set_at: int | None = None


@dataclass(frozen=True, slots=True)
class DisappearingMode:
    """The default timer for new chats, in seconds (0: off); `set_at` is unix seconds."""

    duration: int
    set_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsyncUser:
    """What the server says of one user. A field is None when it was not asked or not answered; `errors` tells why.

    `jid` is None for a phone number that is not on WhatsApp; `contact` is then False. `number` is the number asked for.
    `verified_name` is a business's, None for who is none.
    """

    jid: Jid | None
    devices: DeviceList | None = None
    lid: Jid | None = None
    contact: bool | None = None
    number: str | None = None
    status: StatusText | None = None
    disappearing_mode: DisappearingMode | None = None
    username: str | None = None
    verified_name: str | None = None
    errors: Mapping[str, ServerError | RemoteProtocolError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsyncResult:
    """The users, and the errors that hit a whole protocol."""

    users: tuple[UsyncUser, ...]
    errors: Mapping[str, ServerError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usync(Iq[UsyncResult]):
    """Ask the `protocols` about the users in `jids`, and about the phone numbers in `numbers` (digits only).

    `sid` is any text that names the request; the stanza id serves well. At most `BATCH` users at once: see `batches`.
    """

    xmlns: ClassVar[str] = "usync"
    kind: ClassVar[Literal["get", "set"]] = "get"

    sid: str
    protocols: tuple[Protocol, ...]
    jids: tuple[Jid, ...] = ()
    numbers: tuple[str, ...] = ()
    context: Context = Context.INTERACTIVE
    mode: str = "query"

    def content(self) -> Iterable[Node]:
        """The `<usync>` with query and list."""
        attrs = {"context": self.context, "mode": self.mode, "sid": self.sid, "last": "true", "index": "0"}
        query = [_question(name) for name in self.protocols]
        users = [element("user", {"jid": jid}) for jid in self.jids]
        users += [element("user", body=[element("contact", body=f"+{number}")]) for number in self.numbers]
        return (element("usync", attrs, [element("query", body=query), element("list", body=users)]),)

    def result(self, iq: Reader) -> UsyncResult:
        """What the server says of each user."""
        usync = iq.child("usync")
        listing, summary = usync.optional_child("list"), usync.optional_child("result")
        users = tuple(_user(user) for user in listing.children("user")) if listing else ()
        found = ((part.tag, error_of(part)) for part in summary.children()) if summary else ()
        return UsyncResult(users=users, errors={tag: error for tag, error in found if error is not None})


def batches(jids: Sequence[Jid], size: int = BATCH) -> Iterator[tuple[Jid, ...]]:
    """The users in portions that fit one request."""
    return (tuple(jids[start : start + size]) for start in range(0, len(jids), size))


def _question(protocol: Protocol) -> Node:
    match protocol:
        case Protocol.DEVICES:
            return element(protocol, {"version": 2})
        case Protocol.BUSINESS:
            return element(protocol, body=[element("verified_name")])
    return element(protocol)


def _user(user: Reader) -> UsyncUser:
    """One user; a protocol that the server refused or answered malformed ends up in `errors`, the rest stays."""
    jid = user.optional_jid("jid")
    values: dict[str, object] = {}
    errors: dict[str, ServerError | RemoteProtocolError] = {}
    for part in user.children():
        error = error_of(part)
        if error is not None:
            errors[part.tag] = error
            continue
        try:
            values |= _part(part, jid)
        except RemoteProtocolError as malformed:
            errors[part.tag] = malformed
    return UsyncUser(jid=jid, errors=errors, **values)  # type: ignore[arg-type]


def _part(part: Reader, jid: Jid | None) -> dict[str, object]:
    """The fields of `UsyncUser` that one protocol's answer fills."""
    match part.tag:
        case Protocol.DEVICES if jid is not None:
            return {"devices": read_devices(part, jid)}
        case Protocol.LID:
            return {"lid": part.optional_jid("val")}
        case Protocol.CONTACT:
            return {"contact": part.optional_text("type") == "in", "number": part.string() or None}
        case Protocol.STATUS:
            return {"status": StatusText(part.string(), part.optional_integer("t"))}
        case Protocol.DISAPPEARING_MODE:
            mode = DisappearingMode(part.integer("duration"), part.optional_integer("t"))
            return {"disappearing_mode": mode}
        case Protocol.USERNAME:
            return {"username": part.string() or None}
        case Protocol.BUSINESS:
            name = part.optional_child("verified_name")
            return {"verified_name": _verified_name(name) if name else None}
    return {}


def _verified_name(name: Reader) -> str:
    """The name in the certificate; who signed it is not asked here."""
    try:
        certificate = VerifiedNameCertificate.FromString(name.data(limit=MAX_CERTIFICATE))
        return VerifiedNameCertificate.Details.FromString(certificate.details).verifiedName
    except (DecodeError, UnicodeDecodeError):
        raise name.error("not a certificate") from None
