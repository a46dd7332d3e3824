"""A phone's answer to the request to upload a file again; the request is `receipt.server_error`.

<notification id="3EB0…" type="mediaretry" from="…" t="…">
  <encrypt><enc_p>MediaRetryNotification, encrypted</enc_p><enc_iv>…</enc_iv></encrypt>
  <rmr jid="15550100002@s.whatsapp.net" from_me="false" [participant="…"]/>
</notification>
or, instead of `<encrypt>`, <error code="2"/>

The id is the message's, and so it need not be unique among notifications.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from motte.core.media.retry import SealedRetry
from motte.core.stanza.header import Header
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid

MAX_ANSWER: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRetried:
    """An answer for the message `message_id` of `chat`: `sealed`, or the `error` code that stands for a refusal."""

    header: Header
    message_id: str
    chat: Jid | None
    sealed: SealedRetry | None
    error: int | None = None

    @classmethod
    def read(cls, notification: Reader, header: Header) -> MediaRetried:
        """The value of a `<notification type="mediaretry">`."""
        rmr, failed = notification.optional_child("rmr"), notification.optional_child("error")
        chat = rmr.optional_jid("jid") if rmr else None
        if failed is not None:
            return cls(
                header=header,
                message_id=header.id,
                chat=chat,
                sealed=None,
                error=failed.optional_integer("code", high=99_999) or 0,
            )
        encrypt = notification.child("encrypt")
        sealed = SealedRetry(encrypt.child("enc_p").data(limit=MAX_ANSWER), encrypt.child("enc_iv").data(size=12))
        return cls(header=header, message_id=header.id, chat=chat, sealed=sealed)
