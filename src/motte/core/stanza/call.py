"""Calls: noticed, not answered.

<call from="15550100002@s.whatsapp.net" id="…" t="1700000000" [offline="0"]>
  <offer call-id="…" call-creator="15550100002:0@s.whatsapp.net" [caller_pn="…"] [group-jid="…"] [type="group"]>
    <audio …/> [<video …/>] …
  </offer>
</call>
(likewise offer_notice, preaccept, accept, transport, relaylatency, reject, terminate [reason="timeout"])
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from motte.core.stanza.header import Header
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid


class CallSignal(StrEnum):
    """What a call stanza tells."""

    OFFER = "offer"
    OFFER_NOTICE = "offer_notice"
    PREACCEPT = "preaccept"
    ACCEPT = "accept"
    TRANSPORT = "transport"
    RELAY_LATENCY = "relaylatency"
    REJECT = "reject"
    TERMINATE = "terminate"
    OTHER = "other"


_SIGNALS: Final = {signal.value: signal for signal in CallSignal if signal is not CallSignal.OTHER}


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCall:
    """One step of a call. `creator` is who called; `reason` says why it ended (`timeout`, …), when it did."""

    header: Header
    signal: CallSignal
    call_id: str
    creator: Jid
    caller_pn: Jid | None = None
    group: Jid | None = None
    is_group: bool = False
    is_video: bool = False
    reason: str | None = None

    @classmethod
    def read(cls, call: Reader) -> IncomingCall:
        """The value of a `<call>`."""
        body = call.first()
        if body is None:
            raise call.error("is empty")
        header, group = Header.read(call), body.optional_jid("group-jid")
        return cls(
            header=header,
            signal=_SIGNALS.get(body.tag, CallSignal.OTHER),
            call_id=body.text("call-id"),
            creator=body.optional_jid("call-creator") or body.optional_jid("from") or header.source,
            caller_pn=body.optional_jid("caller_pn"),
            group=group,
            is_group=group is not None or body.optional_text("type") == "group",
            is_video=body.optional_child("video") is not None,
            reason=body.optional_text("reason"),
        )
