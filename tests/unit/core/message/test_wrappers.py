"""Whatever WhatsApp wraps around a message comes off, at the receiver as at its other devices."""

import pytest

from motte.core.message.parse import parse
from motte.core.message.unwrap import unwrap
from motte.model.content import Text
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.proto.e2e_pb2 import Message

ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100000000000001:3@lid"))
CHAT = Jid.parse("15550100002@s.whatsapp.net")
KEY = MessageKey(chat=CHAT, id="A", sender=CHAT, from_me=False)
WRAPPERS = [
    str(field.name)
    for field in Message.DESCRIPTOR.fields
    if field.message_type is not None and field.message_type.name == "FutureProofMessage"
]
"""Every field of the schema that holds another message and says no more than its name."""
NAMED = {
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "viewOnceMessageV2Extension",
    "documentWithCaptionMessage",
    "editedMessage",
    "associatedChildMessage",
    "groupStatusMessage",
    "groupStatusMessageV2",
    "groupMentionedMessage",
    "lottieStickerMessage",
}


def wrapped(name: str, inner: Message) -> Message:
    outer = Message()
    getattr(outer, name).message.CopyFrom(inner)
    return outer


def test_the_schema_has_those_that_are_known() -> None:
    assert set(WRAPPERS) >= NAMED


@pytest.mark.parametrize("name", WRAPPERS)
def test_what_is_inside_is_what_the_user_gets(name: str) -> None:
    inner = Message(conversation="inside")
    inner.messageContextInfo.messageSecret = bytes(range(32))
    message = wrapped(name, inner)
    parsed = parse(message, key=KEY, me=ME)
    assert (parsed.content, parsed.wrappers, parsed.secret) == (Text(text="inside"), (name,), bytes(range(32)))
    assert getattr(parsed.message, name) == getattr(message, name)  # as it came, for whoever wants the whole of it
    assert parsed.is_view_once is name.startswith("viewOnce")


@pytest.mark.parametrize("name", WRAPPERS)
def test_a_wrapper_in_a_wrapper_from_an_own_device(name: str) -> None:
    said = wrapped(name, wrapped("ephemeralMessage", Message(conversation="deep inside")))
    message = Message(deviceSentMessage=Message.DeviceSentMessage(destinationJid=str(CHAT), message=said))
    unwrapped = unwrap(message)
    assert unwrapped.message == Message(conversation="deep inside")
    assert unwrapped.wrappers == ("deviceSentMessage", name, "ephemeralMessage")
    assert unwrapped.destination == str(CHAT)
