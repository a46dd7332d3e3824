import pytest

from motte.core.message.kinds import Edit, Labels, kind_of, labels
from motte.proto.e2e_pb2 import KeepType, Message
from motte.proto.message_key_pb2 import MessageKey

ProtocolMessage = Message.ProtocolMessage
GROUP = "120363000000000001@g.us"
CHAT = "15550100002@s.whatsapp.net"


def revoke(chat: str, from_me: bool) -> Message:
    key = MessageKey(remoteJid=chat, fromMe=from_me, id="A")
    return Message(protocolMessage=ProtocolMessage(type=ProtocolMessage.REVOKE, key=key))


def keep(kind: KeepType.ValueType, from_me: bool) -> Message:
    key = MessageKey(remoteJid=CHAT, fromMe=from_me, id="A")
    return Message(keepInChatMessage=Message.KeepInChatMessage(key=key, keepType=kind))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (Message(conversation="x"), Labels(type="text")),
        (Message(extendedTextMessage=Message.ExtendedTextMessage(text="x")), Labels(type="text")),
        (Message(imageMessage=Message.ImageMessage()), Labels(type="media", media_type="image")),
        (Message(videoMessage=Message.VideoMessage()), Labels(type="media", media_type="video")),
        (Message(videoMessage=Message.VideoMessage(gifPlayback=True)), Labels(type="media", media_type="gif")),
        (Message(audioMessage=Message.AudioMessage(ptt=True)), Labels(type="media", media_type="ptt")),
        (Message(audioMessage=Message.AudioMessage()), Labels(type="media", media_type="audio")),
        (
            Message(pollCreationMessageV3=Message.PollCreationMessage()),
            Labels(type="poll", meta=(("polltype", "creation"),)),
        ),
        (
            Message(pollUpdateMessage=Message.PollUpdateMessage()),
            Labels(type="poll", hide_failure=True, meta=(("polltype", "vote"),)),
        ),
        (Message(eventMessage=Message.EventMessage()), Labels(type="event", meta=(("event_type", "creation"),))),
        (
            Message(encEventResponseMessage=Message.EncEventResponseMessage()),
            Labels(type="event", hide_failure=True, meta=(("event_type", "response"),)),
        ),
        (
            Message(
                secretEncryptedMessage=Message.SecretEncryptedMessage(
                    secretEncType=Message.SecretEncryptedMessage.EVENT_EDIT
                )
            ),
            Labels(type="event", hide_failure=True, meta=(("event_type", "edit"),)),
        ),
        (
            Message(protocolMessage=ProtocolMessage(type=ProtocolMessage.GROUP_MEMBER_LABEL_CHANGE)),
            Labels(type="text", meta=(("tag_reason", "user_update"), ("appdata", "member_tag"))),
        ),
        (Message(encCommentMessage=Message.EncCommentMessage()), Labels(type="text")),
        (Message(ptvMessage=Message.VideoMessage()), Labels(type="media", media_type="ptv")),
        (
            Message(extendedTextMessage=Message.ExtendedTextMessage(text="x", matchedText="https://example.org")),
            Labels(type="media", media_type="url"),
        ),
        (keep(KeepType.KEEP_FOR_ALL, True), Labels(type="text", hide_failure=True)),
        (keep(KeepType.UNDO_KEEP_FOR_ALL, True), Labels(type="text", edit=Edit.REVOKE, hide_failure=True)),
        (keep(KeepType.UNDO_KEEP_FOR_ALL, False), Labels(type="text", hide_failure=True)),
        (
            Message(reactionMessage=Message.ReactionMessage(text="👍")),
            Labels(type="reaction", hide_failure=True),
        ),
        (
            Message(reactionMessage=Message.ReactionMessage(text="")),
            Labels(type="reaction", edit=Edit.REVOKE, hide_failure=True),
        ),
        (
            Message(pinInChatMessage=Message.PinInChatMessage()),
            Labels(type="text", edit=Edit.PIN, hide_failure=True),
        ),
        (
            Message(protocolMessage=ProtocolMessage(type=ProtocolMessage.MESSAGE_EDIT)),
            Labels(type="text", edit=Edit.EDIT, hide_failure=True),
        ),
        (revoke(CHAT, True), Labels(type="text", edit=Edit.REVOKE, hide_failure=True)),
        (revoke(CHAT, False), Labels(type="text", edit=Edit.REVOKE, hide_failure=True)),
        (revoke(GROUP, True), Labels(type="text", edit=Edit.REVOKE, hide_failure=True)),
        (revoke(GROUP, False), Labels(type="text", edit=Edit.ADMIN_REVOKE, hide_failure=True)),
        (Message(protocolMessage=ProtocolMessage(type=ProtocolMessage.EPHEMERAL_SETTING)), Labels(type="text")),
        (Message(buttonsMessage=Message.ButtonsMessage()), Labels(type="text", business=("buttons", ()))),
        (
            Message(listMessage=Message.ListMessage(listType=Message.ListMessage.SINGLE_SELECT)),
            Labels(type="media", media_type="list", business=("list", (("v", "2"), ("type", "single_select")))),
        ),
        (
            Message(buttonsResponseMessage=Message.ButtonsResponseMessage()),
            Labels(type="media", media_type="buttons_response", business=("buttons_response", ())),
        ),
        (
            Message(listResponseMessage=Message.ListResponseMessage()),
            Labels(type="media", media_type="list_response", business=("list_response", ())),
        ),
        (
            Message(interactiveResponseMessage=Message.InteractiveResponseMessage()),
            Labels(type="media", media_type="native_flow_response", business=("interactive_response", ())),
        ),
    ],
)
def test_labels(message: Message, expected: Labels) -> None:
    assert labels(message) == expected
    wrapped = Message(ephemeralMessage=Message.FutureProofMessage(message=message))
    assert labels(wrapped) == expected


def test_a_kind_is_not_what_accompanies_it() -> None:
    message = Message(conversation="x")
    message.messageContextInfo.messageSecret = b"s"
    message.senderKeyDistributionMessage.groupId = GROUP
    assert kind_of(message) == "conversation"
    message.ClearField("conversation")
    assert kind_of(message) is None
