"""Labels, which are lists too, and what wears them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from motte.model.appstate.action import Action, MessageRef
from motte.model.jid import Jid


class LabelKind(IntEnum):
    """What a label, or list, is for."""

    NONE = 0
    UNREAD = 1
    GROUPS = 2
    FAVORITES = 3
    PREDEFINED = 4
    CUSTOM = 5
    COMMUNITY = 6
    SERVER_ASSIGNED = 7
    DRAFTED = 8
    AI_HANDOFF = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelEdit(Action):
    """A label was made, changed or `deleted`. `color` counts WhatsApp's palette, `muted_until` is in unix seconds."""

    id: str
    name: str = ""
    color: int | None = None
    predefined_id: int | None = None
    deleted: bool = False
    order: int | None = None
    active: bool | None = None
    kind: LabelKind | None = None
    immutable: bool | None = None
    muted_until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChat(Action):
    """A chat has a label, or not any more."""

    label: str
    chat: Jid
    labeled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMessage(Action):
    """A message has a label, or not any more."""

    label: str
    message: MessageRef
    labeled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelOrder(Action):
    """The order of the labels, by their ids."""

    labels: tuple[int, ...]
