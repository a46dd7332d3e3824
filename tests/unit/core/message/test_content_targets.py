"""Whose message a key inside a message means, and what stands outside of the content."""

from dataclasses import replace

import pytest

from motte.core.message import compose
from motte.core.message.parse import parse
from motte.model.content import Content, Image, Pin, Reaction
from motte.model.content.media import RemoteFile
from motte.model.jid import STATUS_JID, Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.proto.e2e_pb2 import Message
from motte.proto.message_key_pb2 import MessageKey as WireKey

ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100000000000001:3@lid"))
MINE, MY_LID = ME.pn.user_jid, Jid.parse("100000000000001@lid")
ADA, BOB = Jid.parse("15550100002@s.whatsapp.net"), Jid.parse("100000000000003@lid")
GROUP = Jid.parse("120363000000000001@g.us")
OWN = MessageKey(chat=ADA, id="OWN", sender=MINE, from_me=True)
THEIRS = MessageKey(chat=ADA, id="THEIRS", sender=ADA, from_me=False)
AROUND = MessageKey(chat=ADA, id="M", sender=MINE, from_me=True)
FILE = RemoteFile(direct_path="/f", file_sha256=b"1" * 32, size=10, mime_type="image/jpeg")
IMAGE = Image(file=FILE, mime_type="image/jpeg")


def write(content: Content) -> Message:
    return compose.message(content, chat=ADA, now=1_700_000_000.0, rng=bytes)


KEYS = [
    # who sent the message around it, where, and the key as the sender writes it → the message that is meant
    (THEIRS, WireKey(remoteJid=str(MINE), fromMe=True, id="A"), (ADA, ADA, False)),
    (THEIRS, WireKey(remoteJid=str(MINE), fromMe=False, id="A"), (ADA, MINE, True)),
    (OWN, WireKey(remoteJid=str(ADA), fromMe=True, id="A"), (ADA, MINE, True)),
    (OWN, WireKey(remoteJid=str(ADA), fromMe=False, id="A"), (ADA, ADA, False)),
    # a direct chat by LIDs
    (MessageKey(chat=BOB, id="M", sender=BOB, from_me=False), WireKey(fromMe=False, id="A"), (BOB, MY_LID, True)),
    # a group: the participant counts, whoever that is
    (
        MessageKey(chat=GROUP, id="M", sender=ADA, from_me=False),
        WireKey(remoteJid=str(GROUP), fromMe=False, id="A", participant=str(ME.lid)),
        (GROUP, MY_LID, True),
    ),
    (
        MessageKey(chat=GROUP, id="M", sender=ADA, from_me=False),
        WireKey(remoteJid=str(GROUP), fromMe=False, id="A", participant="100000000000003:7@lid"),
        (GROUP, BOB, False),
    ),
    (
        MessageKey(chat=GROUP, id="M", sender=ADA, from_me=False),
        WireKey(remoteJid=str(GROUP), fromMe=True, id="A", participant=str(MINE)),
        (GROUP, ADA, False),
    ),
    (MessageKey(chat=GROUP, id="M", sender=ADA, from_me=False), WireKey(id="A"), (GROUP, ADA, False)),
    # another chat is never meant, except a status
    (THEIRS, WireKey(remoteJid=str(GROUP), fromMe=True, id="A"), (ADA, ADA, False)),
    (
        THEIRS,
        WireKey(remoteJid="status@broadcast", fromMe=False, id="A", participant=str(MINE)),
        (STATUS_JID, MINE, True),
    ),
]


@pytest.mark.parametrize(("around", "wire", "meant"), KEYS)
def test_whose_message_a_key_means(around: MessageKey, wire: WireKey, meant: tuple[Jid, Jid, bool]) -> None:
    message = Message(reactionMessage=Message.ReactionMessage(key=wire, text="👍"))
    content = parse(message, key=around, me=ME).content
    assert isinstance(content, Reaction)
    chat, sender, from_me = meant
    assert content.target == MessageKey(chat=chat, id="A", sender=sender, from_me=from_me)


def test_an_own_message_from_another_device_is_about_the_chat_that_it_went_to() -> None:
    message = compose.device_sent(write(Reaction(target=THEIRS, emoji="x", timestamp_ms=5)), ADA)
    around = MessageKey(chat=MINE, id="M", sender=MINE, from_me=True)
    assert parse(message, key=around, me=ME).content == Reaction(target=THEIRS, emoji="x", timestamp_ms=5)


def test_a_pin_and_an_album_are_read_from_what_stands_outside() -> None:
    pin = Pin(target=THEIRS, duration=60, timestamp_ms=5)
    album = replace(IMAGE, view_once=True, album=OWN)
    for content in (pin, album):
        message = compose.device_sent(write(content), ADA)
        message.deviceSentMessage.message.ClearField("messageContextInfo")
        parsed = parse(message, key=AROUND, me=ME)
        assert parsed.content == content
        assert parse(parsed.message, key=AROUND, me=ME).content == content
