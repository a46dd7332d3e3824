"""Online or not: of others, and of this client.

<presence from="15550100002@s.whatsapp.net" [type="unavailable"] [last="1700000000"|"deny"|"none"]/>
<presence from="120363000000000001@g.us" count="3"/>
<presence type="available|unavailable" name="Ada"/>
<presence type="subscribe" to="15550100002@s.whatsapp.net" id="…">[<tctoken>…</tctoken>]</presence>
"""

from __future__ import annotations

from motte.core.binary.node import Node
from motte.core.stanza.build import Attrs, element
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid
from motte.model.presence import Availability, Presence


def read(presence: Reader) -> Presence:
    """The value of a `<presence>`."""
    gone = presence.optional_text("type") == Availability.UNAVAILABLE
    last = presence.optional_text("last") or ""
    return Presence(
        user=presence.jid("from"),
        availability=Availability.UNAVAILABLE if gone else Availability.AVAILABLE,
        last_seen=presence.integer("last") if last[:1].isdigit() else None,
        online_count=presence.optional_integer("count"),
        last_seen_hidden=last == "deny",
    )


def announce(availability: Availability, push_name: str) -> Node:
    """Tell that this client is online or not; the name travels along, without any `@`."""
    return element("presence", {"type": availability, "name": push_name.replace("@", "")})


def subscribe(user: Jid, stanza_id: str, token: Node | None = None) -> Node:
    """Ask to be told of a user's presence; some users want to see a `<tctoken>` first."""
    attrs: Attrs = {"type": "subscribe", "to": user, "id": stanza_id}
    return element("presence", attrs, [token])
