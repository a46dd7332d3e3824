"""A mutation: one record of a collection set or removed, as the actions are read from and written to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from motte.proto.sync_action_pb2 import SyncActionValue


class Operation(IntEnum):
    """What happens to the record of an index. The numbers are those of the wire."""

    SET = 0
    REMOVE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One change.

    `index` names the record: the action's name, then whom or what it concerns (`("mute", "15550100001@…")`); a later
    mutation of the same index replaces this one. `version` is the version of the action's format.
    """

    operation: Operation
    index: tuple[str, ...]
    value: SyncActionValue
    version: int
