"""What is set in a chat, and which protocol messages are content.

ephemeralMessage{message{protocolMessage{type=EPHEMERAL_SETTING, ephemeralExpiration}}}
protocolMessage{type=LIMIT_SHARING, limitSharing{sharingLimited, trigger, limitSharingSettingTimestamp, initiatedByMe}}
protocolMessage{type=GROUP_MEMBER_LABEL_CHANGE, memberLabel{label, labelTimestamp}}
protocolMessage{type=SHARE_PHONE_NUMBER}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from motte.core.message.content.action import read_edit, read_revoke
from motte.core.message.content.fields import text
from motte.core.message.content.scene import Builder, Reader, Scene, Viewpoint
from motte.core.message.protocol import unknown_type
from motte.errors import LocalProtocolError
from motte.model.content import Content
from motte.model.content.people import SharePhoneNumber
from motte.model.content.setting import DisappearingTimer, LimitSharing, MemberLabel
from motte.proto.e2e_pb2 import LimitSharing as WireLimit
from motte.proto.e2e_pb2 import MemberLabel as WireLabel
from motte.proto.e2e_pb2 import Message

_Protocol = Message.ProtocolMessage


def _timer(content: DisappearingTimer, scene: Scene) -> Message:
    if content.seconds < 0:
        raise LocalProtocolError("a timer is at least 0 seconds, which is off")
    wire = _Protocol(type=_Protocol.EPHEMERAL_SETTING, ephemeralExpiration=content.seconds)
    wrapped = Message.FutureProofMessage(message=Message(protocolMessage=wire))
    return Message(ephemeralMessage=wrapped)


def _limit(content: LimitSharing, scene: Scene) -> Message:
    limit = WireLimit(
        sharingLimited=content.limited,
        trigger=WireLimit.CHAT_SETTING,
        limitSharingSettingTimestamp=scene.now_ms,
        initiatedByMe=True,
    )
    return Message(protocolMessage=_Protocol(type=_Protocol.LIMIT_SHARING, limitSharing=limit))


def _label(content: MemberLabel, scene: Scene) -> Message:
    label = WireLabel(label=content.label, labelTimestamp=int(scene.now))
    return Message(protocolMessage=_Protocol(type=_Protocol.GROUP_MEMBER_LABEL_CHANGE, memberLabel=label))


def _share_number(content: SharePhoneNumber, scene: Scene) -> Message:
    return Message(protocolMessage=_Protocol(type=_Protocol.SHARE_PHONE_NUMBER))


def _read_timer(wire: _Protocol, view: Viewpoint) -> DisappearingTimer:
    return DisappearingTimer(wire.ephemeralExpiration)


def _read_limit(wire: _Protocol, view: Viewpoint) -> LimitSharing:
    return LimitSharing(wire.limitSharing.sharingLimited)


def _read_label(wire: _Protocol, view: Viewpoint) -> MemberLabel:
    return MemberLabel(text(wire.memberLabel.label))


def _read_number(wire: _Protocol, view: Viewpoint) -> SharePhoneNumber:
    return SharePhoneNumber()


_TYPES: Final[dict[_Protocol.Type.ValueType, Callable[[_Protocol, Viewpoint], Content | None]]] = {
    _Protocol.REVOKE: read_revoke,
    _Protocol.MESSAGE_EDIT: read_edit,
    _Protocol.EPHEMERAL_SETTING: _read_timer,
    _Protocol.LIMIT_SHARING: _read_limit,
    _Protocol.GROUP_MEMBER_LABEL_CHANGE: _read_label,
    _Protocol.SHARE_PHONE_NUMBER: _read_number,
}


def _protocol(message: Message, view: Viewpoint) -> Content | None:
    """The content of a protocol message; None for those that are work for the client, or unknown."""
    wire = message.protocolMessage
    read = _TYPES.get(wire.type)
    return read(wire, view) if read is not None and unknown_type(wire) is None else None


BUILDERS: Final[dict[type, Builder]] = {
    DisappearingTimer: _timer,
    LimitSharing: _limit,
    MemberLabel: _label,
    SharePhoneNumber: _share_number,
}
READERS: Final[dict[str, Reader]] = {"protocolMessage": _protocol}
