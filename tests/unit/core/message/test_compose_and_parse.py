from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motte.core.message import compose
from motte.core.message.compose import Quote
from motte.core.message.padding import pad
from motte.core.message.parse import Distribution, Parsed, decode, parse
from motte.core.message.protocol import is_self_only, name_of
from motte.core.message.unwrap import MAX_DEPTH, unwrap
from motte.errors import RemoteProtocolError
from motte.model.content import Image
from motte.model.jid import Jid
from motte.model.me import Me
from motte.model.message import Content, MessageKey, Quoted, Text, UnsupportedContent
from motte.proto.e2e_pb2 import Message

CHAT = Jid.parse("15550100002@s.whatsapp.net")
GROUP = Jid.parse("120363000000000001@g.us")
OTHER = Jid.parse("15550100003:4@s.whatsapp.net")
ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100000000000001:3@lid"))
NOW = 1_700_000_000.0
ProtocolMessage = Message.ProtocolMessage


def rng(count: int) -> bytes:
    return bytes(range(1, count + 1))


def said(content: Content, *, chat: Jid = CHAT, quote: Quote | None = None, expiration: int | None = None) -> Message:
    return compose.message(content, chat=chat, now=NOW, rng=rng, quote=quote, expiration=expiration)


def read(message: Message, *, from_me: bool) -> Parsed:
    sender = ME.pn.user_jid if from_me else OTHER.user_jid
    return parse(message, key=MessageKey(chat=CHAT, id="M", sender=sender, from_me=from_me), me=ME)


def there_and_back(message: Message, *, from_me: bool = False) -> object:
    return read(decode(compose.encode(message, rng)), from_me=from_me).content


def test_a_text() -> None:
    message = said(Text(text="héllo"))
    assert message.extendedTextMessage.text == "héllo"
    assert not message.extendedTextMessage.HasField("contextInfo")
    parsed = read(message, from_me=False)
    assert parsed.content == Text(text="héllo")
    assert parsed.secret == rng(32)
    assert there_and_back(message) == Text(text="héllo")


def test_mentions_timer_and_quote() -> None:
    quoted = said(Text(text="first", mentions=(CHAT,)), chat=GROUP)
    key = MessageKey(chat=GROUP, id="A", sender=OTHER.user_jid, from_me=False)
    message = said(
        Text(text="answer", mentions=(OTHER,)), chat=GROUP, quote=Quote(key=key, message=quoted), expiration=86400
    )
    context = message.extendedTextMessage.contextInfo
    assert context.expiration == 86400
    assert not context.HasField("remoteJid")
    assert not context.quotedMessage.HasField("messageContextInfo")
    assert not context.quotedMessage.extendedTextMessage.HasField("contextInfo")
    assert quoted.HasField("messageContextInfo")
    assert there_and_back(message) == Text(
        text="answer",
        mentions=(OTHER.user_jid,),
        expiration=86400,
        quoted=Quoted(id="A", sender=OTHER.user_jid, content=Text(text="first")),
    )


def test_a_quote_from_another_chat_says_which() -> None:
    key = MessageKey(chat=GROUP, id="A", sender=CHAT, from_me=False)
    message = said(Text(text="psst"), quote=Quote(key=key, message=Message(conversation="x")))
    content = there_and_back(message)
    assert isinstance(content, Text)
    assert content.quoted == Quoted(id="A", sender=CHAT, chat=GROUP, content=Text(text="x"))


def test_what_own_devices_get() -> None:
    message = said(Text(text="hi"))
    sent = compose.device_sent(message, CHAT)
    parsed = read(sent, from_me=True)
    assert (parsed.content, parsed.destination, parsed.secret) == (Text(text="hi"), CHAT, rng(32))
    assert parsed.wrappers == ("deviceSentMessage",)


def test_a_secret_outside_the_wrapper_counts() -> None:
    """Baileys drops the outer context info with the wrapper, and the secret with it."""
    sent = compose.device_sent(Message(conversation="hi"), CHAT)
    sent.messageContextInfo.messageSecret = rng(32)
    assert read(sent, from_me=True).secret == rng(32)


def test_nobody_else_sends_for_this_account() -> None:
    sent = compose.device_sent(said(Text(text="I owe you")), CHAT)
    parsed = read(sent, from_me=False)
    assert (parsed.content, parsed.destination, parsed.secret) == (None, None, None)
    assert parsed.forged == "deviceSentMessage"


def test_a_sender_key_travels_alone_or_with_content() -> None:
    alone = compose.distribution(GROUP, b"key")
    parsed = read(alone, from_me=False)
    assert (parsed.content, parsed.distribution) == (None, Distribution(str(GROUP), b"key"))
    alone.conversation = "hi"
    both = read(alone, from_me=False)
    assert (both.content, both.distribution) == (Text(text="hi"), Distribution(str(GROUP), b"key"))
    wrapped = read(compose.device_sent(alone, GROUP), from_me=True)
    assert wrapped.distribution == Distribution(str(GROUP), b"key")


def test_other_kinds_keep_their_name_and_their_bytes() -> None:
    message = Message(invoiceMessage=Message.InvoiceMessage(note="thanks"))
    parsed = read(message, from_me=False)
    assert parsed.content == UnsupportedContent("invoiceMessage")
    assert parsed.message.invoiceMessage.note == "thanks"
    assert read(Message(), from_me=False).content is None


def test_wrappers_come_off() -> None:
    inner = Message(imageMessage=Message.ImageMessage(caption="look"))
    once = Message(viewOnceMessageV2=Message.FutureProofMessage(message=inner))
    message = Message(ephemeralMessage=Message.FutureProofMessage(message=once))
    parsed = read(message, from_me=False)
    assert isinstance(parsed.content, Image)
    assert (parsed.content.caption, parsed.content.view_once) == ("look", True)
    assert parsed.is_view_once
    assert parsed.wrappers == ("ephemeralMessage", "viewOnceMessageV2")


def test_an_empty_wrapper_is_content_of_its_own() -> None:
    message = Message(ephemeralMessage=Message.FutureProofMessage())
    assert read(message, from_me=False).content == UnsupportedContent("ephemeralMessage")


def nested(depth: int) -> Message:
    message = Message(conversation="deep")
    for _ in range(depth):
        message = Message(ephemeralMessage=Message.FutureProofMessage(message=message))
    return message


def test_wrapping_has_an_end() -> None:
    assert unwrap(nested(MAX_DEPTH)).message.conversation == "deep"
    with pytest.raises(RemoteProtocolError):
        read(nested(MAX_DEPTH + 1), from_me=False)


def protocol(kind: int, **fields: object) -> Message:
    return Message(protocolMessage=ProtocolMessage(type=kind, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "kind",
    [
        ProtocolMessage.HISTORY_SYNC_NOTIFICATION,
        ProtocolMessage.APP_STATE_SYNC_KEY_SHARE,
        ProtocolMessage.APP_STATE_SYNC_KEY_REQUEST,
        ProtocolMessage.APP_STATE_FATAL_EXCEPTION_NOTIFICATION,
        ProtocolMessage.LID_MIGRATION_MAPPING_SYNC,
        ProtocolMessage.PEER_DATA_OPERATION_REQUEST_MESSAGE,
        ProtocolMessage.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
    ],
)
def test_keys_history_and_app_state_come_from_the_own_account_only(kind: int) -> None:
    message = protocol(kind)
    assert is_self_only(message.protocolMessage)
    forged = read(message, from_me=False)
    assert (forged.protocol, forged.content, forged.forged) == (None, None, name_of(message.protocolMessage))
    own = read(message, from_me=True)
    assert own.protocol == message.protocolMessage
    assert own.forged is None


def test_the_type_does_not_hide_what_is_carried() -> None:
    message = protocol(ProtocolMessage.REVOKE)
    message.protocolMessage.appStateSyncKeyShare.keys.add()
    assert read(message, from_me=False).forged == "REVOKE"


@pytest.mark.parametrize(
    "kind", [ProtocolMessage.REVOKE, ProtocolMessage.MESSAGE_EDIT, ProtocolMessage.EPHEMERAL_SETTING]
)
def test_other_protocol_messages_come_from_anybody(kind: int) -> None:
    parsed = read(protocol(kind), from_me=False)
    assert parsed.protocol is not None
    assert parsed.protocol.type == kind
    assert parsed.forged is None


def test_a_broken_mention_is_left_out() -> None:
    message = said(Text(text="hi"))
    message.extendedTextMessage.contextInfo.mentionedJid.extend(["nobody", str(CHAT)])
    assert there_and_back(message) == Text(text="hi", mentions=(CHAT,))


@pytest.mark.parametrize("data", [b"\x08", b"\xff" * 20, b"", b"no padding at all"])
def test_what_is_no_message(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode(data)


def test_newsletters_do_not_pad() -> None:
    data = Message(conversation="open").SerializeToString()
    assert decode(data, padded=False).conversation == "open"


@given(st.binary(max_size=300), st.booleans())
def test_bytes_give_a_value_or_a_protocol_error(data: bytes, from_me: bool) -> None:
    with suppress(RemoteProtocolError):
        read(decode(pad(data, rng)), from_me=from_me)


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a\x02\xff\xfe",  # conversation
        b"\x32\x04\x0a\x02\xff\xfe",  # extendedTextMessage.text
        b"\x32\x0a\x0a\x01a\x8a\x01\x04\x0a\x02\xff\xfe",  # extendedTextMessage.contextInfo.stanzaId
        b"\x12\x07\x0a\x02\xff\xfe\x12\x01k",  # senderKeyDistributionMessage.groupId
    ],
)
def test_texts_are_utf8(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="UTF-8"):
        read(decode(data, padded=False), from_me=False)


def test_an_unknown_protocol_type_is_not_taken_for_a_revocation() -> None:
    unknown = decode(b"\x62\x03\x10\xe7\x07", padded=False)
    assert unknown.protocolMessage.type == ProtocolMessage.REVOKE
    parsed = read(unknown, from_me=False)
    assert (parsed.protocol, parsed.unknown_protocol) == (None, 999)
    assert name_of(unknown.protocolMessage) == "999"
    unnamed = read(Message(protocolMessage=ProtocolMessage()), from_me=False)
    assert unnamed.protocol is not None
