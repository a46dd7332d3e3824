from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor

from motte.core.appstate.actions import ROWS, read, write
from motte.core.appstate.actions.row import Row, by_kind, by_name
from motte.core.appstate.collections import Collection
from motte.core.appstate.mutation import Mutation, Operation
from motte.errors import LocalProtocolError
from motte.model import appstate
from motte.model.appstate import (
    FOREVER,
    Action,
    Archive,
    ClearChat,
    ContactEntry,
    ContactRemoved,
    DeleteForMe,
    LabelMessage,
    MessageRange,
    MessageRef,
    Mute,
    RangeMessage,
    Removed,
    Star,
    UnknownAction,
)
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.proto.sync_action_pb2 import SyncActionValue

NOW = 1_764_000_000.25
BOB = Jid("15550100002", "s.whatsapp.net")
GROUP = Jid("120363000000000001", "g.us")
FIELDS: dict[str, FieldDescriptor] = dict(SyncActionValue.DESCRIPTOR.fields_by_name)


def mutation(*index: str, operation: Operation = Operation.SET, **value: Any) -> Mutation:
    return Mutation(operation=operation, index=index, value=SyncActionValue(**value), version=1)


# --- the table is whole ------------------------------------------------------------------------------------------


def test_every_action_of_the_schema_has_a_row() -> None:
    told = {row.field for row in ROWS if row.field is not None}
    assert FIELDS.keys() - {"timestamp"} == told


@pytest.mark.parametrize("row", [row for row in ROWS if row.field], ids=lambda row: row.name)
def test_every_field_of_an_action_is_read(row: Row) -> None:
    assert row.field is not None
    message = FIELDS[row.field].message_type
    assert message is not None
    fields = set(message.fields_by_name)
    told = {name for field in row.fields for name in (field.covers or (field.name,))}
    assert told == fields


def test_every_value_of_the_model_has_a_row() -> None:
    values = {
        value
        for name in appstate.__all__
        if isinstance(value := getattr(appstate, name), type) and issubclass(value, Action)
    }
    rows = {row.kind for row in ROWS} | {row.removal for row in ROWS if row.removal}
    assert values - rows == {Action, Removed, UnknownAction}


def test_a_name_or_class_that_is_there_twice_is_refused() -> None:
    with pytest.raises(AssertionError):
        by_name([ROWS[0], ROWS[0]])
    with pytest.raises(AssertionError):
        by_kind([ROWS[0], dataclasses.replace(ROWS[0], name="other")])


def test_a_row_that_forgets_an_attribute_is_refused() -> None:
    with pytest.raises(AssertionError):
        dataclasses.replace(ROWS[0], fields=())


# --- single ones -------------------------------------------------------------------------------------------------


def test_a_mute_with_an_end() -> None:
    collection, made = write(Mute(chat=BOB, until=1_764_003_600), NOW)
    assert collection is Collection.REGULAR_HIGH
    assert made.index == ("mute", "15550100002@s.whatsapp.net")
    assert (made.operation, made.version) == (Operation.SET, 2)
    assert made.value.timestamp == 1_764_000_000_250
    assert (made.value.muteAction.muted, made.value.muteAction.muteEndTimestamp) == (True, 1_764_003_600_000)
    assert read(made) == Mute(chat=BOB, until=1_764_003_600)


def test_a_mute_for_ever_and_the_end_of_one() -> None:
    for_ever, over = write(Mute(chat=BOB, until=FOREVER), NOW)[1], write(Mute(chat=BOB, until=None), NOW)[1]
    assert for_ever.value.muteAction.muteEndTimestamp == -1
    assert not over.value.muteAction.muted
    assert not over.value.muteAction.HasField("muteEndTimestamp")
    assert (read(for_ever), read(over)) == (Mute(chat=BOB, until=FOREVER), Mute(chat=BOB, until=None))


def test_a_mute_without_an_end_is_for_ever() -> None:
    assert read(mutation("mute", str(BOB), muteAction={"muted": True})) == Mute(chat=BOB, until=FOREVER)


def test_messages_in_groups_name_their_sender() -> None:
    theirs = MessageRef(chat=GROUP, id="A1", participant=BOB)
    own = MessageRef(chat=GROUP, id="A2", from_me=True)
    assert write(Star(message=theirs), NOW)[1].index == ("star", str(GROUP), "A1", "0", str(BOB))
    assert write(Star(message=own), NOW)[1].index == ("star", str(GROUP), "A2", "1", "0")
    assert write(DeleteForMe(message=own), NOW)[1].index == ("deleteMessageForMe", str(GROUP), "A2", "1", "0")
    for ref in (theirs, own):
        assert read(write(Star(message=ref, starred=False), NOW)[1]) == Star(message=ref, starred=False)


def test_a_labelled_message_of_a_chat_is_named_as_everywhere() -> None:
    action = LabelMessage(label="7", message=MessageRef(chat=BOB, id="A1"))
    assert write(action, NOW)[1].index == ("label_message", "7", str(BOB), "A1", "0", "0")


def test_a_range_goes_both_ways() -> None:
    newest = RangeMessage(message=MessageRef(chat=GROUP, id="A1", participant=BOB), timestamp=1_764_000_000)
    action = Archive(chat=GROUP, range=MessageRange(last=1_764_000_000, last_system=1_763_999_999, messages=(newest,)))
    assert read(write(action, NOW)[1]) == action


def test_clearing_says_in_the_index_what_is_spared() -> None:
    made = write(ClearChat(chat=BOB, delete_starred=False, delete_media=True), NOW)[1]
    assert made.index == ("clearChat", str(BOB), "0", "1")
    assert made.value.HasField("clearChatAction")


def test_removing_a_contact_has_a_name_of_its_own() -> None:
    collection, made = write(ContactRemoved(user=BOB), NOW)
    assert (collection, made.operation, made.index) == (
        Collection.CRITICAL_UNBLOCK_LOW,
        Operation.REMOVE,
        ("contact", str(BOB)),
    )
    assert read(made) == ContactRemoved(user=BOB)


def test_other_removals_name_the_entry() -> None:
    gone = read(mutation("mute", str(BOB), operation=Operation.REMOVE))
    assert gone == Removed(index=("mute", str(BOB)))
    collection, made = write(gone, NOW)
    assert (collection, made.operation, made.index) == (
        Collection.REGULAR_HIGH,
        Operation.REMOVE,
        ("mute", str(BOB)),
    )


# --- what cannot be read -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "strange",
    [
        mutation("something_new", "x", pinAction={"pinned": True}),
        mutation("mute", pinAction={"pinned": True}),
        mutation("mute", str(BOB), pinAction={"pinned": True}),
        mutation("mute", "not a jid", muteAction={"muted": True}),
        mutation("star", str(BOB), "A1", "2", "0", starAction={"starred": True}),
        mutation("star", str(BOB), "A1", starAction={"starred": True}),
        mutation("contact", str(BOB), contactAction={"lidJid": "@@"}),
        mutation("something_new", operation=Operation.REMOVE),
        mutation("contact", "nobody", operation=Operation.REMOVE),
    ],
    ids=lambda one: " ".join(one.index),
)
def test_what_cannot_be_read_is_kept_as_it_is(strange: Mutation) -> None:
    action = read(strange)
    assert action == UnknownAction(
        index=strange.index,
        value=strange.value.SerializeToString(),
        removed=strange.operation is Operation.REMOVE,
    )
    with pytest.raises(LocalProtocolError):
        write(action, NOW)


def test_a_longer_index_than_we_know_is_read() -> None:
    assert read(mutation("pin_v1", str(BOB), "new", pinAction={"pinned": True})) == appstate.Pin(chat=BOB)


def test_the_removal_of_the_unknown_cannot_be_written() -> None:
    with pytest.raises(LocalProtocolError):
        write(Removed(index=("something_new",)), NOW)


def test_names_of_contacts() -> None:
    assert ContactEntry(user=BOB, full_name="Bob B", first_name="Bob").name == "Bob B"
    assert ContactEntry(user=BOB, username="bob").name == "bob"


# --- message references ------------------------------------------------------------------------------------------


def test_a_reference_and_its_key() -> None:
    me = Me(pn=Jid("15550100001", "s.whatsapp.net", 3), lid=Jid("100001", "lid", 3))
    for key in (
        MessageKey(chat=BOB, id="A1", sender=BOB, from_me=False),
        MessageKey(chat=BOB, id="A2", sender=Jid("15550100001", "s.whatsapp.net"), from_me=True),
        MessageKey(chat=Jid("100002", "lid"), id="A3", sender=Jid("100001", "lid"), from_me=True),
        MessageKey(chat=GROUP, id="A4", sender=BOB, from_me=False),
    ):
        assert MessageRef.of(key).key(me) == key
    assert MessageRef.of(MessageKey(chat=BOB, id="A1", sender=BOB, from_me=False)).participant is None
