"""Content that is encrypted once more, with a key from the secret of the message that it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from motte.model.key import MessageKey


class SecretUse(StrEnum):
    """What a message's secret is used for; the text goes into the key."""

    POLL_VOTE = "Poll Vote"
    EVENT_RESPONSE = "Event Response"
    EVENT_EDIT = "Event Edit"
    REACTION = "Enc Reaction"
    COMMENT = "Enc Comment"
    MESSAGE_EDIT = "Message Edit"
    POLL_EDIT = "Poll Edit"
    POLL_ADD_OPTION = "Poll Add Option"
    REPORT_TOKEN = "Report Token"
    BOT_MESSAGE = "Bot Message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encrypted:
    """Content under the secret of `target`: a vote, an answer to an event, a reaction, a comment, an edit.

    The client opens it when it has the secret; what stays closed reaches the user like this. `timestamp_ms` is the
    sender's clock, where it is told outside.
    """

    use: SecretUse
    target: MessageKey
    payload: bytes = field(repr=False)
    iv: bytes = field(repr=False)
    timestamp_ms: int | None = None
