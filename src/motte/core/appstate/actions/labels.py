"""Actions on labels.

["label_edit", label]                                       labelEditAction{name, color, deleted, …}
["label_jid", label, chat]                                  labelAssociationAction{labeled}
["label_message", label, chat, id, fromMe, participant]     labelAssociationAction{labeled}
["label_reordering"]                                        labelReorderingAction{sortedLabelIds}
"""

from __future__ import annotations

from typing import Final

from motte.core.appstate.actions.forms import (
    FLAG,
    JID_PART,
    MAYBE,
    MESSAGE_PART,
    MILLISECONDS,
    NUMBER,
    TEXT,
    TEXT_PART,
    Many,
    one_of,
)
from motte.core.appstate.actions.row import Field, Row
from motte.core.appstate.collections import Collection
from motte.model.appstate import LabelChat, LabelEdit, LabelKind, LabelMessage, LabelOrder

_LABEL: Final = ("label", TEXT_PART)
_LABELED: Final = (Field("labeled", "labeled", FLAG),)

ROWS: Final = (
    Row(
        kind=LabelEdit,
        name="label_edit",
        field="labelEditAction",
        collection=Collection.REGULAR,
        version=3,
        index=(("id", TEXT_PART),),
        fields=(
            Field("name", "name", TEXT),
            Field("color", "color", NUMBER),
            Field("predefined_id", "predefinedId", NUMBER),
            Field("deleted", "deleted", FLAG),
            Field("order", "orderIndex", NUMBER),
            Field("active", "isActive", MAYBE),
            Field("kind", "type", one_of(LabelKind)),
            Field("immutable", "isImmutable", MAYBE),
            Field("muted_until", "muteEndTimeMs", MILLISECONDS),
        ),
    ),
    Row(
        kind=LabelChat,
        name="label_jid",
        field="labelAssociationAction",
        collection=Collection.REGULAR,
        version=3,
        index=(_LABEL, ("chat", JID_PART)),
        fields=_LABELED,
    ),
    Row(
        kind=LabelMessage,
        name="label_message",
        field="labelAssociationAction",
        collection=Collection.REGULAR,
        version=3,
        index=(_LABEL, ("message", MESSAGE_PART)),
        fields=_LABELED,
    ),
    Row(
        kind=LabelOrder,
        name="label_reordering",
        field="labelReorderingAction",
        collection=Collection.REGULAR,
        version=3,
        fields=(Field("labels", "sortedLabelIds", Many()),),
    ),
)
