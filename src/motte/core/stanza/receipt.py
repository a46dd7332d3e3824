"""Receipts, in both directions.

    <receipt id="3EB0…" from="15550100002:4@s.whatsapp.net" t="1700000000" [type="read"] [participant] [recipient]>
      [<list><item id="…"/>…</list>]
    </receipt>
    <receipt id="3EB0…" from="120363000000000001@g.us" type="read" …>
      <participants key="3EB0…"><user jid="…" t="…"/>…</participants>
    </receipt>

    <receipt id="3EB0…" to="15550100002:4@s.whatsapp.net"/>                                (delivered)
    <receipt id="…" to="…" type="inactive"/>                                               (delivered, nobody looks)
    <receipt id="…" to="15550100001@…" recipient="15550100003@…" type="sender"/>           (another own device sent it)
    <receipt id="…" to="…" type="peer_msg"/>     <receipt id="…" to="…" type="hist_sync"/>
    <receipt id="…" to="chat" [participant] type="read|read-self|played|played-self" t="…"><list>…</list></receipt>
    <receipt id="…" to="own user" type="server-error">
      <encrypt><enc_p/><enc_iv/></encrypt><rmr jid from_me [participant]/>
    </receipt>

A retry receipt is described in `retry`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from motte.core.binary.node import Node
from motte.core.stanza.build import Attrs, element
from motte.core.stanza.header import Header
from motte.core.stanza.message import IncomingMessage
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid
from motte.model.me import Me
from motte.model.message import MessageKey
from motte.model.receipt import Receipt, ReceiptKind

MAX_IDS: Final = 10_000
_KINDS: Final = {kind.value: kind for kind in ReceiptKind if kind is not ReceiptKind.OTHER}
_TIMED: Final = frozenset({ReceiptKind.READ, ReceiptKind.READ_SELF, ReceiptKind.PLAYED, ReceiptKind.PLAYED_SELF})


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingReceipt:
    """One stanza's receipts: one, or one for each participant that it lists."""

    header: Header
    receipts: tuple[Receipt, ...]

    @classmethod
    def read(cls, receipt: Reader, me: Me) -> IncomingReceipt:
        """The value of a `<receipt>`."""
        header = Header.read(receipt)
        kind = _KINDS.get(header.type or ReceiptKind.DELIVERED, ReceiptKind.OTHER)
        groups = list(receipt.children("participants"))
        if groups:
            receipts = tuple(one for group in groups for one in _listed(group, header, kind, me))
        else:
            receipts = (_single(receipt, header, kind, me),)
        return cls(header=header, receipts=receipts)


def _single(receipt: Reader, header: Header, kind: ReceiptKind, me: Me) -> Receipt:
    sender = header.participant or header.source
    by_me = me.owns(sender)
    chat = header.recipient if by_me and header.recipient and header.source.is_user else header.source
    listing = receipt.optional_child("list")
    items = [item.text("id") for item in listing.children("item")] if listing else []
    if len(items) > MAX_IDS:
        raise receipt.error(f"lists more than {MAX_IDS} messages")
    return Receipt(
        kind=kind,
        chat=chat.user_jid,
        sender=sender,
        ids=tuple(dict.fromkeys([header.id, *items])),
        timestamp=header.t,
        by_me=by_me,
    )


def _listed(group: Reader, header: Header, kind: ReceiptKind, me: Me) -> list[Receipt]:
    ids = (group.text("key") if group.has("key") else header.id,)
    return [
        Receipt(
            kind=kind,
            chat=header.source.user_jid,
            sender=user.jid("jid"),
            ids=ids,
            timestamp=user.optional_integer("t") or header.t,
            by_me=me.owns(user.jid("jid")),
        )
        for user in group.children("user")
    ]


def delivery(message: IncomingMessage, *, active: bool) -> Node:
    """The receipt for a message that was received and stored.

    It goes back to where the message came from, device included; `active` says that the user is online here.
    """
    header, source = message.header, message.source
    recipient = header.recipient
    if message.is_peer:
        kind: str | None = ReceiptKind.PEER
    elif source.from_me:
        kind = ReceiptKind.SENDER
        recipient = recipient or (source.chat if header.source.is_user else None)
    else:
        kind = None if active else ReceiptKind.INACTIVE
    attrs: Attrs = {
        "id": header.id,
        "to": header.source,
        "participant": header.participant,
        "recipient": recipient,
        "type": kind,
    }
    return element("receipt", attrs)


def history(message: IncomingMessage) -> Node:
    """The second receipt for a message that announces a part of the history."""
    attrs: Attrs = {"id": message.id, "to": message.source.chat, "type": ReceiptKind.HISTORY}
    return element("receipt", attrs)


def mark(kind: ReceiptKind, keys: Sequence[MessageKey], now: float) -> list[Node]:
    """Tell that messages of others were read or played: one receipt for each chat and sender, in order.

    Own messages are left out. `kind` is one of `READ`, `READ_SELF`, `PLAYED`, `PLAYED_SELF`; `now` unix seconds.
    """
    if kind not in _TIMED:
        raise ValueError(f"{kind} is not something that a user does")
    groups: dict[tuple[Jid, Jid | None], dict[str, None]] = {}
    for key in keys:
        if not key.from_me:
            participant = None if key.chat.is_user else key.sender
            groups.setdefault((key.chat, participant), {})[key.id] = None
    return [_marked(kind, chat, participant, list(ids), now) for (chat, participant), ids in groups.items()]


def _marked(kind: ReceiptKind, chat: Jid, participant: Jid | None, ids: list[str], now: float) -> Node:
    attrs: Attrs = {"id": ids[0], "to": chat, "participant": participant, "type": kind, "t": int(now)}
    items = [element("item", {"id": message_id}) for message_id in ids[1:]]
    return element("receipt", attrs, [element("list", body=items)] if items else None)


def server_error(key: MessageKey, me: Me, ciphertext: bytes, iv: bytes) -> Node:
    """Ask the phone that holds a message's media to upload them again.

    `ciphertext` is the encrypted ServerErrorReceipt.
    """
    attrs: Attrs = {"id": key.id, "to": me.pn.user_jid.with_device(0), "type": ReceiptKind.SERVER_ERROR}
    encrypt = element("encrypt", body=[element("enc_p", body=ciphertext), element("enc_iv", body=iv)])
    rmr: Attrs = {
        "jid": key.chat,
        "from_me": "true" if key.from_me else "false",
        "participant": None if key.chat.is_user else key.sender,
    }
    return element("receipt", attrs, [encrypt, element("rmr", rmr)])
