"""An incoming message, still encrypted.

    <message id="3EB0…" from="15550100002:4@s.whatsapp.net" type="text" t="1700000000" notify="Ada"
             [sender_lid="100000000000002@lid"] [recipient="15550100003@s.whatsapp.net"] [offline="0"] [edit="1"]
             [category="peer"] [addressing_mode="lid"] [verified_name="…"]>
      <enc v="2" type="pkmsg" [count="1"] [mediatype="image"] [decrypt-fail="hide"]>…</enc>
      [<device-identity>ADVSignedDeviceIdentity</device-identity>] [<meta …/>]
      [<verified_name>…</verified_name>] [<unavailable type="view_once"/>]
    </message>
    <message from="120363000000000001@g.us" participant="100000000000002:4@lid" participant_pn="…" …>
      <enc type="pkmsg" v="2">…</enc> <enc type="skmsg" v="2">…</enc>
    </message>
    <message from="120363000000000002@newsletter" server_id="101" …><plaintext>…</plaintext></message>

`recipient` stands on messages that another own device sent, and names the chat; from anybody else it is a forgery. So
is a `<plaintext>` outside a newsletter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from motte.core.binary.node import NO_ATTRS
from motte.core.stanza.header import Header
from motte.core.stanza.reader import Reader
from motte.model.jid import BOT, INTEROP, MESSENGER, Jid
from motte.model.me import Me
from motte.model.message import Addressing, MessageKey, Origin

MAX_ENCS: Final = 16
PKMSG: Final = "pkmsg"
MSG: Final = "msg"
SKMSG: Final = "skmsg"
MSMSG: Final = "msmsg"
"""A bot's answer, encrypted with the secret of the message that it answers."""
PEER: Final = "peer"
_FOREIGN_PEOPLE: Final = frozenset({BOT, INTEROP, MESSENGER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Enc:
    """One ciphertext. `kind` is one of the constants above, or something newer; `count` is how often it was resent."""

    kind: str
    data: bytes = field(repr=False)
    version: int = 2
    count: int = 0
    media_type: str | None = None
    hide_failure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a message belongs: the `chat`, who sent it (with the device), and their other addresses, where told.

    `sender_alt` carries the sender's device, `chat_alt` none; for a group there is no `chat_alt`.
    """

    chat: Jid
    sender: Jid
    from_me: bool
    addressing: Addressing
    sender_alt: Jid | None = None
    chat_alt: Jid | None = None

    @property
    def mappings(self) -> tuple[tuple[Jid, Jid], ...]:
        """The (LID, PN) pairs of users that this message teaches, without devices."""
        pairs = ((self.sender, self.sender_alt), (self.chat, self.chat_alt))
        users = [(a.user_jid, b.user_jid) for a, b in pairs if b is not None]
        lid_first = ((a, b) if a.is_lid else (b, a) for a, b in users if a.is_lid != b.is_lid)
        return tuple(dict.fromkeys((lid, pn) for lid, pn in lid_first if lid.is_lid and pn.is_pn))


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage:
    """A message with everything that its stanza says. `timestamp` is unix seconds, `encs` are in order.

    `plaintext` is set for newsletters only; `verified_name` is a VerifiedNameCertificate; `unavailable` tells why there
    is nothing to decrypt (`view_once`, …); `meta` holds the attributes of `<meta>`.
    """

    header: Header
    source: Source
    timestamp: int
    encs: tuple[Enc, ...]
    plaintext: bytes | None = field(default=None, repr=False)
    push_name: str | None = None
    category: str | None = None
    edit: str | None = None
    server_id: int | None = None
    unavailable: str | None = None
    device_identity: bytes | None = None
    verified_name: bytes | None = None
    meta: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The message's id."""
        return self.header.id

    @property
    def key(self) -> MessageKey:
        """What names the message."""
        source = self.source
        return MessageKey(chat=source.chat, id=self.id, sender=source.sender.user_jid, from_me=source.from_me)

    @property
    def origin(self) -> Origin:
        """Live, or from the server's queue."""
        return Origin.OFFLINE if self.header.offline else Origin.LIVE

    @property
    def is_peer(self) -> bool:
        """Whether it is one that only own devices exchange; nobody else's word counts."""
        return self.category == PEER and self.source.from_me

    @classmethod
    def read(cls, message: Reader, me: Me) -> IncomingMessage:
        """The value of a `<message>`.

        Raises:
            RemoteProtocolError: it is malformed, or claims what it may not.
        """
        header = Header.read(message)
        source = _source(message, header, me)
        encs = tuple(_enc(enc) for enc in message.children("enc"))
        if len(encs) > MAX_ENCS:
            raise message.error(f"holds more than {MAX_ENCS} ciphertexts")
        unavailable, meta = message.optional_child("unavailable"), message.optional_child("meta")
        return cls(
            header=header,
            source=source,
            timestamp=message.integer("t"),
            encs=encs,
            plaintext=_plaintext(message, source.chat),
            push_name=message.optional_text("notify"),
            category=message.optional_text("category"),
            edit=message.optional_text("edit"),
            server_id=message.optional_integer("server_id") if source.chat.is_newsletter else None,
            unavailable=(unavailable.optional_text("type") or "unknown") if unavailable else None,
            device_identity=_optional_data(message, "device-identity"),
            verified_name=_optional_data(message, "verified_name"),
            meta=dict(meta.node.attrs) if meta else NO_ATTRS,
        )


def _optional_data(message: Reader, tag: str) -> bytes | None:
    child = message.optional_child(tag)
    return child.data() if child and child.node.content else None


def _enc(enc: Reader) -> Enc:
    return Enc(
        kind=enc.text("type"),
        data=enc.data(),
        version=enc.optional_integer("v") or 0,
        count=enc.optional_integer("count", high=255) or 0,
        media_type=enc.optional_text("mediatype"),
        hide_failure=enc.optional_text("decrypt-fail") == "hide",
    )


def _plaintext(message: Reader, chat: Jid) -> bytes | None:
    child = message.optional_child("plaintext")
    if child is None:
        return None
    if not chat.is_newsletter:
        raise child.error("only newsletters send plain text")
    return child.data()


def _source(message: Reader, header: Header, me: Me) -> Source:
    """Chat, sender and addressing, by the kind of JID that the message comes from."""
    origin = header.source
    if origin.is_user or origin.server in _FOREIGN_PEOPLE:
        return _from_person(message, header, me)
    if origin.is_group or origin.is_broadcast:
        sender = message.jid("participant")
        mode = _addressing(message, sender)
        alt = _alternate(message, mode, "participant", "sender")
        return Source(
            chat=origin,
            sender=sender,
            from_me=me.owns(sender),
            addressing=mode,
            sender_alt=alt.with_device(sender.device) if alt else None,
        )
    if origin.is_newsletter:
        return Source(chat=origin, sender=origin, from_me=False, addressing=Addressing.PN)
    raise message.error("neither a person, a group, a broadcast list nor a newsletter", "from")


def _from_person(message: Reader, header: Header, me: Me) -> Source:
    sender, recipient = header.source, header.recipient
    from_me = me.owns(sender)
    if recipient is not None and not from_me and recipient.server != BOT:
        raise message.error("only an own device may name a recipient", "recipient")
    chat = recipient.user_jid if recipient is not None and from_me else sender.user_jid
    mode = _addressing(message, sender)
    sender_alt = _alternate(message, mode, "sender", "participant")
    chat_alt = sender_alt
    if from_me:
        chat_mode = Addressing.LID if chat.is_lid else Addressing.PN
        chat_alt = _alternate(message, chat_mode, "peer_recipient", "recipient")
    return Source(
        chat=chat,
        sender=sender,
        from_me=from_me,
        addressing=mode,
        sender_alt=sender_alt.with_device(sender.device) if sender_alt else None,
        chat_alt=chat_alt.user_jid if chat_alt else None,
    )


def _addressing(message: Reader, sender: Jid) -> Addressing:
    told = message.optional_text("addressing_mode")
    return Addressing.LID if told == Addressing.LID or (told is None and sender.is_lid) else Addressing.PN


def _alternate(message: Reader, mode: Addressing, *prefixes: str) -> Jid | None:
    """The address of the other kind, from the first of `<prefix>_pn` or `<prefix>_lid` that is there."""
    suffix = "pn" if mode is Addressing.LID else "lid"
    for prefix in prefixes:
        jid = message.optional_jid(f"{prefix}_{suffix}")
        if jid is not None:
            return jid
    return None
