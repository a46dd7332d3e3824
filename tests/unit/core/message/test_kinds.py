import pytest

from motte.core.message.kinds import Edit, Labels, kind_of, labels
from motte.proto.e2e_pb2 import Message
from motte.proto.message_key_pb2 import MessageKey

ProtocolMessage = Message.ProtocolMessage
GROUP = "120363000000000001@g.us"
CHAT = "15550100002@s.whatsapp.net"


def revoke(chat: str, from_me: bool) -> Message:
    key = MessageKey(remoteJid=chat, fromMe=from_me, id="A")
    return Message(protocolMessage=ProtocolMessage(type=ProtocolMessage.REVOKE, key=key))


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
        (Message(pollCreationMessageV3=Message.PollCreationMessage()), Labels(type="poll")),
        (Message(eventMessage=Message.EventMessage()), Labels(type="event")),
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
            Labels(type="text", edit=Edit.EDIT),
        ),
        (revoke(CHAT, True), Labels(type="text", edit=Edit.REVOKE)),
        (revoke(CHAT, False), Labels(type="text", edit=Edit.REVOKE)),
        (revoke(GROUP, True), Labels(type="text", edit=Edit.REVOKE)),
        (revoke(GROUP, False), Labels(type="text", edit=Edit.ADMIN_REVOKE)),
        (Message(protocolMessage=ProtocolMessage(type=ProtocolMessage.EPHEMERAL_SETTING)), Labels(type="text")),
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
