"""`client.labels`: labels, and what wears them. Personal accounts know them as lists."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from motte.client.features.messages import address
from motte.client.features.state import State
from motte.client.ports import Entries
from motte.errors import LocalProtocolError
from motte.model.appstate import Action, LabelChat, LabelEdit, LabelMessage, LabelOrder, MessageRef
from motte.model.jid import Jid
from motte.model.key import MessageKey

COLORS: Final = 20
"""Colours of WhatsApp's palette, counted from 0."""


class Labels:
    """Labels. Methods that change something raise what `State.set` does."""

    def __init__(self, *, state: State, entries: Entries) -> None:
        self._state, self._entries = state, entries

    async def all(self) -> list[LabelEdit]:
        """The labels there are, in the order that was chosen for them."""
        known, chosen = await self._known(), await self._entries.get(("label_reordering",))
        order = chosen.action.labels if chosen is not None and isinstance(chosen.action, LabelOrder) else ()
        place = {str(label): at for at, label in enumerate(order)}
        there = [label for label in known if not label.deleted]
        return sorted(there, key=lambda label: (place.get(label.id, len(place)), label.order or 0))

    async def create(self, name: str, *, color: int = 0) -> LabelEdit:
        """Make a label; gives it, with its id."""
        numbers = [int(label.id) for label in await self._known() if label.id.isascii() and label.id.isdigit()]
        label = LabelEdit(id=str(max(numbers, default=0) + 1), name=name, color=color)
        await self._state.set(label)
        return label

    async def edit(self, label: str, *, name: str | None = None, color: int | None = None) -> LabelEdit:
        """Change the label of that id; gives it as it is then.

        Raises:
            LocalProtocolError: there is no such label.
        """
        found = await self._label(label)
        changed = replace(
            found, name=found.name if name is None else name, color=found.color if color is None else color
        )
        await self._state.set(changed)
        return changed

    async def delete(self, label: str) -> None:
        """Delete the label of that id. Raises `LocalProtocolError` when there is none."""
        await self._state.set(replace(await self._label(label), deleted=True))

    async def reorder(self, *labels: str) -> None:
        """Put the labels in this order, by their ids, which are numbers."""
        await self._state.set(LabelOrder(labels=tuple(int(label) for label in labels)))

    async def add(self, label: str, *targets: Jid | str | MessageKey) -> None:
        """Give the label of that id to chats and messages."""
        await self._state.set(*(_worn(label, target, True) for target in targets))

    async def remove(self, label: str, *targets: Jid | str | MessageKey) -> None:
        """Take the label of that id from chats and messages."""
        await self._state.set(*(_worn(label, target, False) for target in targets))

    async def chats(self, label: str) -> list[Jid]:
        """The chats that have the label of that id."""
        entries = [entry.action for entry in await self._entries.all("label_jid", label)]
        return [action.chat for action in entries if isinstance(action, LabelChat) and action.labeled]

    async def _known(self) -> list[LabelEdit]:
        entries = [entry.action for entry in await self._entries.all("label_edit")]
        return [action for action in entries if isinstance(action, LabelEdit)]

    async def _label(self, label: str) -> LabelEdit:
        for known in await self._known():
            if known.id == label and not known.deleted:
                return known
        raise LocalProtocolError(f"there is no label {label[:40]!r}")


def _worn(label: str, target: Jid | str | MessageKey, labeled: bool) -> Action:
    if isinstance(target, MessageKey):
        return LabelMessage(label=label, message=MessageRef.of(target), labeled=labeled)
    return LabelChat(label=label, chat=address(target), labeled=labeled)
