"""Every action that can be written is read as it was; what is read never fails."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motte.core.appstate.actions import ROWS, read, write
from motte.core.appstate.actions.row import Row
from motte.core.appstate.mutation import Mutation, Operation
from motte.model.appstate import Action, EmojiWeight, MessageRef, Mute
from motte.model.jid import Jid
from motte.proto.sync_action_pb2 import SyncActionValue

USERS = st.builds(Jid, st.text("0123456789", min_size=5, max_size=15), st.sampled_from(["s.whatsapp.net", "lid"]))
CHATS = USERS | st.builds(Jid, st.text("0123456789", min_size=5, max_size=15), st.just("g.us"))
REFS = st.builds(MessageRef, chat=CHATS, id=st.text(min_size=1, max_size=8), from_me=st.just(True)) | st.builds(
    MessageRef, chat=CHATS, id=st.text(min_size=1, max_size=8), participant=st.none() | USERS
)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of an annotation."""
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: st.text(max_size=8),
        bool: st.booleans(),
        int: st.integers(0, 2**31 - 1),
        float: st.floats(width=32, allow_nan=False),
        bytes: st.binary(min_size=1, max_size=8),
        Jid: CHATS,
        MessageRef: REFS,
        type(None): st.none(),
        EmojiWeight: st.builds(EmojiWeight, emoji=st.text(max_size=2), weight=st.floats(width=32, allow_nan=False)),
    }
    if hint in plain:
        return plain[hint]
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return st.one_of([values(one) for one in inside])
    if origin is tuple and inside[-1] is Ellipsis:
        return st.lists(values(inside[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*[values(one) for one in inside])
    if origin is Mapping:
        return st.dictionaries(values(inside[0]), values(inside[1]), max_size=3)
    if isinstance(hint, type) and issubclass(hint, IntEnum):
        return st.sampled_from(list(hint))
    return actions(hint)


def actions(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Instances of a dataclass."""
    hints = typing.get_type_hints(kind)
    arguments = {field.name: values(hints[field.name]) for field in dataclasses.fields(kind)}
    if kind is Mute:
        arguments["until"] = st.none() | st.just(-1) | st.integers(1, 2**31 - 1)
    if kind.__name__ == "ChatLockSettings":
        arguments["secret_code"] = st.none() | st.just(b"\x22\x02hi")  # a serialised UserPassword
    return st.builds(kind, **arguments)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@settings(max_examples=25)
@given(data=st.data())
def test_what_is_written_is_read(row: Row, data: st.DataObject) -> None:
    action = data.draw(actions(row.kind))
    collection, mutation = write(action, 1_764_000_000.0)
    reparsed = dataclasses.replace(mutation, value=SyncActionValue.FromString(mutation.value.SerializeToString()))
    assert read(reparsed) == action
    assert collection is row.collection


INDEXES = st.builds(
    lambda name, rest: (name, *rest),
    st.sampled_from([row.name for row in ROWS]) | st.text(max_size=5),
    st.lists(st.sampled_from(["0", "1", "", "15550100001@s.whatsapp.net", "x"]) | st.text(max_size=5), max_size=6),
)


@given(INDEXES, st.binary(max_size=64), st.sampled_from(Operation))
def test_reading_never_fails(index: tuple[str, ...], data: bytes, operation: Operation) -> None:
    value = SyncActionValue()
    try:
        value.MergeFromString(data)
    except Exception:
        value = SyncActionValue(starAction=SyncActionValue.StarAction(starred=True))
    assert isinstance(read(Mutation(operation=operation, index=index, value=value, version=1)), Action)
