import pytest

from motte.core.binary.node import Node
from motte.core.stanza.dispatch import Malformed, read
from motte.core.stanza.notification import UnknownNotification
from motte.core.stanza.pairing import PairDevice, PairSuccess, RegistrationRefresh, RemoveCompanionDevice
from motte.core.stanza.pairing_code import CodeRefresh, CompanionFinish, CompanionHello, PrimaryHello
from motte.model.jid import Jid
from tests.unit.core.stanza.wire import ME, node_of, plain, vectors, xml

PHONE = Jid.parse("15550100001@s.whatsapp.net")


def pair_success(**changes: Node | None) -> Node:
    parts: dict[str, Node | None] = {
        "identity": xml("device-identity", b"signed"),
        "device": xml("device", jid="15550100001:3@s.whatsapp.net", lid="100000000000001:3@lid"),
        "platform": xml("platform", name="android"),
        "biz": xml("biz", name="Shop"),
    }
    parts.update(changes)
    kept = [part for part in parts.values() if part is not None]
    return xml("iq", xml("pair-success", *kept), id="5", type="set", t="1700000000", from_="s.whatsapp.net")


def test_refs_and_their_ack() -> None:
    stanza = xml("iq", xml("pair-device", xml("ref", "2@a"), xml("ref", "2@b")), id="42", type="set")
    value = read(stanza, None)
    assert value == PairDevice("42", ("2@a", "2@b"))
    assert isinstance(value, PairDevice)
    assert plain(value.ack()) == plain(node_of(vectors("stanzas")["outgoing"]["pair_device_ack"][0]))


@pytest.mark.parametrize(
    "refs",
    [
        (),
        (xml("ref", ""),),
        tuple(xml("ref", "r") for _ in range(100)),
        (xml("ref", "r" * 5000),),
        (xml("ref", b"\xff"),),
    ],
)
def test_refs_that_nobody_can_show(refs: tuple[Node, ...]) -> None:
    value = read(xml("iq", xml("pair-device", *refs), id="42", type="set"), None)
    assert isinstance(value, Malformed)
    assert value.error.path.startswith("iq/pair-device")


def test_pair_success() -> None:
    assert read(pair_success(), None) == PairSuccess(
        id="5",
        t=1700000000,
        device_identity=b"signed",
        jid=Jid("15550100001", "s.whatsapp.net", 3),
        lid=Jid("100000000000001", "lid", 3),
        platform="android",
        business_name="Shop",
    )


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"identity": None}, "iq/pair-success"),
        ({"identity": xml("device-identity")}, "iq/pair-success/device-identity"),
        ({"device": None}, "iq/pair-success"),
        ({"device": xml("device", jid="x")}, "iq/pair-success/device@jid"),
    ],
)
def test_a_pair_success_that_lacks_something(changes: dict[str, Node | None], path: str) -> None:
    value = read(pair_success(**changes), None)
    assert isinstance(value, Malformed)
    assert value.error.path == path


def test_the_answers_to_pair_success() -> None:
    value = read(pair_success(), None)
    assert isinstance(value, PairSuccess)
    assert plain(value.accept(b"ours", 4)) == (
        "iq",
        {"to": "@s.whatsapp.net", "type": "result", "id": "5"},
        [("pair-device-sign", {}, [("device-identity", {"key-index": "4"}, b"ours")])],
    )
    assert plain(value.refuse()) == (
        "iq",
        {"to": "@s.whatsapp.net", "type": "error", "id": "5"},
        [("error", {"code": "401", "text": "not-authorized"}, None)],
    )


def test_the_code_flow() -> None:
    hello = CompanionHello(
        jid=PHONE,
        wrapped_ephemeral=b"w" * 80,
        server_auth_key=b"n" * 32,
        platform_id="1",
        platform_display="Chrome (Mac OS)",
    )
    assert plain(hello.build("1"))[2] == [
        (
            "link_code_companion_reg",
            {"jid": str(PHONE), "stage": "companion_hello", "should_show_push_notification": "true"},
            [
                ("link_code_pairing_wrapped_companion_ephemeral_pub", {}, b"w" * 80),
                ("companion_server_auth_key_pub", {}, b"n" * 32),
                ("companion_platform_id", {}, b"1"),
                ("companion_platform_display", {}, b"Chrome (Mac OS)"),
                ("link_code_pairing_nonce", {}, b"0"),
            ],
        )
    ]
    answer = xml("iq", xml("link_code_companion_reg", xml("link_code_pairing_ref", b"ref")), type="result")
    assert hello.parse(answer) == b"ref"
    assert hello.parse(xml("iq", type="result")) == b""
    finish = CompanionFinish(jid=PHONE, wrapped_key_bundle=b"b", identity=b"i" * 32, ref=b"ref")
    stage = finish.build("2").children[0]
    assert dict(stage.attrs) == {"jid": str(PHONE), "stage": "companion_finish"}
    assert [(part.tag, part.data) for part in stage.children] == [
        ("link_code_pairing_wrapped_key_bundle", b"b"),
        ("companion_identity_public", b"i" * 32),
        ("link_code_pairing_ref", b"ref"),
    ]


def primary_hello(identity: bytes, wrapped: bytes) -> Node:
    body = xml(
        "link_code_companion_reg",
        xml("link_code_pairing_ref", b"ref"),
        xml("primary_identity_pub", identity),
        xml("link_code_pairing_wrapped_primary_ephemeral_pub", wrapped),
    )
    return xml("notification", body, id="9", from_="s.whatsapp.net", type="link_code_companion_reg")


def test_the_phones_answer() -> None:
    value = read(primary_hello(b"i" * 32, b"w" * 80), None)
    assert isinstance(value, PrimaryHello)
    assert (value.ref, value.primary_identity, value.wrapped_primary_ephemeral) == (b"ref", b"i" * 32, b"w" * 80)
    for bad in (primary_hello(b"i" * 31, b"w" * 80), primary_hello(b"i" * 32, b"w" * 79)):
        malformed = read(bad, None)
        assert isinstance(malformed, Malformed)
        assert malformed.header is not None


def asked(kind: str, *body: Node, sender: str = "s.whatsapp.net") -> object:
    return read(xml("notification", *body, id="9", from_=sender, type=kind), None)


def test_another_code_is_wanted() -> None:
    refresh = xml("link_code_companion_reg", xml("link_code_pairing_ref", b"ref"), stage="refresh_code")
    value = asked("link_code_companion_reg", refresh)
    assert isinstance(value, CodeRefresh)
    assert value.ref == b"ref"
    assert isinstance(asked("link_code_companion_reg", xml("link_code_companion_reg", stage="refresh_code")), Malformed)


@pytest.mark.parametrize("tag", ["companion_reg_refresh", "pair-device-rotate-qr"])
def test_another_secret_is_wanted(tag: str) -> None:
    assert isinstance(asked("companion_reg_refresh", xml(tag)), RegistrationRefresh)
    stranger = asked("companion_reg_refresh", xml(tag), sender="15550100002@s.whatsapp.net")
    assert isinstance(stranger, UnknownNotification)


@pytest.mark.parametrize("body", [(), (xml("something-else"),)], ids=["empty", "something else"])
def test_a_refresh_of_something_else_is_no_reason_to_change_a_secret(body: tuple[Node, ...]) -> None:
    assert isinstance(asked("companion_reg_refresh", *body), UnknownNotification)


def test_logout() -> None:
    assert plain(RemoveCompanionDevice(ME.pn).build("1")) == (
        "iq",
        {"id": "1", "xmlns": "md", "type": "set", "to": "@s.whatsapp.net"},
        [("remove-companion-device", {"jid": str(ME.pn), "reason": "user_initiated"}, None)],
    )
