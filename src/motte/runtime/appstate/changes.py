"""What one step of a collection brings, on its way to what acts on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from motte.core.appstate.collections import Collection
from motte.core.appstate.mutation import Mutation
from motte.runtime.step import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The mutations of one patch or snapshot, in their order.

    `initial` says that the collection is fetched anew, so that most of it is old news; `own` that this client made
    the changes; `whole` that they are everything that the collection holds: what is not among them is not there.
    """

    collection: Collection
    mutations: tuple[Mutation, ...]
    initial: bool = False
    own: bool = False
    whole: bool = False


class Effects(Protocol):
    """Acts on changes."""

    async def apply(self, changes: Changes, step: Step) -> None:
        """Put what follows from the changes into `step`: rows into its batch, events for after the commit."""
        ...
