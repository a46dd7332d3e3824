"""Pictures: set, shown, replaced, removed; who is told, and who may not see them."""

from __future__ import annotations

import time

import aiohttp

from motte.core.binary.node import Node
from motte.testing import LocalServer
from tests.unit.testing.server.raw_client import RawClient, linked, logged_in
from tests.unit.testing.server.test_trust import bytes_of, given, issue

XMLNS = "w:profile:picture"
JPEG = b"\xff\xd8\xff\xe0 a face"


async def asked(client: RawClient, kind: str, target: str | None, *children: Node) -> Node:
    attrs = {"id": f"p-{time.monotonic_ns()}", "to": "s.whatsapp.net", "type": kind, "xmlns": XMLNS}
    attrs |= {"target": target} if target else {}
    await client.send(Node("iq", attrs, children or None))
    return await client.until("iq", lambda node: node.attrs.get("id") == attrs["id"])


async def shown(client: RawClient, target: str, *children: Node) -> Node:
    query = Node("picture", {"type": "image", "query": "url"}, children or None)
    return (await asked(client, "get", target, query)).children[0]


async def test_set_shown_replaced_and_removed(server: LocalServer) -> None:
    keys = [await linked(server, name) for name in ("Ann", "Bob")]
    ann = server.account("Ann")
    async with logged_in(server, keys[0]) as client, logged_in(server, keys[1]) as bob, aiohttp.ClientSession() as http:
        assert (await shown(bob, str(ann.lid))).attrs["code"] == "404"
        first = (await asked(client, "set", None, Node("picture", {"type": "image"}, JPEG))).children[0].attrs["id"]
        picture = await shown(bob, str(ann.pn))
        assert picture.attrs["id"] == first
        async with http.get(picture.attrs["url"]) as response:
            assert await response.read() == JPEG
        await client.send(Node("iq", {"id": "s", "type": "set", "xmlns": XMLNS}, (Node("picture", {}, JPEG + b"2"),)))
        notice = await client.until("notification", lambda node: node.attrs["type"] == "picture")
        assert notice.children[0].attrs["id"] not in ("", first)
        assert (await shown(bob, str(ann.pn))).attrs["id"] != first
        assert (await asked(client, "set", None)).attrs["type"] == "result"
        assert (await shown(bob, str(ann.pn))).attrs["code"] == "404"
        assert (await asked(bob, "set", str(ann.pn), Node("picture", {}, JPEG))).children[0].attrs["code"] == "403"


async def test_a_restricted_account_shows_it_to_who_has_its_token(server: LocalServer) -> None:
    keys = [await linked(server, name) for name in ("Ann", "restricted:Bob")]
    ann, bob = server.account("Ann"), server.account("restricted:Bob")
    async with logged_in(server, keys[0]) as client, logged_in(server, keys[1]) as shy:
        await asked(shy, "set", None, Node("picture", {}, JPEG))
        assert (await shown(client, str(bob.lid))).attrs["code"] == "401"
        await issue(shy, str(ann.pn), int(time.time()))
        token = bytes_of(await given(client))
        assert (await shown(client, str(bob.lid), Node("tctoken", {}, token))).tag == "picture"
