import pytest

from motte.core.binary.node import Node
from motte.core.stanza import chatstate, presence
from motte.core.stanza.blocklist import BlocklistChanged, GetBlocklist
from motte.core.stanza.call import CallSignal, IncomingCall
from motte.core.stanza.dispatch import Malformed, Stanza, UnknownRequest, UnknownStanza, read
from motte.core.stanza.keepalive import ServerPing
from motte.core.stanza.mediaconn import GetMediaConnection, MediaConnection, MediaHost
from motte.core.stanza.notification import (
    CollectionsChanged,
    DefaultTimerChanged,
    PictureChanged,
    StatusTextChanged,
    UnknownNotification,
)
from motte.core.stanza.privacy import GetPrivacySettings
from motte.core.stanza.props import GetProps, Props, Switch
from motte.core.stanza.table import Table
from motte.core.stanza.tokens import trusted
from motte.model.jid import Jid
from motte.model.presence import Activity, Availability, ChatState, Presence
from motte.model.privacy import Blocklist
from tests.unit.core.stanza.wire import GROUP, ME, PEER, PEER_LID, node_of, plain, vectors, xml

OUTGOING = vectors("stanzas")["outgoing"]


def notified(kind: str, *body: Node, **attrs: str) -> Stanza:
    return read(xml("notification", *body, **{"id": "1", "from_": str(PEER), "type": kind, "t": "5"} | attrs), ME)


def test_app_state_changes_name_all_collections() -> None:
    value = notified(
        "server_sync", xml("collection", name="regular", version="12"), xml("collection", name="regular_low")
    )
    assert isinstance(value, CollectionsChanged)
    assert value.collections == (("regular", 12), ("regular_low", None))


def test_pictures() -> None:
    new = notified("picture", xml("set", id="77", author=str(PEER_LID)), from_=str(GROUP))
    assert isinstance(new, PictureChanged)
    assert (new.owner, new.picture_id, new.author) == (GROUP, "77", PEER_LID)
    gone = notified("picture", xml("delete"))
    assert isinstance(gone, PictureChanged)
    assert (gone.owner, gone.picture_id) == (PEER, None)


def test_status_text_and_timer() -> None:
    status = notified("status", xml("set", "Grüße"))
    assert isinstance(status, StatusTextChanged)
    assert status.text == "Grüße"
    timer = notified("account_sync", xml("disappearing_mode", duration="86400", t="9"))
    assert isinstance(timer, DefaultTimerChanged)
    assert (timer.duration, timer.set_at) == (86400, 9)


def test_the_blocklist() -> None:
    body = xml(
        "blocklist", xml("item", jid=str(PEER_LID), action="block"), xml("item", jid=str(PEER), action="unblock")
    )
    value = notified("account_sync", body)
    assert isinstance(value, BlocklistChanged)
    assert value.changes == ((PEER_LID, True), (PEER, False))
    assert plain(GetBlocklist().build("ID")) == plain(node_of(OUTGOING["blocklist"][0]))
    assert GetBlocklist().parse(xml("iq", xml("list", xml("item", jid=str(PEER))), type="result")).people == (PEER,)
    assert GetBlocklist().parse(xml("iq", type="result")) == Blocklist()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("brand-new", ()),
        ("account_sync", ()),
        ("account_sync", (xml("tos"),)),
        ("picture", (xml("request"),)),
        ("status", ()),
    ],
)
def test_what_is_not_known_is_kept_by_name(kind: str, body: tuple[Node, ...]) -> None:
    value = notified(kind, *body)
    assert isinstance(value, UnknownNotification)
    assert value.header.type == kind
    assert value.parts == tuple(part.tag for part in body)


@pytest.mark.parametrize(
    ("kind", "body", "path"),
    [
        ("server_sync", xml("collection"), "notification/collection@name"),
        ("account_sync", xml("blocklist", xml("item", jid="x", action="block")), "notification/blocklist/item@jid"),
        ("account_sync", xml("disappearing_mode"), "notification/disappearing_mode@duration"),
        ("picture", xml("set"), "notification/set@id"),
        ("status", xml("set", b"\xff"), "notification/set"),
        ("encrypt", xml("count", value="x"), "notification/count@value"),
    ],
)
def test_malformed_notifications_can_be_acked(kind: str, body: Node, path: str) -> None:
    value = notified(kind, body)
    assert isinstance(value, Malformed)
    assert value.error.path == path
    assert value.header is not None
    assert value.header.type == kind


def test_presence_of_others() -> None:
    assert read(xml("presence", from_=str(PEER)), ME) == Presence(user=PEER, availability=Availability.AVAILABLE)
    gone = read(xml("presence", from_=str(PEER), type="unavailable", last="1700000000"), ME)
    assert gone == Presence(user=PEER, availability=Availability.UNAVAILABLE, last_seen=1700000000)
    for hidden in ("deny", "none", "error"):
        value = read(xml("presence", from_=str(PEER), type="unavailable", last=hidden), ME)
        assert isinstance(value, Presence)
        assert value.last_seen is None
    assert isinstance(read(xml("presence"), ME), Malformed)


@pytest.mark.parametrize(
    ("state", "activity"),
    [
        (xml("composing"), Activity.COMPOSING),
        (xml("composing", media="audio"), Activity.RECORDING),
        (xml("paused"), Activity.PAUSED),
    ],
)
def test_typing_of_others(state: Node, activity: Activity) -> None:
    value = read(xml("chatstate", state, from_=str(GROUP), participant=str(PEER)), ME)
    assert value == ChatState(chat=GROUP, user=PEER, activity=activity)


@pytest.mark.parametrize("body", [(), (xml("dancing"),)])
def test_malformed_typing(body: tuple[Node, ...]) -> None:
    value = read(xml("chatstate", *body, from_=str(PEER)), ME)
    assert isinstance(value, Malformed)
    assert value.header is None


def test_own_presence_is_that_of_baileys() -> None:
    name = vectors("stanzas")["me"]["name"]
    assert plain(presence.announce(Availability.AVAILABLE, name)) == plain(node_of(OUTGOING["available"][1]))
    assert plain(presence.announce(Availability.UNAVAILABLE, name)) == plain(node_of(OUTGOING["unavailable"][0]))
    assert plain(presence.subscribe(PEER, "ID")) == plain(node_of(OUTGOING["subscribe"][0]))
    shown = plain(presence.subscribe(PEER, "ID", trusted(b"token", 1_700_000_000)))
    assert shown[2] == [("tctoken", {"t": "1700000000"}, b"token")]
    for activity, chat in ((Activity.COMPOSING, PEER), (Activity.RECORDING, PEER_LID), (Activity.PAUSED, PEER)):
        assert plain(chatstate.send(ME, chat, activity)) == plain(node_of(OUTGOING[activity][0]))


def test_calls() -> None:
    offer = xml("offer", xml("video"), **{"call-id": "C", "call-creator": "15550100002:4@s.whatsapp.net"})
    value = read(xml("call", offer, id="1", from_=str(PEER), t="5"), ME)
    assert isinstance(value, IncomingCall)
    assert (value.signal, value.call_id, value.is_video, value.is_group) == (CallSignal.OFFER, "C", True, False)
    assert value.creator == PEER.with_device(4)
    ended = read(xml("call", xml("terminate", **{"call-id": "C", "reason": "timeout"}), id="1", from_=str(PEER)), ME)
    assert isinstance(ended, IncomingCall)
    assert (ended.signal, ended.reason, ended.creator) == (CallSignal.TERMINATE, "timeout", PEER)
    new = read(xml("call", xml("mute_v2", **{"call-id": "C", "group-jid": str(GROUP)}), id="1", from_=str(PEER)), ME)
    assert isinstance(new, IncomingCall)
    assert (new.signal, new.group, new.is_group) == (CallSignal.OTHER, GROUP, True)
    assert isinstance(read(xml("call", id="1", from_=str(PEER)), ME), Malformed)


def test_props() -> None:
    props = xml(
        "props",
        xml("prop", config_code="10518", config_value="1"),
        xml("prop", name="x", value="no"),
        xml("prop"),
        hash="h",
    )
    value = GetProps("old").parse(xml("iq", props, type="result"))
    assert value == Props(values={"10518": "1", "x": "no"}, hash="h")
    assert value.used == {"10518": "1"}
    assert Switch.TOKEN_IN_MESSAGES.is_on({}) and not Switch.TOKEN_TO_LID.is_on({})
    assert not Switch.TOKEN_IN_MESSAGES.is_on({"10518": "0"})
    assert Switch.TOKEN_TO_LID.is_on({"lid_trusted_token_issue_to_lid": "true"})
    assert plain(GetProps("old").build("1"))[2] == [("props", {"protocol": "1", "hash": "old"}, None)]


def test_media_hosts() -> None:
    assert plain(GetMediaConnection().build("ID")) == plain(node_of(OUTGOING["media_conn"][0]))
    hosts = [xml("host", hostname="a.example", maxContentLengthBytes="5"), xml("host", hostname="b.example")]
    value = GetMediaConnection().parse(xml("iq", xml("media_conn", *hosts, auth="token", ttl="60"), type="result"))
    assert value == MediaConnection(
        hosts=(MediaHost(name="a.example", max_bytes=5), MediaHost(name="b.example")), auth="token", ttl=60
    )
    assert "token" not in repr(value)


def test_privacy() -> None:
    assert plain(GetPrivacySettings().build("ID")) == plain(node_of(OUTGOING["privacy"][0]))
    body = xml("privacy", xml("category", name="readreceipts", value="none"))
    assert not GetPrivacySettings().parse(xml("iq", body, type="result")).read_receipts
    assert GetPrivacySettings().parse(xml("iq", xml("privacy"), type="result")).read_receipts


def test_requests_of_the_server() -> None:
    assert read(xml("iq", id="5", type="get", xmlns="urn:xmpp:ping"), None) == ServerPing("5")
    assert read(xml("iq", xml("ping"), id="5", type="get"), None) == ServerPing("5")
    assert read(xml("iq", xml("dance"), id="5", type="get", xmlns="z"), None) == UnknownRequest("5", "z", ("dance",))


def test_a_late_answer_is_no_request() -> None:
    assert read(xml("iq", xml("ping"), id="5", type="result"), None) == UnknownStanza("iq")
    assert read(xml("iq", xml("error", code="500"), id="5", type="error"), None) == UnknownStanza("iq")


def test_unknown_stanzas() -> None:
    assert read(xml("weather"), None) == UnknownStanza("weather")


def test_a_tag_registered_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="'a' is registered twice"):
        Table(("a", 1), ("b", 2), ("a", 3))


def test_me() -> None:
    assert ME.owns(Jid.parse("15550100001:9@s.whatsapp.net"))
    assert ME.owns(Jid.parse("100000000000001:9@hosted.lid"))
    assert not ME.owns(Jid("15550100001", "lid"))
    assert not ME.owns(Jid("15550100001", "g.us"))
    assert ME.is_this_device(Jid.parse("100000000000001:3@lid"))
    assert not ME.is_this_device(Jid.parse("100000000000001@lid"))
    assert ME.facing(PEER_LID) == ME.lid
    assert ME.facing(PEER) == ME.pn
