"""Places.

locationMessage{degreesLatitude, degreesLongitude, name, address, url, comment, accuracyInMeters, isLive, jpegThumbnail}
liveLocationMessage{degreesLatitude, degreesLongitude, accuracyInMeters, speedInMps,
                    degreesClockwiseFromMagneticNorth, caption, sequenceNumber, timeOffset, jpegThumbnail}
"""

from __future__ import annotations

from typing import Final

from motte.core.message.content.fields import maybe, text
from motte.core.message.content.scene import Builder, Reader, Scene, Viewpoint
from motte.errors import LocalProtocolError
from motte.model.content.place import LiveLocation, Location
from motte.proto.e2e_pb2 import Message


def location(content: Location) -> Message.LocationMessage:
    """A place, alone or in an event."""
    _on_earth(content)
    return Message.LocationMessage(
        degreesLatitude=content.latitude,
        degreesLongitude=content.longitude,
        name=content.name,
        address=content.address,
        url=content.url,
        comment=content.comment,
        accuracyInMeters=content.accuracy,
        isLive=content.is_live or None,
        jpegThumbnail=content.thumbnail,
    )


def read_location(wire: Message.LocationMessage) -> Location:
    """A place, alone or in an event."""
    return Location(
        latitude=wire.degreesLatitude,
        longitude=wire.degreesLongitude,
        name=maybe(wire.name),
        address=maybe(wire.address),
        url=maybe(wire.url),
        comment=maybe(wire.comment),
        accuracy=wire.accuracyInMeters or None,
        is_live=wire.isLive,
        thumbnail=wire.jpegThumbnail or None,
    )


def _on_earth(content: Location | LiveLocation) -> None:
    if not (-90 <= content.latitude <= 90 and -180 <= content.longitude <= 180):
        raise LocalProtocolError("latitudes go from -90 to 90 degrees, longitudes from -180 to 180")


def _location(content: Location, scene: Scene) -> Message:
    return Message(locationMessage=location(content))


def _live(content: LiveLocation, scene: Scene) -> Message:
    _on_earth(content)
    return Message(
        liveLocationMessage=Message.LiveLocationMessage(
            degreesLatitude=content.latitude,
            degreesLongitude=content.longitude,
            accuracyInMeters=content.accuracy,
            speedInMps=content.speed,
            degreesClockwiseFromMagneticNorth=content.bearing,
            caption=content.caption or None,
            sequenceNumber=content.sequence,
            timeOffset=content.time_offset,
            jpegThumbnail=content.thumbnail,
        )
    )


def _read_location(message: Message, view: Viewpoint) -> Location:
    return read_location(message.locationMessage)


def _read_live(message: Message, view: Viewpoint) -> LiveLocation:
    wire = message.liveLocationMessage
    return LiveLocation(
        latitude=wire.degreesLatitude,
        longitude=wire.degreesLongitude,
        accuracy=wire.accuracyInMeters or None,
        speed=wire.speedInMps if wire.HasField("speedInMps") else None,
        bearing=wire.degreesClockwiseFromMagneticNorth if wire.HasField("degreesClockwiseFromMagneticNorth") else None,
        caption=text(wire.caption),
        sequence=wire.sequenceNumber or None,
        time_offset=wire.timeOffset if wire.HasField("timeOffset") else None,
        thumbnail=wire.jpegThumbnail or None,
    )


BUILDERS: Final[dict[type, Builder]] = {Location: _location, LiveLocation: _live}
READERS: Final[dict[str, Reader]] = {"locationMessage": _read_location, "liveLocationMessage": _read_live}
