"""One row of the table of actions: how an action is a mutation, both ways."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from motte.core.appstate.actions.forms import IndexForm, ValueForm
from motte.core.appstate.collections import Collection
from motte.model.appstate.action import Action
from motte.proto.sync_action_pb2 import SyncActionValue


@dataclass(frozen=True, slots=True)
class Field:
    """The attribute `attribute` is the field `name` (or the fields `covers`) of the action's message."""

    attribute: str
    name: str
    form: ValueForm
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How the action `kind` is written.

    Attributes:
        name: the first part of its index.
        field: the field of SyncActionValue that holds it; None for what the index says alone.
        collection, version: where it goes, and the version of its format.
        index: attribute and form of the parts that follow the name.
        fields: the other attributes.
        removal: what it is when the entry is removed; made of the index alone.
    """

    kind: type[Action]
    name: str
    field: str | None
    collection: Collection
    version: int
    index: tuple[tuple[str, IndexForm], ...] = ()
    fields: tuple[Field, ...] = ()
    removal: type[Action] | None = None

    def __post_init__(self) -> None:
        told = {attribute for attribute, _ in self.index} | {field.attribute for field in self.fields}
        assert told == {field.name for field in dataclasses.fields(self.kind)}, self.kind  # type: ignore[arg-type]

    def read(self, index: Sequence[str], value: SyncActionValue) -> Action:
        """The action of a mutation.

        Raises:
            ValueError: it cannot be one.
        """
        told = self._of_index(index)
        if self.field is not None:
            if not value.HasField(self.field):  # type: ignore[arg-type]
                raise ValueError("the value is another action's")
            message = getattr(value, self.field)
            told.update({field.attribute: field.form.read(message, field.name) for field in self.fields})
        return self.kind(**told)

    def read_removal(self, index: Sequence[str]) -> Action | None:
        """What a removal is, if it has a name of its own. Raises like `read`."""
        return None if self.removal is None else self.removal(**self._of_index(index))

    def index_of(self, action: Action) -> tuple[str, ...]:
        """The index that names the action's entry."""
        parts: list[str] = [self.name]
        for attribute, form in self.index:
            parts += form.write(getattr(action, attribute))
        return tuple(parts)

    def fill(self, value: SyncActionValue, action: Action | None) -> None:
        """Write the action into a value; none leaves its message empty."""
        if self.field is None:
            return
        message = getattr(value, self.field)
        message.SetInParent()
        for field in self.fields if action is not None else ():
            field.form.write(message, field.name, getattr(action, field.attribute))

    def _of_index(self, index: Sequence[str]) -> dict[str, Any]:
        told, at = {}, 1
        for attribute, form in self.index:
            if at + form.size > len(index):
                raise ValueError("the index is too short")
            told[attribute] = form.read(index[at : at + form.size])
            at += form.size
        return told


def by_name(rows: Iterable[Row]) -> dict[str, Row]:
    """The rows by the name that begins the index. A name given twice fails at import."""
    found: dict[str, Row] = {}
    for row in rows:
        assert row.name not in found, row.name
        found[row.name] = row
    return found


def by_kind(rows: Iterable[Row]) -> dict[type[Action], Row]:
    """The rows by the class of the action, or of its removal. A class given twice fails at import."""
    found: dict[type[Action], Row] = {}
    for row in rows:
        for kind in (row.kind, row.removal):
            assert kind not in found, kind
            if kind is not None:
                found[kind] = row
    return found
