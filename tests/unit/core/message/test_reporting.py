"""Reporting tokens: Baileys' where it is right, and what changes them or not."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motte.core.message.reporting import reporting, reporting_token
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message, MessageContextInfo

VECTORS: Any = json.loads((Path(__file__).parents[3] / "vectors" / "reporting.json").read_text())
SECRET = bytes.fromhex(VECTORS["secret"])
ME, ADA = Jid.parse("15550100001:3@s.whatsapp.net"), Jid.parse("15550100002@s.whatsapp.net")
CONTEXT = MessageContextInfo(messageSecret=SECRET)


@pytest.mark.parametrize("case", VECTORS["tokens"], ids=lambda case: str(case["name"]))
def test_tokens_as_baileys_makes_them_of_unpadded_messages(case: Any) -> None:
    chat, message = Jid.parse(case["chat"]), bytes.fromhex(case["message"])
    token = reporting_token(message, SECRET, VECTORS["id"], sender=chat, chat=chat)
    assert (token and token.hex()) == case["token"]
    node = reporting(Message.FromString(message), VECTORS["id"], sender=chat, chat=chat)
    assert (node is None) is (case["token"] is None)


def token_of(message: Message, message_id: str = "3EB0", sender: Jid = ME, chat: Jid = ADA) -> bytes:
    node = reporting(message, message_id, sender=sender, chat=chat)
    assert node is not None
    child = node.child("reporting_token")
    assert child is not None and child.attrs == {"v": "2"}
    return child.data


def test_a_token_depends_on_message_id_sender_and_chat_but_not_on_devices() -> None:
    message = Message(conversation="hi", messageContextInfo=CONTEXT)
    token = token_of(message)
    assert len(token) == 16
    assert token_of(message, sender=ME.user_jid) == token_of(message, chat=ADA.with_device(4)) == token
    others = [token_of(message, "3EB1"), token_of(message, sender=ADA), token_of(message, chat=ME)]
    assert token not in others and len(set(others)) == 3


def test_what_does_not_count_changes_nothing() -> None:
    first = Message(conversation="hi", messageContextInfo=CONTEXT)
    second = Message(conversation="hi", messageContextInfo=CONTEXT)
    second.extendedTextMessage.title = "not kept"
    assert token_of(first) == token_of(second)
    second.conversation = "ho"
    assert token_of(first) != token_of(second)


@pytest.mark.parametrize(
    "message",
    [
        Message(conversation="no secret"),
        Message(reactionMessage=Message.ReactionMessage(text="👍"), messageContextInfo=CONTEXT),
        Message(encReactionMessage=Message.EncReactionMessage(), conversation="x", messageContextInfo=CONTEXT),
        Message(pollUpdateMessage=Message.PollUpdateMessage(), conversation="x", messageContextInfo=CONTEXT),
        Message(
            encEventResponseMessage=Message.EncEventResponseMessage(), conversation="x", messageContextInfo=CONTEXT
        ),
    ],
)
def test_some_messages_have_none(message: Message) -> None:
    assert reporting(message, "3EB0", sender=ME, chat=ADA) is None


@given(st.binary(max_size=200))
def test_any_bytes_give_a_token_none_or_a_value_error(data: bytes) -> None:
    try:
        token = reporting_token(data, SECRET, "3EB0", sender=ME, chat=ADA)
    except ValueError:
        return
    assert token is None or len(token) == 16
