"""Whether this client's user is looking: announced to the server, and told with each delivery receipt."""

from __future__ import annotations

from motte.core.stanza.presence import announce
from motte.model.presence import Availability
from motte.runtime.context import Context


class PresenceState:
    """The presence of this client. It starts unavailable with each connection."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.active = False

    def reset(self) -> None:
        """A new connection: the server has heard nothing yet."""
        self.active = False

    def announce(self, availability: Availability) -> bool:
        """Tell the server; False when the account has no name yet, without which the server takes no presence."""
        name = self._context.config.device.push_name or self._context.account.link.push_name
        if not name:
            return False
        self._context.wire.send(announce(availability, name))
        self.active = availability is Availability.AVAILABLE
        return True
