"""What an account shows and prefers: its about text, and how long its new chats keep messages.

<iq type="set" xmlns="status"><status>…</status></iq>
<iq type="set" xmlns="disappearing_mode"><disappearing_mode duration="86400"/></iq>

To the people who may see it, and to the own other devices:
<notification type="status" from="A@s.whatsapp.net"><set>…</set></notification>
<notification type="account_sync"><disappearing_mode duration="86400" t="…"/></notification>       (own devices alone)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.testing.server.accounts import Device
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.privacy import shows, tell_others
from motte.testing.server.reader import Refused, child, data, number

MAX_ABOUT: Final = 139


def _set_about(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    about = data(iq, "status").decode("utf-8", "replace")
    if len(about) > MAX_ABOUT:
        raise Refused(406, f"an about text is longer than {MAX_ABOUT} characters")
    account = device.account
    account.profile.about, account.profile.about_set_at = about, hub.now
    people = [account, *(one for one in account.contacts if shows(account, "status", one))]
    for other in (one for person in people for one in person.companions):
        if other is not device:
            hub.notify(other, "status", Node("set", {}, about.encode()), sender=str(account.pn))
    return ()


def _disappearing(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    profile = device.account.profile
    profile.disappearing = number(child(iq, "disappearing_mode"), "duration")
    profile.disappearing_set_at = hub.now
    attrs = {"duration": str(profile.disappearing), "t": str(hub.now)}
    tell_others(hub, device, Node("disappearing_mode", attrs))
    return ()


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {
    ("status", "status"): _set_about,
    ("disappearing_mode", "disappearing_mode"): _disappearing,
}
