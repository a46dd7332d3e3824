"""What notifications say, one reader after the other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motte.core.binary.node import Node
from motte.core.binary.outline import MAX_OUTLINE, outline
from motte.core.stanza.blocklist import BlocklistChanged
from motte.core.stanza.dispatch import Malformed, Stanza, read
from motte.core.stanza.notices.account import (
    AccountChanges,
    DefaultTimerChanged,
    OwnPart,
    OwnProfileChanged,
    PrivacyChanged,
)
from motte.core.stanza.notices.business import BusinessChanged, BusinessPart
from motte.core.stanza.notices.mex import (
    LidChange,
    MessageCapping,
    MexUpdated,
    RawUpdate,
    ReachoutTimelock,
    Update,
    UsernameChange,
)
from motte.core.stanza.notices.people import ContactChanged, ContactSyncAsked, ContactTimerChanged, NumberChanged
from motte.core.stanza.notification import NOTICES, Notice, PictureChanged, UnknownNotification
from motte.core.stanza.passkey import PasskeyAsked, PasskeyContinued
from motte.model.jid import Jid
from motte.proto.business_pb2 import VerifiedNameCertificate
from tests.unit.core.stanza.wire import GROUP, ME, PEER, PEER_LID, xml


def notified(kind: str, *body: Node, **attrs: str) -> Stanza:
    return read(xml("notification", *body, **{"id": "1", "from_": str(PEER), "type": kind, "t": "5"} | attrs), ME)


def updated(data: object, **attrs: str) -> Stanza:
    return notified("mex", xml("update", json.dumps(data), **attrs), from_="s.whatsapp.net")


def told(data: object) -> Update:
    value = updated(data, op_name="Something")
    assert isinstance(value, MexUpdated)
    assert value.operation == "Something"
    return value.update


# --- the own account -------------------------------------------------------------------------------------------------


def test_privacy_and_the_own_profile() -> None:
    value = notified("account_sync", xml("privacy", xml("category", name="last", value="contacts")))
    assert isinstance(value, PrivacyChanged)
    assert value.values == {"last": "contacts"}
    empty = notified("account_sync", xml("privacy"))
    assert isinstance(empty, PrivacyChanged)
    assert not empty.values
    for tag, part in (("picture", OwnPart.PICTURE), ("status", OwnPart.ABOUT)):
        own = notified("account_sync", xml(tag))
        assert isinstance(own, OwnProfileChanged)
        assert own.part is part


def test_several_changes_of_the_account_come_together() -> None:
    item = xml("item", jid=str(PEER_LID), action="block")
    parts = (xml("blocklist", item), xml("tos"), xml("disappearing_mode", duration="60"))
    value = notified("account_sync", *parts)
    assert isinstance(value, AccountChanges)
    assert [type(change) for change in value.changes] == [BlocklistChanged, DefaultTimerChanged]
    assert value.unread == ("tos",)


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_contact_changed() -> None:
    value = notified("contacts", xml("update", jid=str(PEER_LID)))
    assert isinstance(value, ContactChanged)
    assert (value.user, value.hash) == (PEER_LID, None)
    hashed = notified("contacts", xml("update", hash="ABCD"))
    assert isinstance(hashed, ContactChanged)
    assert (hashed.user, hashed.hash) == (None, "ABCD")


def test_a_number_changed_with_and_without_lids() -> None:
    new, new_lid = "15550100005@s.whatsapp.net", "100000000000005@lid"
    value = notified("contacts", xml("modify", old=str(PEER), new=new, old_lid=str(PEER_LID), new_lid=new_lid))
    assert isinstance(value, NumberChanged)
    assert value.pairs == ((PEER, PEER_LID), (Jid.parse(new), Jid.parse(new_lid)))
    bare = notified("contacts", xml("modify", old=str(PEER), new=new))
    assert isinstance(bare, NumberChanged)
    assert bare.pairs == ()
    crossed = notified("contacts", xml("modify", old=str(PEER_LID), new=new, old_lid=str(PEER), new_lid="@lid"))
    assert isinstance(crossed, NumberChanged)
    assert crossed.pairs == ()  # nothing is learnt of what is no pair


def test_contacts_are_to_be_fetched_again() -> None:
    value = notified("contacts", xml("sync", after="1700000000"))
    assert isinstance(value, ContactSyncAsked)
    assert value.after == 1_700_000_000


def test_the_timer_of_a_person() -> None:
    value = notified("disappearing_mode", xml("disappearing_mode", duration="604800", t="9"))
    assert isinstance(value, ContactTimerChanged)
    assert (value.user, value.duration, value.set_at) == (PEER, 604_800, 9)


def test_a_picture_is_gone_when_nothing_is_said_of_it() -> None:
    gone, added = notified("picture"), notified("picture", xml("add", id="8"))
    assert isinstance(gone, PictureChanged)
    assert isinstance(added, PictureChanged)
    assert (gone.owner, gone.picture_id, added.picture_id) == (PEER, None, "8")


# --- businesses ------------------------------------------------------------------------------------------------------


def certificate(name: str) -> bytes:
    details = VerifiedNameCertificate.Details(verifiedName=name, serial=1)
    return VerifiedNameCertificate(details=details.SerializeToString()).SerializeToString()


@pytest.mark.parametrize(
    ("body", "part", "user", "extra"),
    [
        (xml("verified_name", certificate("Shop"), jid=str(PEER)), "verified_name", PEER, ("Shop", ())),
        (xml("verified_name", jid=str(PEER_LID), name="Shop"), "verified_name", PEER_LID, ("Shop", ())),
        (xml("verified_name", hash="ABCD"), "verified_name", None, (None, ())),
        (xml("remove", jid=str(PEER)), "remove", PEER, (None, ())),
        (xml("profile"), "profile", PEER, (None, ())),
        (xml("product_catalog", xml("product", xml("id", "77"))), "product_catalog", PEER, (None, ("77",))),
        (xml("product_catalog", xml("collection", id="3")), "product_catalog", PEER, (None, ("3",))),
        (xml("subscriptions", xml("subscription", id="s", status="on")), "subscriptions", PEER, (None, ("s",))),
    ],
)
def test_businesses(body: Node, part: str, user: Jid | None, extra: tuple[str | None, tuple[str, ...]]) -> None:
    value = notified("business", body)
    assert isinstance(value, BusinessChanged)
    assert (value.part, value.user) == (BusinessPart(part), user)
    assert (value.name, value.items) == extra


@pytest.mark.parametrize("data", [b"\xff", certificate("Shop")[:-1], b"\x0a\x02\xff\xff"])
def test_a_broken_certificate_is_malformed(data: bytes) -> None:
    value = notified("business", xml("verified_name", data, jid=str(PEER)))
    assert isinstance(value, Malformed)
    assert value.error.path == "notification/verified_name"
    assert value.outline.startswith("<notification")


# --- GraphQL ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "update"),
    [
        (
            "xwa2_notify_account_reachout_timelock",
            {"is_active": True, "time_enforcement_ends": "1900003600", "enforcement_type": "BIZ_QUALITY"},
            ReachoutTimelock(True, 1_900_003_600, "BIZ_QUALITY"),
        ),
        ("xwa2_notify_account_reachout_timelock", {"is_active": False}, ReachoutTimelock(False, None, "DEFAULT")),
        (
            "xwa2_notify_new_chat_messages_capping_info_update",
            {"used_quota": "5", "total_quota": 30, "cycle_end_timestamp": 1_900_000_000, "capping_status": "CAPPED"},
            MessageCapping(5, 30, 1_900_000_000, "CAPPED"),
        ),
        (
            "xwa2_notify_new_chat_messages_capping_info_update",
            {"used_quota": True},
            MessageCapping(None, None, None, ""),
        ),
        ("xwa2_notify_username_on_change", {"lid": str(PEER_LID), "username": "ben"}, UsernameChange(PEER_LID, "ben")),
        ("xwa2_notify_username_delete", {"lid": PEER_LID.user}, UsernameChange(PEER_LID, None)),
        ("xwa2_notify_lid_change", {"old": str(PEER_LID), "new": "7@lid"}, LidChange(PEER_LID, Jid.parse("7@lid"))),
    ],
)
def test_updates_that_are_read(key: str, value: dict[str, Any], update: Update) -> None:
    assert told({"data": {key: value}}) == update


def test_other_updates_stay_json() -> None:
    assert told({"data": {"xwa2_new": [1]}}) == RawUpdate({"xwa2_new": [1]})
    assert told({"data": None}) == RawUpdate({})
    old = notified("mex", xml("mex", json.dumps({"operation": "Old", "updates": []})))
    assert isinstance(old, MexUpdated)
    assert old.operation == "Old"
    assert isinstance(notified("mex", xml("else")), UnknownNotification)


@pytest.mark.parametrize(
    "data",
    [b"{", b"[]", b"\xff", b"[" * 100_000, b'{"data": {"xwa2_notify_lid_change": {"old": 7}}}', b"9" * 5000],
    ids=["cut", "list", "bytes", "deep", "no LID", "long number"],
)
def test_broken_json_is_malformed(data: bytes) -> None:
    assert isinstance(notified("mex", xml("update", data)), Malformed)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "data",
                        "xwa2_notify_lid_change",
                        "xwa2_notify_username_on_change",
                        "lid",
                        "old",
                        "new",
                        "username",
                        "xwa2_notify_account_reachout_timelock",
                        "is_active",
                        "time_enforcement_ends",
                    ]
                ),
                inner,
                max_size=3,
            )
        ),
        max_leaves=8,
    )
)
def test_any_json_gives_a_value_or_an_error(data: object) -> None:
    assert isinstance(updated({"data": data}), MexUpdated | Malformed)


# --- the rest --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", NOTICES)
def test_known_notices_are_told_as_they_are(kind: str) -> None:
    value = notified(kind, xml("inner", b"secret", name="x"))
    assert isinstance(value, Notice)
    assert '<inner name="x">(6 bytes)</inner>' in value.outline
    assert "secret" not in value.outline


def test_passkeys_are_asked_for_by_the_server_alone() -> None:
    options = xml("passkey_request_options", b"{}")
    asked = notified("passkey_prologue_request", options, from_="s.whatsapp.net")
    assert isinstance(asked, PasskeyAsked)
    assert asked.options == b"{}"
    bare = notified("passkey_prologue_request", from_="@s.whatsapp.net")
    assert isinstance(bare, PasskeyAsked)
    assert bare.options is None
    assert isinstance(notified("passkey_prologue_request", options), UnknownNotification)
    identity = xml("primary_ephemeral_identity", b"x")
    assert isinstance(notified("crsc_continuation", identity, from_="s.whatsapp.net"), PasskeyContinued)
    assert isinstance(notified("crsc_continuation", identity), UnknownNotification)
    assert isinstance(notified("crsc_continuation", from_="s.whatsapp.net"), Malformed)


def test_outlines_are_short_and_printable() -> None:
    deep = Node("x")
    for _ in range(50):
        deep = Node("x", {"a": "\x07" * 300}, (deep,) * 2)
    text = outline(Node("notification", {"from": str(GROUP)}, (deep,) * 100))
    assert len(text) == MAX_OUTLINE
    assert text.isprintable()
    assert outline(Node("a", {"b": '"<'})) == "<a b='\"&lt;'/>"
