"""The devices of people, as the server listed them: a cache that lasts over restarts and is renewed when it is old."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from motte.model.jid import HOSTED, HOSTED_LID, LID, PN, Jid
from motte.store.batch import Batch
from motte.store.codec import Codec, bytes_of, from_json, text_of, to_json
from motte.store.table import Space

CACHED: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevice:
    """One device of a user: its number, its index in the user's signed key list, and whether a business hosts it."""

    id: int
    key_index: int = 0
    hosted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceList:
    """The devices of one user.

    Attributes:
        devices: in the server's order.
        fetched: when we asked, unix seconds.
        timestamp: of the signed key-index list, unix seconds, 0 without one.
        signed_key_index: the serialised `ADVSignedKeyIndexList`, may be empty.
    """

    devices: tuple[KnownDevice, ...]
    fetched: float
    timestamp: int = 0
    signed_key_index: bytes = b""

    def jids(self, user: Jid) -> tuple[Jid, ...]:
        """The devices as JIDs of `user`."""
        hosted = HOSTED_LID if user.server == LID else HOSTED if user.server == PN else user.server
        return tuple(Jid(user.user, hosted if device.hosted else user.server, device.id) for device in self.devices)


class Devices:
    """User → device list. PN and LID of a person have lists of their own, as the server answers them."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("devices", _CODEC, cached=CACHED)

    async def get(self, user: Jid, batch: Batch | None = None) -> DeviceList | None:
        """The list of one user, however old."""
        return await self.table.get(str(user.user_jid), batch)

    async def get_many(self, users: Iterable[Jid], batch: Batch | None = None) -> dict[Jid, DeviceList]:
        """The lists that we have among these users, however old, by user without device."""
        names = {str(user.user_jid): user.user_jid for user in users}
        return {names[name]: found for name, found in (await self.table.get_many(names, batch)).items()}

    def put(self, batch: Batch, user: Jid, devices: DeviceList) -> None:
        """Keep a list."""
        self.table.put(batch, str(user.user_jid), devices)

    def delete(self, batch: Batch, user: Jid) -> None:
        """Forget a list: it will be asked for again."""
        self.table.delete(batch, str(user.user_jid))


def _encode(value: DeviceList) -> bytes:
    return to_json(
        {
            "devices": [[device.id, device.key_index, int(device.hosted)] for device in value.devices],
            "fetched": value.fetched,
            "timestamp": value.timestamp,
            "signed_key_index": text_of(value.signed_key_index),
        }
    )


def _decode(data: bytes) -> DeviceList:
    plain = from_json(data)
    return DeviceList(
        devices=tuple(
            KnownDevice(id=int(number), key_index=int(index), hosted=bool(hosted))
            for number, index, hosted in plain["devices"]
        ),
        fetched=float(plain["fetched"]),
        timestamp=int(plain["timestamp"]),
        signed_key_index=bytes_of(plain["signed_key_index"]),
    )


_CODEC: Final[Codec[DeviceList]] = Codec(_encode, _decode)
