"""What every message, receipt, notification and call has in common, and what its ack repeats.

<notification id="…" from="15550100001@s.whatsapp.net" type="devices" t="1700000000" offline="0">…</notification>
"""

from __future__ import annotations

from dataclasses import dataclass

from motte.core.stanza.reader import Reader
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The common attributes of an incoming stanza.

    `source` is its `from`; `type` the attribute as it came; `t` unix seconds; `offline` says that the stanza waited in
    the server's queue while this device was away.
    """

    tag: str
    id: str
    source: Jid
    participant: Jid | None = None
    recipient: Jid | None = None
    type: str | None = None
    t: int | None = None
    offline: bool = False

    @classmethod
    def read(cls, reader: Reader) -> Header:
        """The header of a stanza.

        Raises:
            RemoteProtocolError: it has no id or no sender, or a malformed attribute.
        """
        return cls(
            tag=reader.tag,
            id=reader.text("id"),
            source=reader.jid("from"),
            participant=reader.optional_jid("participant"),
            recipient=reader.optional_jid("recipient"),
            type=reader.optional_text("type"),
            t=reader.optional_integer("t"),
            offline=reader.has("offline"),
        )

    @classmethod
    def read_least(cls, reader: Reader) -> Header:
        """The header of a stanza whose other attributes are malformed: id, sender and type.

        Raises:
            RemoteProtocolError: it has no id or no sender.
        """
        return cls(tag=reader.tag, id=reader.text("id"), source=reader.jid("from"), type=reader.optional_text("type"))
