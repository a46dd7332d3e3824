"""The devices of a person: the phone is device 0, linked devices have higher numbers."""

from __future__ import annotations

from dataclasses import dataclass

from motte.model.jid import HOSTED, HOSTED_LID, LID, PN, Jid

_HOSTED_FORM = {PN: HOSTED, LID: HOSTED_LID}


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device: its number, its index in the account's signed list, and whether a business hosts it in the cloud."""

    id: int
    key_index: int | None = None
    is_hosted: bool = False

    @property
    def is_usable(self) -> bool:
        """Whether messages can go to it: a linked device without a key index (they start at 1) is refused."""
        return self.id == 0 or bool(self.key_index)

    def of(self, user: Jid) -> Jid:
        """The JID of this device of `user`."""
        if not self.is_hosted and self.id == user.device:
            return user  # nearly all devices of a large group are phones
        server = _HOSTED_FORM.get(user.server, user.server) if self.is_hosted else user.server
        return Jid(user.user, server, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceList:
    """The devices of `user`.

    `hash` is the server's hash of the list; `key_index_list` the signed list (ADVSignedKeyIndexList, unverified bytes)
    as of `timestamp`, unix seconds.
    """

    user: Jid
    devices: tuple[Device, ...]
    hash: str | None = None
    timestamp: int | None = None
    key_index_list: bytes | None = None

    @property
    def jids(self) -> tuple[Jid, ...]:
        """The JIDs of all devices, hosted ones on their own server."""
        return tuple(device.of(self.user) for device in self.devices)
