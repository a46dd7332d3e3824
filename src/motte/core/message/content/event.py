"""Events and the answers to them.

eventMessage{name, description, startTime, endTime, location{…}, joinLink, isCanceled, extraGuestsAllowed,
             isScheduleCall, hasReminder, reminderOffsetSec}
encEventResponseMessage{eventCreationMessageKey, encPayload, encIv}
    encPayload = sealed EventResponseMessage{response, timestampMs, extraGuestCount}
"""

from __future__ import annotations

from typing import Final

from motte.core.message.content.fields import maybe, text
from motte.core.message.content.place import location, read_location
from motte.core.message.content.scene import Builder, Reader, Scene, Viewpoint, wire_key
from motte.errors import LocalProtocolError, RemoteProtocolError
from motte.model.content.encrypted import Encrypted, SecretUse
from motte.model.content.event import Attendance, Event, EventResponse
from motte.proto.e2e_pb2 import Message


def _event(content: Event, scene: Scene) -> Message:
    if not content.name:
        raise LocalProtocolError("an event needs a name")
    return Message(
        eventMessage=Message.EventMessage(
            name=content.name,
            description=content.description,
            startTime=content.starts_at,
            endTime=content.ends_at,
            location=location(content.location) if content.location else None,
            joinLink=content.join_link,
            isCanceled=content.cancelled,
            extraGuestsAllowed=content.extra_guests_allowed or None,
            isScheduleCall=content.is_call,
            hasReminder=True if content.reminder is not None else None,
            reminderOffsetSec=content.reminder,
        )
    )


def _response(content: EventResponse, scene: Scene) -> Message:
    plaintext = Message.EventResponseMessage(
        response=Message.EventResponseMessage.EventResponseType.ValueType(content.attendance),
        timestampMs=content.timestamp_ms or scene.now_ms,
        extraGuestCount=content.extra_guests,
    ).SerializeToString()
    payload, iv = scene.seal(plaintext, SecretUse.EVENT_RESPONSE, content.event)
    return Message(
        encEventResponseMessage=Message.EncEventResponseMessage(
            eventCreationMessageKey=wire_key(content.event), encPayload=payload, encIv=iv
        )
    )


def read_event(wire: Message.EventMessage) -> Event:
    """An event, sent or edited."""
    return Event(
        name=text(wire.name),
        starts_at=wire.startTime,
        ends_at=wire.endTime or None,
        description=maybe(wire.description),
        location=read_location(wire.location) if wire.HasField("location") else None,
        join_link=maybe(wire.joinLink),
        cancelled=wire.isCanceled,
        extra_guests_allowed=wire.extraGuestsAllowed,
        is_call=wire.isScheduleCall,
        reminder=wire.reminderOffsetSec if wire.hasReminder else None,
    )


def _read_event(message: Message, view: Viewpoint) -> Event:
    return read_event(message.eventMessage)


def _read_response(message: Message, view: Viewpoint) -> Encrypted:
    wire = message.encEventResponseMessage
    return Encrypted(
        use=SecretUse.EVENT_RESPONSE,
        target=view.target(wire.eventCreationMessageKey),
        payload=wire.encPayload,
        iv=wire.encIv,
    )


def opened_response(plaintext: bytes, encrypted: Encrypted) -> EventResponse:
    """An answer that was decrypted; may raise `DecodeError`.

    Raises:
        RemoteProtocolError: it is none of the known answers.
    """
    wire = Message.EventResponseMessage.FromString(plaintext)
    if not wire.response:
        raise RemoteProtocolError("an answer to an event is neither yes, no nor maybe")
    return EventResponse(
        event=encrypted.target,
        attendance=Attendance(wire.response),
        extra_guests=max(wire.extraGuestCount, 0),
        timestamp_ms=wire.timestampMs or None,
    )


BUILDERS: Final[dict[type, Builder]] = {Event: _event, EventResponse: _response}
READERS: Final[dict[str, Reader]] = {"eventMessage": _read_event, "encEventResponseMessage": _read_response}
