"""What follows from a change of the account's state: an event, and what the client itself keeps of it."""

from __future__ import annotations

from motte.core.appstate import actions
from motte.events.appstate import AppStateChanged
from motte.runtime.appstate.changes import Changes
from motte.runtime.step import Step


class ActionEffects:
    """Reads the mutations as actions and tells of them."""

    async def apply(self, changes: Changes, step: Step) -> None:
        """Put what follows from the changes into `step`."""
        for mutation in changes.mutations:
            event = AppStateChanged(
                action=actions.read(mutation),
                collection=changes.collection,
                timestamp=mutation.value.timestamp // 1000,
                initial=changes.initial,
                own=changes.own,
            )
            step.tell(event)
