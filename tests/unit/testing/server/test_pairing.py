"""Linking a device: by QR code, by pairing code, and everything that is refused."""

from __future__ import annotations

import os

import pytest

from motte.core.binary.node import Node
from motte.core.crypto import adv, link_code
from motte.core.crypto.curve import KeyPair
from motte.testing import LocalServer
from motte.testing.server.reader import Refused
from motte.testing.server.settings import Settings
from tests.unit.testing.server.raw_client import Keys, RawClient, connected, countersign, linked, logged_in, refs

URL = "https://wa.me/settings/linked_devices#"


@pytest.mark.parametrize(("prefix", "suffix"), [("", ""), (URL, ",1"), ("", ",1"), (URL, "")])
async def test_a_phone_scans_every_form_of_the_code(server: LocalServer, prefix: str, suffix: str) -> None:
    keys = Keys("Ann")
    async with connected(server, keys) as client:
        shown = await refs(client)
        assert len(set(shown)) == 6
        jid = server.scan_qr(keys.qr(shown[3], prefix) + suffix)
        restart = await countersign(client, keys)
    assert restart.attrs == {"code": "515"}
    assert keys.jid == jid.with_device(1)


async def test_the_same_name_is_the_same_phone(server: LocalServer) -> None:
    first, second, other = [await linked(server, name) for name in ("Ann", "Ann", "Bob")]
    assert (str(first.jid), str(second.jid)) == ("15550100001:1@s.whatsapp.net", "15550100001:2@s.whatsapp.net")
    assert str(other.jid) == "15550100002:1@s.whatsapp.net"


async def test_a_chosen_phone_wins_over_the_push_name(server: LocalServer) -> None:
    keys = Keys("Ann")
    async with connected(server, keys) as client:
        assert server.scan_qr(keys.qr((await refs(client))[0]), phone="Zoe") == server.account("Zoe").pn


async def test_the_key_index_list_is_signed_and_lists_the_device(server: LocalServer) -> None:
    await linked(server, "Ann")
    account = server.account("Ann")
    indexes = adv.verify_key_indexes(account.key_index_list, account.phone.identity.public)
    assert 1 in indexes.valid_indexes


@pytest.mark.parametrize(
    ("text", "code"),
    [("", 400), ("2@x,y", 400), ("2@unknown,AA==,AA==,AA==", 404), ("a,b,c,d,e,f", 400)],
)
async def test_a_text_that_nobody_shows_is_refused(server: LocalServer, text: str, code: int) -> None:
    with pytest.raises(Refused) as refused:
        server.scan_qr(text)
    assert refused.value.code == code


async def test_a_code_with_foreign_keys_is_refused(server: LocalServer) -> None:
    keys, stranger = Keys("Ann"), Keys("Ann")
    async with connected(server, keys) as client:
        with pytest.raises(Refused) as refused:
            server.scan_qr(stranger.qr((await refs(client))[0]))
    assert refused.value.code == 409


async def test_the_refs_of_a_closed_connection_are_gone(server: LocalServer) -> None:
    keys = Keys("Ann")
    async with connected(server, keys) as client:
        ref = (await refs(client))[0]
    async with connected(server, Keys("Bob")) as client:
        await refs(client)  # the server has noticed the first close by now
        with pytest.raises(Refused):
            server.scan_qr(keys.qr(ref))


async def test_a_wrong_device_signature_is_refused(server: LocalServer) -> None:
    keys, thief = Keys("Ann"), KeyPair.generate(os.urandom)
    async with connected(server, keys) as client:
        server.scan_qr(keys.qr((await refs(client))[0]))
        iq = await client.until("iq", lambda node: node.child("pair-success") is not None)
        success = iq.child("pair-success")
        identity = success.child("device-identity") if success else None
        assert identity is not None
        signed = adv.open_identity(identity.data, keys.secret, keys.identity.public)
        forged = adv.countersign(signed, thief, rng=os.urandom).serialize(account_key=False)
        sign = Node("pair-device-sign", {}, (Node("device-identity", {"key-index": "1"}, forged),))
        await client.send(Node("iq", {"id": iq.attrs["id"], "type": "result"}, (sign,)))
        assert (await client.until("stream:error")).attrs["code"] == "401"
    assert not server.account("Ann").companions


async def test_an_unused_qr_ends_with_the_connection() -> None:
    async with (
        LocalServer(tls_port=None, settings=Settings(pairing_seconds=0.01)) as server,
        connected(server, Keys("Ann")) as client,
    ):
        assert await client.closed() == 1000


async def test_an_unlinked_client_may_ping_but_not_more(server: LocalServer) -> None:
    async with connected(server, Keys("Ann")) as client:
        await refs(client)
        assert (await client.iq("w:p", Node("ping"))).attrs["type"] == "result"
        error = (await client.iq("encrypt", Node("count"))).child("error")
    assert error is not None
    assert error.attrs["code"] == "501"


async def companion_hello(client: RawClient, code: str, ephemeral: KeyPair, phone: str) -> bytes:
    """Ask for a pairing by code; the ref in the answer."""
    wrapped = link_code.wrap_key(code, ephemeral.public, os.urandom)
    content = (Node("link_code_pairing_wrapped_companion_ephemeral_pub", {}, wrapped),)
    stage = Node("link_code_companion_reg", {"jid": f"{phone}@s.whatsapp.net", "stage": "companion_hello"}, content)
    answer = (await client.iq("md", stage, kind="set")).child("link_code_companion_reg")
    ref = answer.child("link_code_pairing_ref") if answer else None
    assert ref is not None
    return ref.data


async def companion_finish(client: RawClient, keys: Keys, code: str, ephemeral: KeyPair, phone: str) -> Node:
    """Read the phone's half and send the bundle; the server's answer."""
    notice = (await client.until("notification")).child("link_code_companion_reg")
    assert notice is not None
    parts = {node.tag: node.data for node in notice.children}
    other = link_code.unwrap_key(code, parts["link_code_pairing_wrapped_primary_ephemeral_pub"])
    shared = link_code.shared_secret(ephemeral.private, other)
    bundle = link_code.seal_bundle(shared, keys.identity, parts["primary_identity_pub"], os.urandom)
    keys.secret = bundle.secret
    content = (
        Node("link_code_pairing_wrapped_key_bundle", {}, bundle.sealed),
        Node("companion_identity_public", {}, keys.identity.public),
        Node("link_code_pairing_ref", {}, parts["link_code_pairing_ref"]),
    )
    stage = Node("link_code_companion_reg", {"jid": f"{phone}@s.whatsapp.net", "stage": "companion_finish"}, content)
    return await client.iq("md", stage, kind="set")


async def test_linking_by_code(server: LocalServer) -> None:
    keys, ephemeral, phone, code = Keys("Ann"), KeyPair.generate(os.urandom), "15550100042", "ABCD1234"
    async with connected(server, keys) as client:
        await refs(client)
        await companion_hello(client, code, ephemeral, phone)
        server.confirm_code(phone, "abcd-1234")
        assert (await companion_finish(client, keys, code, ephemeral, phone)).attrs["type"] == "result"
        assert (await countersign(client, keys)).attrs["code"] == "515"
    assert str(keys.jid) == "15550100042:1@s.whatsapp.net"
    async with logged_in(server, keys):
        pass


async def test_a_wrong_code_is_noticed_by_the_phone(server: LocalServer) -> None:
    keys, ephemeral, phone = Keys("Ann"), KeyPair.generate(os.urandom), "15550100042"
    async with connected(server, keys) as client:
        await refs(client)
        await companion_hello(client, "ABCD1234", ephemeral, phone)
        server.confirm_code(phone, "ABCD1235")
        error = (await companion_finish(client, keys, "ABCD1234", ephemeral, phone)).child("error")
    assert error is not None
    assert error.attrs["code"] == "403"


async def test_a_code_that_nobody_waits_for(server: LocalServer) -> None:
    with pytest.raises(Refused) as refused:
        server.confirm_code("15550100042", "ABCD1234")
    assert refused.value.code == 404
