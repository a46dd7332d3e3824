"""What is set for a single message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from motte.model.appstate.action import Action, MessageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Star(Action):
    """A message has a star, or not any more."""

    message: MessageRef
    starred: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteForMe(Action):
    """A message is gone from the account's devices, others keep it. `timestamp` is its time, unix seconds."""

    message: MessageRef
    delete_media: bool = True
    timestamp: int | None = None


class InteractiveMode(IntEnum):
    """What is to become of a message's buttons."""

    DISABLED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractiveMessage(Action):
    """The buttons of a message were used. `detail` is the last part of the index, whose meaning is not known."""

    message: MessageRef
    detail: str = ""
    mode: InteractiveMode | None = None
