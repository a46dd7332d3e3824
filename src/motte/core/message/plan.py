"""For which devices a message is encrypted.

All devices of the recipient, and all of the own account except the one that sends. The own ones get the message as a
`deviceSentMessage`, which says where it went. Hosted devices of businesses take part in direct chats; in groups they
get no sender key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from motte.model.device import DeviceList
from motte.model.jid import HOSTED_DEVICE, Jid
from motte.model.me import Me


@dataclass(frozen=True, slots=True)
class Plan:
    """The devices of `others`, and the `own` ones; none is in both, none twice."""

    others: tuple[Jid, ...]
    own: tuple[Jid, ...]

    @property
    def devices(self) -> tuple[Jid, ...]:
        """All of them."""
        return self.others + self.own


def direct(me: Me, chat: Jid, lists: Iterable[DeviceList]) -> Plan:
    """The plan of a message to a person (or to oneself).

    `lists` are the device lists of the person and of the own account, both in the addressing of `chat`. A person whose
    list is missing or empty still has a phone; an own phone likewise.
    """
    devices: dict[Jid, None] = {}
    for listed in lists:
        devices.update(dict.fromkeys(listed.jids))
    for user in (chat.user_jid.with_device(0), me.facing(chat).user_jid.with_device(0)):
        if not any(device.user == user.user for device in devices):
            devices[user] = None
    return _split(me, devices)


def group(me: Me, lists: Iterable[DeviceList]) -> Plan:
    """The devices of a group's participants that may hold its sender key."""
    devices = dict.fromkeys(jid for listed in lists for jid in listed.jids)
    return _split(me, (jid for jid in devices if not (jid.is_hosted or jid.device == HOSTED_DEVICE)))


def without_key(plan: Plan, holders: Collection[Jid]) -> tuple[Jid, ...]:
    """The devices that have not got the sender key yet."""
    return tuple(device for device in plan.devices if device not in holders)


def _split(me: Me, devices: Iterable[Jid]) -> Plan:
    others: list[Jid] = []
    own: list[Jid] = []
    for device in devices:
        if not me.owns(device):
            others.append(device)
        elif not me.is_this_device(device):
            own.append(device)
    return Plan(tuple(others), tuple(own))
