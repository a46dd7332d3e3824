"""Requests for the status privacy, the about text and pictures, and what their answers say."""

from __future__ import annotations

import pytest

from motte.core.binary.node import Node
from motte.core.stanza.pictures import GetPicture, RemovePicture, SetPicture
from motte.core.stanza.status import GetStatusPrivacy, SetAbout
from motte.core.stanza.tokens import trusted
from motte.errors import ItemNotFound, RemoteProtocolError
from motte.model.jid import Jid
from motte.model.picture import Picture
from motte.model.status import StatusPrivacy, StatusRule

BOB = Jid.parse("15550100002:3@s.whatsapp.net")
GROUP = Jid.parse("120363000000000001@g.us")
SERVER = "@s.whatsapp.net"


def answer(*children: Node) -> Node:
    return Node("iq", {"type": "result", "id": "1", "from": "s.whatsapp.net"}, children)


def test_a_picture_is_asked_for_as_baileys_does() -> None:
    head = {"id": "1", "xmlns": "w:profile:picture", "type": "get", "to": SERVER, "target": str(BOB.user_jid)}
    picture = Node("picture", {"type": "preview", "query": "url"})
    assert GetPicture(owner=BOB, full=False).build("1") == Node("iq", head, (picture,))
    token = trusted(b"token", 5)
    request = GetPicture(owner=BOB, known="17", token=token).build("1")
    assert request == Node("iq", head, (Node("picture", {"type": "image", "query": "url", "id": "17"}, (token,)),))


def test_a_picture_is_set_and_removed() -> None:
    head = {"id": "1", "xmlns": "w:profile:picture", "type": "set", "to": SERVER}
    picture = Node("picture", {"type": "image"}, b"jpeg")
    assert SetPicture(b"jpeg").build("1") == Node("iq", head, (picture,))
    assert SetPicture(b"jpeg", GROUP).build("1") == Node("iq", {**head, "target": str(GROUP)}, (picture,))
    assert SetPicture(b"jpeg").parse(answer(Node("picture", {"id": "7"}))) == "7"
    removal = RemovePicture(GROUP).build("1")
    assert (removal.attrs, list(removal.children)) == ({**head, "target": str(GROUP)}, [])
    RemovePicture().parse(answer())


def test_where_a_picture_is() -> None:
    request = GetPicture(owner=BOB)
    attrs = {"id": "7", "type": "preview", "url": "https://pps.example/7", "direct_path": "/7"}
    found = Picture(id="7", url="https://pps.example/7", is_full=False, direct_path="/7")
    assert request.parse(answer(Node("picture", attrs))) == found
    assert request.parse(answer()) is None
    assert request.parse(answer(Node("picture", {"status": "304"}))) is None
    with pytest.raises(RemoteProtocolError, match="id"):
        request.parse(answer(Node("picture", {"url": "https://pps.example/7"})))
    error = Node("iq", {"type": "error", "id": "1"}, (Node("error", {"code": "404", "text": "item-not-found"}),))
    with pytest.raises(ItemNotFound):
        request.parse(error)


def rules(*lists: tuple[dict[str, str], tuple[str, ...]]) -> Node:
    children = (Node("list", attrs, tuple(Node("user", {"jid": jid}) for jid in jids)) for attrs, jids in lists)
    return answer(Node("privacy", {}, tuple(children)))


def test_who_sees_the_status() -> None:
    request = GetStatusPrivacy()
    only = ({"type": "whitelist"}, (str(BOB),))
    but = ({"type": "blacklist", "default": "true"}, ("100000000000002@lid",))
    assert request.parse(rules(only)) == StatusPrivacy(rule=StatusRule.ONLY, people=(BOB.user_jid,))
    assert request.parse(rules(only, but)) == StatusPrivacy(
        rule=StatusRule.EXCEPT, people=(Jid.parse("100000000000002@lid"),)
    )
    for empty in (answer(), rules()):
        assert request.parse(empty) == StatusPrivacy(rule=StatusRule.CONTACTS)
    for broken in (rules(({"type": "close_friends"}, ())), rules(({}, ())), rules(({"type": "whitelist"}, ("x",)))):
        with pytest.raises(RemoteProtocolError):
            request.parse(broken)


def test_the_about_text() -> None:
    head = {"id": "1", "xmlns": "status", "type": "set", "to": SERVER}
    assert SetAbout("hej å").build("1") == Node("iq", head, (Node("status", {}, "hej å".encode()),))
