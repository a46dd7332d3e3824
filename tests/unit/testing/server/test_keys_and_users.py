"""Prekeys and user sync: what is uploaded is handed out once, and who exists is found by number and LID."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace

import pytest

from motte.core.binary.node import Node
from motte.core.crypto import adv
from motte.core.signal.keys import generate_signed_prekey
from motte.testing import LocalServer
from tests.unit.testing.server.raw_client import Keys, RawClient, linked, logged_in


async def bundle(client: RawClient, jid: str) -> dict[str, Node]:
    """The parts of a fetched bundle, by tag."""
    answer = await client.iq("encrypt", Node("key", {}, (Node("user", {"jid": jid}),)))
    listed = answer.child("list")
    user = listed.child("user") if listed else None
    assert user is not None
    assert user.attrs["jid"] == jid
    return {node.tag: node for node in user.children}


async def count(client: RawClient) -> str:
    answer = (await client.iq("encrypt", Node("count"))).child("count")
    assert answer is not None
    return answer.attrs["value"]


async def test_prekeys_are_counted_and_handed_out_once(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    async with logged_in(server, keys) as ann, logged_in(server, await linked(server, "Bob")) as bob:
        assert await count(ann) == "10"
        taken = [(await bundle(bob, str(keys.jid))).get("key") for _ in range(11)]
        assert len({key.children[0].data for key in taken if key}) == 10
        assert taken[-1] is None
        assert await count(ann) == "0"


async def test_a_device_is_told_once_when_its_prekeys_run_low(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    async with logged_in(server, keys) as ann, logged_in(server, await linked(server, "Bob")) as bob:
        for _ in range(7):
            await bundle(bob, str(keys.jid))
        notice = await ann.until("notification")
        assert notice.attrs["from"] == "@s.whatsapp.net"
        assert notice.attrs["type"] == "encrypt"
        assert notice.content == (Node("count", {"value": "4"}),)
        await ann.send(Node("ack", {"class": "notification", "id": notice.attrs["id"], "to": notice.attrs["from"]}))
        assert await count(ann) == "3"
    assert len(server.account("Ann").devices[1].mailbox) == 0


async def test_a_bundle_is_found_by_lid_and_vouches_for_the_device(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    async with logged_in(server, keys), logged_in(server, await linked(server, "Bob")) as bob:
        parts = await bundle(bob, str(server.account("Ann").lid.with_device(1)))
    assert parts["identity"].data == keys.identity.public
    adv.verify_identity(parts["device-identity"].data, keys.identity.public, server.phone("Ann").identity.public)
    assert "device-identity" not in await _phone_bundle(server)


async def _phone_bundle(server: LocalServer) -> dict[str, Node]:
    async with logged_in(server, await linked(server, "Cid")) as cid:
        return await bundle(cid, str(server.account("Ann").pn))


async def test_an_unknown_device_is_an_error_of_its_own(server: LocalServer) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        parts = await bundle(ann, "15550199999@s.whatsapp.net")
    assert parts == {"error": Node("error", {"code": "404", "text": "item-not-found"})}


async def test_the_digest_is_over_what_is_on_the_shelf(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    async with logged_in(server, keys, ready=False) as ann:
        error = (await ann.iq("encrypt", Node("digest"))).child("error")
        assert error is not None
        assert error.attrs["code"] == "404"
        await ann.upload(keys)
        digest = (await ann.iq("encrypt", Node("digest"))).child("digest")
    assert digest is not None
    shelf = server.account("Ann").devices[1].shelf
    content = [keys.identity.public, keys.signed.pair.public, keys.signed.signature, *shelf.one_time.values()]
    parts = {node.tag: node for node in digest.children}
    assert parts["hash"].data == hashlib.sha1(b"".join(content)).digest()
    assert [int.from_bytes(one.data, "big") for one in parts["list"].children] == list(range(1, 11))


async def test_a_bad_signature_is_refused(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    keys.signed = replace(keys.signed, signature=bytes(64))
    async with logged_in(server, keys, ready=False) as ann:
        error = (await ann.upload(keys)).child("error")
        assert error is not None
        assert error.attrs["code"] == "406"
        assert await count(ann) == "0"


async def test_a_foreign_identity_is_refused(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    async with logged_in(server, keys, ready=False) as ann:
        assert (await ann.upload(Keys("Ann"))).child("error")


async def test_a_signed_prekey_can_be_rotated(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    new = generate_signed_prekey(keys.identity, 2, os.urandom)
    skey = Node(
        "skey",
        {},
        (
            Node("id", {}, (2).to_bytes(3, "big")),
            Node("value", {}, new.pair.public),
            Node("signature", {}, new.signature),
        ),
    )
    async with logged_in(server, keys) as ann:
        assert (await ann.iq("encrypt", Node("rotate", {}, (skey,)), kind="set")).attrs["type"] == "result"
        parts = await bundle(ann, str(keys.jid))
    assert parts["skey"].children[0].data == b"\x00\x00\x02"


async def usync(client: RawClient, protocols: list[str], *users: Node) -> dict[str, dict[str, Node]]:
    """The answers of a user sync: JID → protocol → node."""
    query = Node("query", {}, tuple(Node(tag) for tag in protocols))
    attrs = {"sid": "1", "mode": "query", "context": "message", "last": "true", "index": "0"}
    answer = (await client.iq("usync", Node("usync", attrs, (query, Node("list", {}, users))))).child("usync")
    listed = answer.child("list") if answer else None
    assert listed is not None
    return {user.attrs["jid"]: {node.tag: node for node in user.children} for user in listed.children}


async def test_devices_and_lid_by_either_address(server: LocalServer) -> None:
    await linked(server, "Bob")
    await linked(server, "Bob")
    bob = server.account("Bob")
    async with logged_in(server, await linked(server, "Ann")) as ann:
        users = [Node("user", {"jid": str(jid)}) for jid in (bob.pn, bob.lid, bob.pn.with_device(2))]
        found = await usync(ann, ["devices", "lid"], *users)
    assert set(found) == {str(bob.pn), str(bob.lid)}
    devices, indexes = found[str(bob.lid)]["devices"].children
    assert [dict(device.attrs) for device in devices.children] == [
        {"id": "0"},
        {"id": "1", "key-index": "1"},
        {"id": "2", "key-index": "2"},
    ]
    assert adv.verify_key_indexes(indexes.data, server.phone("Bob").identity.public).current_index == 2
    assert found[str(bob.pn)]["lid"].attrs["val"] == str(bob.lid)


async def test_contacts_in_and_out(server: LocalServer) -> None:
    bob = server.account("Bob")
    async with logged_in(server, await linked(server, "Ann")) as ann:
        asked = [
            Node("user", {}, (Node("contact", {}, f"+{number}".encode()),)) for number in (bob.pn.user, "15550199999")
        ]
        found = await usync(ann, ["contact", "status"], *asked)
    assert found[str(bob.pn)]["contact"].attrs["type"] == "in"
    assert found["15550199999@s.whatsapp.net"]["contact"].attrs["type"] == "out"
    assert "status" not in found["15550199999@s.whatsapp.net"]


async def test_unknown_users_are_left_out(server: LocalServer) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        assert await usync(ann, ["devices"], Node("user", {"jid": "15550199999@s.whatsapp.net"})) == {}


@pytest.mark.parametrize("about", ["hello", "", "🦉 سلام\nline"])
async def test_about_is_set_told_and_asked_for(server: LocalServer, about: str) -> None:
    async with (
        logged_in(server, await linked(server, "Ann")) as ann,
        logged_in(server, await linked(server, "Bob")) as bob,
    ):
        await server.phone("Ann").send_text("Bob", "so that they know each other")
        await bob.until("message")
        await ann.iq("status", Node("status", {}, about.encode()), kind="set")
        notice = await bob.until("notification", lambda node: node.attrs["type"] == "status")
        assert notice.children[0].data.decode() == about
        found = await usync(bob, ["status"], Node("user", {"jid": str(server.account("Ann").pn)}))
    assert found[str(server.account("Ann").pn)]["status"].data.decode() == about
