"""Setting entries of the account's state, for the namespaces that do."""

from __future__ import annotations

from motte.client.ports import Clock, Syncing
from motte.core.appstate import actions
from motte.model.appstate import Action


class State:
    """Sets entries, and tells the account's other devices."""

    def __init__(self, *, syncing: Syncing, clock: Clock) -> None:
        self._syncing, self._clock = syncing, clock

    async def sync(self) -> None:
        """Bring what is known of the state up to date with the server. Raises like `set`."""
        for error in (await self._syncing.sync()).values():
            raise error

    async def set(self, *entries: Action) -> None:
        """Set all of these; returns when the server has them. What one collection holds goes as one patch.

        Raises:
            LocalProtocolError: the phone has not shared the keys of the state yet.
            AppStateError: the part of the state that it belongs to cannot be read, and so not be changed either.
            Conflict: other devices change it faster than we can.
            Disconnected, RequestTimeout, ServerError: the server did not answer, or not with a yes.
        """
        now = self._clock.now()
        await self._syncing.push([actions.write(entry, now) for entry in entries])
