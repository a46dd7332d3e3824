"""Entries of the account's state as mutations, and back.

    read(mutation)          the action; what cannot be read is an `UnknownAction`, so nothing is ever lost
    write(action, now)      the collection that it belongs to, and the mutation

The modules of this package hold the table, one row an action: its name, its place in the schema, its collection, the
version of its format, and what stands in its index and in its value. A name or a class given twice fails at import.

Names that WhatsApp has and the schema no message for (setting_securityNotification, broadcast, galaxy_flow_action), or
that are newer than it, are read as `UnknownAction`.
"""

from __future__ import annotations

from typing import Final

from motte.core.appstate.actions import business, chats, devices, labels, media, people, settings
from motte.core.appstate.actions.row import Row, by_kind, by_name
from motte.core.appstate.collections import Collection
from motte.core.appstate.mutation import Mutation, Operation
from motte.errors import LocalProtocolError
from motte.model.appstate import Action, Removed, UnknownAction
from motte.proto.sync_action_pb2 import SyncActionValue

ROWS: Final[tuple[Row, ...]] = (
    *chats.ROWS,
    *people.ROWS,
    *labels.ROWS,
    *settings.ROWS,
    *business.ROWS,
    *media.ROWS,
    *devices.ROWS,
)
_BY_NAME: Final = by_name(ROWS)
_BY_KIND: Final = by_kind(ROWS)


def read(mutation: Mutation) -> Action:
    """The action of a mutation."""
    row, removed = _BY_NAME.get(mutation.index[0]), mutation.operation is Operation.REMOVE
    if row is not None:
        try:
            if removed:
                return row.read_removal(mutation.index) or Removed(index=mutation.index)
            return row.read(mutation.index, mutation.value)
        except ValueError:
            pass  # authentic, and yet not what we take it for: the caller gets it as it is
    return UnknownAction(index=mutation.index, value=mutation.value.SerializeToString(), removed=removed)


def write(action: Action, now: float) -> tuple[Collection, Mutation]:
    """The collection of an action and its mutation, made at `now` (unix seconds).

    Raises:
        LocalProtocolError: nobody knows how to write it: an `UnknownAction`, or the removal of one.
    """
    value = SyncActionValue(timestamp=int(now * 1000))
    if isinstance(action, Removed):
        row, index, set_to = _BY_NAME.get(action.name), action.index, None
    else:
        row = _BY_KIND.get(type(action))
        set_to = action if row is not None and isinstance(action, row.kind) else None
        index = row.index_of(action) if row is not None else ()
    if row is None:
        raise LocalProtocolError(f"{type(action).__name__} cannot be written")
    row.fill(value, set_to)
    operation = Operation.REMOVE if set_to is None else Operation.SET
    return row.collection, Mutation(operation=operation, index=index, value=value, version=row.version)
