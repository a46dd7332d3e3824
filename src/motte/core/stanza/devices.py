"""Which devices a person has: in usync answers, and when the server tells that they changed.

    <devices>
      <device-list hash="2:…">
        <device id="0"/> <device id="3" key-index="2"/> <device id="99" key-index="4" is_hosted="true"/>
      </device-list>
      <key-index-list ts="1700000000" expected_ts="…">ADVSignedKeyIndexList</key-index-list>
    </devices>

    <notification type="devices" from="15550100002@s.whatsapp.net" lid="100000000000002@lid" t="…" id="…">
      <add device_hash="2:…" [device_lid_hash="2:…"]>
        <device jid="15550100002:4@s.whatsapp.net" [lid="100000000000002:4@lid"] key-index="3"/>
        <key-index-list ts="…">ADVSignedKeyIndexList</key-index-list>
      </add>
    </notification>
    (likewise <remove>, and <update hash="…"/> without devices: drop what you know)

Two traps that others fell into: a device other than 0 without a key index is not usable, and `is_hosted` belongs to one
device, not to all that follow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from motte.core.stanza.header import Header
from motte.core.stanza.reader import Reader
from motte.model.device import Device, DeviceList
from motte.model.jid import MAX_DEVICE, Jid

MAX_DEVICES: Final = 1024
MAX_KEY_INDEX_LIST: Final = 16_384


def read_devices(devices: Reader, user: Jid) -> DeviceList:
    """The value of a `<devices>`; entries that nobody can send to are left out.

    The signature in `key_index_list` is not checked here.
    """
    listing, index = devices.child("device-list"), devices.optional_child("key-index-list")
    found = [_device(entry) for entry in listing.children("device")]
    if len(found) > MAX_DEVICES:
        raise listing.error(f"holds more than {MAX_DEVICES} devices")
    return DeviceList(
        user=user.user_jid,
        devices=tuple(device for device in found if device.is_usable),
        hash=listing.optional_text("hash"),
        timestamp=index.optional_integer("ts") if index else None,
        key_index_list=index.data(limit=MAX_KEY_INDEX_LIST) if index and index.node.content else None,
    )


def _device(entry: Reader) -> Device:
    return Device(
        id=entry.integer("id", high=MAX_DEVICE),
        key_index=entry.optional_integer("key-index"),
        is_hosted=entry.flag("is_hosted"),
    )


class DeviceChange(StrEnum):
    """What happened to a device list."""

    ADD = "add"
    REMOVE = "remove"
    UPDATE = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesChanged:
    """A person's devices changed.

    `devices` are the ones added or removed, in the addressing of `user`; `lids` the same in LID form, where told.
    `hash` is what the whole list hashes to afterwards (see `motte.core.message.phash`); `UPDATE` carries no devices.
    """

    header: Header
    change: DeviceChange
    user: Jid
    user_lid: Jid | None = None
    devices: tuple[Jid, ...] = ()
    lids: tuple[Jid, ...] = ()
    hash: str | None = None
    lid_hash: str | None = None
    key_index_list: bytes | None = None

    @classmethod
    def read(cls, notification: Reader, header: Header) -> DevicesChanged | None:
        """The value of the notification; None when it holds no change of a known kind."""
        body = next((child for child in notification.children() if child.tag in _CHANGES), None)
        if body is None:
            return None
        entries, index = list(body.children("device")), body.optional_child("key-index-list")
        lids = (entry.optional_jid("lid") for entry in entries)
        return cls(
            header=header,
            change=DeviceChange(body.tag),
            user=header.source.user_jid,
            user_lid=notification.optional_jid("lid"),
            devices=tuple(entry.jid("jid") for entry in entries),
            lids=tuple(lid for lid in lids if lid is not None),
            hash=body.optional_text("device_hash"),
            lid_hash=body.optional_text("device_lid_hash"),
            key_index_list=index.data(limit=MAX_KEY_INDEX_LIST) if index and index.node.content else None,
        )


_CHANGES: Final = frozenset(DeviceChange)


@dataclass(frozen=True, slots=True)
class OwnDevicesChanged:
    """The own account's devices changed (an `account_sync` notification): fetch the list again.

    `devices` is the list as told, possibly empty.
    """

    header: Header
    devices: tuple[Jid, ...]
    hash: str | None = None

    @classmethod
    def read(cls, devices: Reader, header: Header) -> OwnDevicesChanged:
        """The value of the notification's `<devices>`."""
        jids = tuple(device.jid("jid") for device in devices.children("device"))
        return cls(header, jids, devices.optional_text("dhash"))
