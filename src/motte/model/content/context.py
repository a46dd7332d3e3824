"""What a message refers to, whatever its kind: the message it answers, the people it mentions, where it was before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from motte.model.jid import Jid

if TYPE_CHECKING:
    from motte.model.content import Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """The message that another one answers: its id, who sent it, and its content as far as it came along.

    `chat` is set when it was sent elsewhere (a private answer to a group).
    """

    id: str
    sender: Jid | None = None
    chat: Jid | None = None
    content: Content | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InContext:
    """The fields that the kinds of content share which can refer to something.

    A base class, against the habit of this library, so that users write `Image(file=…, mentions=…)` and not a context
    inside the image.

    `mentions` are people, by PN or LID; `mentions_everyone` means the whole group. `forwarding_score` counts how often
    a message was forwarded, 0 when it was not. `expiration` is the disappearing timer in seconds that the message came
    with; for sending, None takes the chat's. `quoted` tells what a received message answers; to answer one, give the
    message itself to `reply`, since a quotation holds what was said.
    """

    mentions: tuple[Jid, ...] = ()
    mentions_everyone: bool = False
    quoted: Quoted | None = None
    forwarding_score: int = 0
    expiration: int | None = None
