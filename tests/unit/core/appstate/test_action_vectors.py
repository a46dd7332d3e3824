"""Entries of app state as Baileys makes them: read as what they are, and written by us in the same bytes."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from motte.core.appstate.actions import read, write
from motte.core.appstate.mutation import Mutation, Operation
from motte.model.appstate import (
    FOREVER,
    Action,
    Archive,
    ClearChat,
    ContactEntry,
    ContactRemoved,
    DeleteChat,
    DeleteForMe,
    DisableLinkPreviews,
    LabelChat,
    LabelEdit,
    LabelMessage,
    MarkRead,
    MessageRange,
    MessageRef,
    Mute,
    Pin,
    PushName,
    QuickReply,
    RangeMessage,
    Star,
)
from motte.model.jid import Jid
from motte.proto.sync_action_pb2 import SyncActionValue

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "actions.json").read_text())
BOB = Jid("15550100002", "s.whatsapp.net")
GROUP = Jid("120363000000000001", "g.us")
THEIRS, OWN = MessageRef(chat=BOB, id="A1"), MessageRef(chat=BOB, id="A3", from_me=True)
RANGE = MessageRange(last=1763999000, messages=(RangeMessage(message=THEIRS),))
GROUP_MESSAGE = MessageRef(chat=GROUP, id="A2", participant=BOB)
GROUP_RANGE = MessageRange(last=1763999001, messages=(RangeMessage(message=GROUP_MESSAGE),))

ACTIONS: dict[str, Action] = {
    "mute": Mute(chat=BOB, until=1764003600),
    "mute_forever": Mute(chat=BOB, until=FOREVER),
    "unmute": Mute(chat=BOB, until=None),
    "archive": Archive(chat=BOB, range=RANGE),
    "unarchive_group": Archive(chat=GROUP, archived=False, range=GROUP_RANGE),
    "read": MarkRead(chat=BOB, range=RANGE),
    "unread": MarkRead(chat=BOB, read=False, range=RANGE),
    "delete_for_me": DeleteForMe(message=OWN, timestamp=1763999000, delete_media=False),
    "clear": ClearChat(chat=BOB, range=RANGE),
    "pin": Pin(chat=BOB),
    "unpin": Pin(chat=BOB, pinned=False),
    "contact": ContactEntry(user=BOB, full_name="Bob Brown", first_name="Bob", lid=Jid("100002", "lid"), on_phone=True),
    "contact_removed": ContactRemoved(user=BOB),
    "no_link_previews": DisableLinkPreviews(disabled=True),
    "star": Star(message=THEIRS),
    "unstar": Star(message=OWN, starred=False),
    "delete": DeleteChat(chat=BOB, range=RANGE),
    "push_name": PushName(name="Alice"),
    "quick_reply": QuickReply(id="1764000000", shortcut="hi", text="Hello!"),
    "label": LabelEdit(id="5", name="Paid", color=3),
    "label_chat": LabelChat(label="5", chat=BOB),
    "unlabel_chat": LabelChat(label="5", chat=BOB, labeled=False),
    "label_message": LabelMessage(label="5", message=THEIRS),
    "unlabel_message": LabelMessage(label="5", message=THEIRS, labeled=False),
}
ELSEWHERE = {"star": "regular_high", "unstar": "regular_high"}
"""Where Baileys and WhatsApp Web differ, we do as WhatsApp Web."""


@pytest.mark.parametrize("vector", VECTORS["actions"], ids=lambda vector: vector["name"])
def test_an_action_of_baileys(vector: dict[str, Any]) -> None:
    theirs = Mutation(
        operation=Operation(vector["operation"]),
        index=tuple(vector["index"]),
        value=SyncActionValue.FromString(base64.b64decode(vector["value"])),
        version=vector["version"],
    )
    action = ACTIONS[vector["name"]]
    assert read(theirs) == action
    collection, ours = write(action, VECTORS["now"])
    assert ours == theirs
    assert collection == ELSEWHERE.get(vector["name"], vector["collection"])


def test_every_vector_is_known() -> None:
    assert {vector["name"] for vector in VECTORS["actions"]} == ACTIONS.keys()
