import pytest

from motte.core.binary.node import Node
from motte.core.stanza.dispatch import Malformed, read
from motte.core.stanza.message import MSG, PKMSG, SKMSG, IncomingMessage
from motte.model.jid import Jid
from motte.model.message import Addressing, MessageKey, Origin
from tests.unit.core.stanza.wire import GROUP, ME, PEER, PEER_LID, xml

ENC = Node("enc", {"v": "2", "type": "msg"}, b"secret")
OWN_PN = str(ME.pn.user_jid)
OWN_LID = "100000000000001@lid"
THIRD = Jid.parse("15550100003@s.whatsapp.net")
THIRD_LID = Jid.parse("100000000000003@lid")


def message(*body: Node, **attrs: str) -> Node:
    return xml("message", *(body or (ENC,)), **{"id": "3EB0A", "t": "1700000000", "from_": str(PEER)} | attrs)


def incoming(*body: Node, **attrs: str) -> IncomingMessage:
    value = read(message(*body, **attrs), ME)
    assert isinstance(value, IncomingMessage), value
    return value


def test_a_direct_message() -> None:
    value = incoming(from_="15550100002:4@s.whatsapp.net", notify="Ada", sender_lid=str(PEER_LID), type="text")
    assert value.key == MessageKey(chat=PEER, id="3EB0A", sender=PEER, from_me=False)
    assert value.source.sender == PEER.with_device(4)
    assert value.source.sender_alt == PEER_LID.with_device(4)
    assert value.source.chat_alt == PEER_LID
    assert value.source.addressing is Addressing.PN
    assert value.source.mappings == ((PEER_LID, PEER),)
    assert (value.push_name, value.timestamp, value.origin) == ("Ada", 1700000000, Origin.LIVE)
    assert [(enc.kind, enc.data, enc.version, enc.count) for enc in value.encs] == [(MSG, b"secret", 2, 0)]


def test_a_direct_message_by_lid() -> None:
    value = incoming(from_="100000000000002:4@lid", sender_pn=str(PEER))
    assert (value.source.chat, value.source.addressing) == (PEER_LID, Addressing.LID)
    assert value.source.mappings == ((PEER_LID, PEER),)


def test_what_another_own_device_sent() -> None:
    value = incoming(from_=OWN_PN, recipient=str(THIRD), peer_recipient_lid=str(THIRD_LID), sender_lid=OWN_LID)
    assert value.key == MessageKey(chat=THIRD, id="3EB0A", sender=ME.pn.user_jid, from_me=True)
    assert value.source.chat_alt == THIRD_LID
    assert value.source.mappings == ((Jid.parse(OWN_LID), ME.pn.user_jid), (THIRD_LID, THIRD))


def test_what_another_own_device_sent_by_lid() -> None:
    value = incoming(from_=OWN_LID, recipient=str(THIRD_LID), peer_recipient_pn=str(THIRD))
    assert (value.source.chat, value.source.from_me, value.source.chat_alt) == (THIRD_LID, True, THIRD)


def test_a_message_to_oneself_and_a_peer_message() -> None:
    own = incoming(from_=OWN_PN)
    assert (own.source.chat, own.source.from_me, own.is_peer) == (ME.pn.user_jid, True, False)
    assert incoming(from_=OWN_PN, category="peer").is_peer


def test_nobody_else_sends_peer_messages() -> None:
    assert not incoming(category="peer").is_peer


def test_a_stranger_names_no_recipient() -> None:
    value = read(message(recipient=str(THIRD)), ME)
    assert isinstance(value, Malformed)
    assert value.error.path == "message@recipient"
    assert value.header is not None
    assert value.header.id == "3EB0A"


def test_a_group_message() -> None:
    skmsg = Node("enc", {"v": "2", "type": "skmsg"}, b"group")
    pkmsg = Node("enc", {"v": "2", "type": "pkmsg", "count": "2", "mediatype": "image", "decrypt-fail": "hide"}, b"key")
    value = incoming(
        pkmsg,
        skmsg,
        xml("device-identity", b"adv"),
        from_=str(GROUP),
        participant="100000000000002:4@lid",
        participant_pn=str(PEER),
        addressing_mode="lid",
        offline="1",
    )
    assert value.key == MessageKey(chat=GROUP, id="3EB0A", sender=PEER_LID, from_me=False)
    assert value.source.sender == PEER_LID.with_device(4)
    assert value.source.sender_alt == PEER.with_device(4)
    assert value.source.chat_alt is None
    assert value.source.mappings == ((PEER_LID, PEER),)
    assert [enc.kind for enc in value.encs] == [PKMSG, SKMSG]
    assert (value.encs[0].count, value.encs[0].media_type, value.encs[0].hide_failure) == (2, "image", True)
    assert (value.device_identity, value.origin) == (b"adv", Origin.OFFLINE)


def test_an_own_message_in_a_group() -> None:
    value = incoming(from_=str(GROUP), participant=f"{ME.pn.user}:5@s.whatsapp.net")
    assert (value.source.from_me, value.source.addressing) == (True, Addressing.PN)


def test_a_hosted_device_belongs_to_its_user() -> None:
    value = incoming(from_="15550100002:99@hosted")
    assert (value.source.chat, value.source.sender) == (PEER, Jid("15550100002", "hosted", 99))


def test_a_newsletter_sends_plain_text() -> None:
    value = incoming(xml("plaintext", b"open"), from_="120363000000000002@newsletter", server_id="101")
    assert (value.plaintext, value.server_id, value.encs) == (b"open", 101, ())


@pytest.mark.parametrize(
    "source",
    [
        {"from_": str(PEER)},
        {"from_": OWN_PN},
        {"from_": str(GROUP), "participant": str(PEER)},
        {"from_": "status@broadcast", "participant": str(PEER)},
    ],
)
def test_nobody_else_does(source: dict[str, str]) -> None:
    value = read(message(ENC, xml("plaintext", b"open"), **source), ME)
    assert isinstance(value, Malformed)
    assert value.error.path == "message/plaintext"


def test_nothing_to_decrypt() -> None:
    assert incoming(xml("unavailable", type="view_once")).unavailable == "view_once"
    assert incoming(xml("unavailable")).unavailable == "unknown"
    assert incoming(xml("meta", appdata="default")).meta == {"appdata": "default"}


@pytest.mark.parametrize(
    ("node", "path"),
    [
        (message(from_=str(GROUP)), "message@participant"),
        (message(from_="status@broadcast"), "message@participant"),
        (message(from_="call"), "message@from"),
        (message(from_=""), "message@from"),
        (message(id=""), "message@id"),
        (message(t="soon"), "message@t"),
        (message(Node("enc", {"type": "msg"})), "message/enc"),
        (message(Node("enc", {}, b"x")), "message/enc@type"),
        (message(Node("enc", {"type": "msg", "count": "999"}, b"x")), "message/enc@count"),
        (message(*[ENC] * 17), "message"),
        (message(sender_lid="x"), "message@sender_lid"),
    ],
)
def test_malformed_messages(node: Node, path: str) -> None:
    value = read(node, ME)
    assert isinstance(value, Malformed)
    assert value.error.path == path


def test_no_message_before_the_login() -> None:
    value = read(message(), None)
    assert isinstance(value, Malformed)
    assert "before the login" in str(value.error)


def test_a_ciphertext_is_not_printed() -> None:
    assert "secret" not in repr(incoming())
