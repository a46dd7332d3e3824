"""Chunks as Baileys reads them: the same chats, messages, names and pairs of addresses."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from motte.core.history import reading
from motte.core.history.chunk import read
from motte.core.history.messages import Messages
from motte.model.jid import Jid
from motte.model.me import Me

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "history.json").read_text())["chunks"]
ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100001:3@lid"))
Json = dict[str, Any]


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{one['kind']}-{place}" for place, one in enumerate(VECTORS)])
def test_a_chunk(vector: Json) -> None:
    chunk = read(base64.b64decode(vector["data"]))
    (part,) = reading.parts(chunk, ME)
    assert (chunk.kind, chunk.progress) == (vector["kind"], vector["progress"])
    assert [
        {
            "id": str(chat.jid),
            "unread": chat.unread,
            "archived": chat.archived,
            "pinned": chat.pinned_at,
            "muted": chat.muted_until,
        }
        for chat in part.chats
    ] == vector["chats"]
    messages = Messages(part.messages, ME, None)
    assert [(str(one.chat), one.key.id, one.from_me, one.message.timestamp, one.text) for one in messages] == [
        (one["chat"], one["id"], one["from_me"], one["timestamp"], one["text"]) for one in vector["messages"]
    ]
    for message, told in zip(messages, vector["messages"], strict=True):
        assert told["participant"] in (None, str(message.sender))
    assert [[str(pn), str(lid)] for pn, lid in reading.mappings(chunk)] == vector["pairs"]
    gone = reading.past_members(chunk)
    assert [[str(one.group), str(one.user), one.left_at, int(one.removed)] for one in gone] == vector["past"]


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{one['kind']}-{place}" for place, one in enumerate(VECTORS)])
def test_names_in_a_chunk(vector: Json) -> None:
    """Baileys' contacts are all chats, groups too, where ours are the people whose name is told."""
    (part,) = reading.parts(read(base64.b64decode(vector["data"])), ME)
    named = [one for one in vector["contacts"] if not one["id"].endswith("g.us")]
    told = [(one["id"], one["name"] or one["username"], one["notify"], one["verified"]) for one in named]
    assert [(str(one.jid), one.name or one.username, one.push_name, one.verified_name) for one in part.contacts] == [
        one for one in told if any(one[1:])
    ]
