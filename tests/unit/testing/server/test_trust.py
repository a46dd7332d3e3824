"""Trusted-contact tokens in the server: who gets them, whom they let in, when they end."""

from __future__ import annotations

import hmac
import time

import pytest

from motte.core.binary.node import Node
from motte.testing import LocalServer
from motte.testing.clock import ManualClock
from motte.testing.server.settings import Settings
from motte.testing.server.trust import salt_for_app_state, salt_for_history, salt_of
from tests.unit.testing.server.raw_client import RawClient, linked, logged_in
from tests.unit.testing.server.test_messages import message

SHY = "restricted:Bob"


async def issue(client: RawClient, to: str, at: int) -> Node:
    token = Node("token", {"jid": to, "t": str(at), "type": "trusted_contact"})
    return await client.iq("privacy", Node("tokens", {}, (token,)), kind="set", keep=True)


async def given(client: RawClient) -> Node:
    """The next privacy_token notification."""
    return await client.until("notification", lambda node: node.attrs["type"] == "privacy_token")


def bytes_of(notification: Node) -> bytes:
    tokens = notification.child("tokens")
    assert tokens is not None
    return tokens.children[0].data


def with_token(node: Node, token: bytes) -> Node:
    return node._replace(content=(*node.children, Node("tctoken", {}, token)))


async def error_of(client: RawClient, node: Node) -> str | None:
    """The error in the ack of a message."""
    await client.send(node)
    ack = await client.until("ack", lambda ack: ack.attrs["id"] == node.attrs["id"])
    return ack.attrs.get("error")


async def test_a_token_reaches_every_device_of_the_person(server: LocalServer) -> None:
    ann_keys, bob_keys, other_keys = [await linked(server, name) for name in ("Ann", "Bob", "Bob")]
    ann, bob = server.account("Ann"), server.account("Bob")
    async with (
        logged_in(server, ann_keys) as client,
        logged_in(server, bob_keys) as first,
        logged_in(server, other_keys) as second,
    ):
        answer = await issue(client, str(bob.pn), 1_700_000_000)
        assert answer.attrs["type"] == "result"
        notices = [await given(first), await given(second)]
    assert [(one.attrs["from"], one.attrs["sender_lid"]) for one in notices] == [(str(ann.pn), str(ann.lid))] * 2
    tokens = [one.children[0].children[0] for one in notices]
    assert [one.attrs["jid"] for one in tokens] == [str(bob.pn.with_device(number)) for number in (1, 2)]
    assert {(one.attrs["t"], one.attrs["type"]) for one in tokens} == {("1700000000", "trusted_contact")}
    assert tokens[0].data == tokens[1].data


@pytest.mark.parametrize("name", [SHY, "scenario:restricted:Bob"])
async def test_a_stranger_gets_463_until_there_is_a_token(server: LocalServer, name: str) -> None:
    ann_keys, bob_keys = await linked(server, "Ann"), await linked(server, name)
    ann, bob = server.account("Ann"), server.account(name)
    copy = (str(bob.lid.with_device(1)), b"hello")
    async with logged_in(server, ann_keys) as client, logged_in(server, bob_keys) as shy:
        assert await error_of(client, message(str(bob.lid), copy, message_id="M1")) == "463"
        assert await error_of(client, with_token(message(str(bob.lid), copy, message_id="M2"), b"wrong")) == "463"
        await issue(shy, str(ann.pn), int(time.time()))
        token = bytes_of(await given(client))
        assert await error_of(client, with_token(message(str(bob.lid), copy, message_id="M3"), token)) is None
        got = await shy.until("message")
        assert got.attrs["id"] == "M3"


async def test_a_scenario_can_refuse_tokens_and_open_accounts_need_none(server: LocalServer) -> None:
    name = "scenario:restricted,tc_enabled=0:Bob"
    ann_keys, bob_keys = await linked(server, "Ann"), await linked(server, name)
    ann, bob, eve = server.account("Ann"), server.account(name), server.account("scenario:nct_send_ab=1:Eve")
    async with logged_in(server, ann_keys) as client, logged_in(server, bob_keys) as shy:
        await issue(shy, str(ann.pn), int(time.time()))
        shown = with_token(message(str(bob.lid), (str(bob.lid), b"x"), message_id="M1"), bytes_of(await given(client)))
        assert await error_of(client, shown) == "463"
        assert await error_of(client, message(str(eve.lid), (str(eve.lid), b"x"), message_id="M2")) is None


async def test_presence_of_a_restricted_account_wants_the_token(server: LocalServer) -> None:
    ann_keys, bob_keys = await linked(server, "Ann"), await linked(server, SHY)
    ann, bob = server.account("Ann"), server.account(SHY)
    subscribe = Node("presence", {"type": "subscribe", "to": str(bob.lid)})
    async with logged_in(server, ann_keys) as client, logged_in(server, bob_keys) as shy:
        await client.send(subscribe)
        await shy.send(Node("presence", {"type": "available"}))
        await issue(shy, str(ann.pn), int(time.time()))
        token = bytes_of(await given(client))  # no presence has come before it
        await client.send(with_token(subscribe, token))
        assert (await client.until("presence")).attrs == {"from": str(bob.lid)}
        await shy.send(Node("presence", {"type": "unavailable"}))
        assert (await client.until("presence")).attrs["type"] == "unavailable"


async def test_a_token_ends_after_its_week_and_three_more() -> None:
    clock = ManualClock(time.time())
    settings = Settings(greet=False, closing_seconds=0.02)
    async with LocalServer(tls_port=None, settings=settings, clock=clock.now) as server:
        ann_keys, bob_keys = await linked(server, "Ann"), await linked(server, SHY)
        ann, bob = server.account("Ann"), server.account(SHY)
        async with logged_in(server, ann_keys) as client, logged_in(server, bob_keys) as shy:
            await issue(shy, str(ann.pn), int(clock.now()))
            token = bytes_of(await given(client))
            copy = (str(bob.lid), b"x")
            await clock.advance(21 * 86400)
            assert await error_of(client, with_token(message(str(bob.lid), copy, message_id="M1"), token)) is None
            await clock.advance(7 * 86400)
            assert await error_of(client, with_token(message(str(bob.lid), copy, message_id="M2"), token)) == "463"


async def test_a_phone_gives_a_token_with_its_first_message_of_a_week(server: LocalServer) -> None:
    ann_keys = await linked(server, "Ann")
    async with logged_in(server, ann_keys) as client:
        phone = server.phone(SHY)
        await phone.send_text("Ann", "hello")
        await phone.send_text("Ann", "hello again")
        await client.until("message")
        bob = server.account(SHY)
        shown = with_token(message(str(bob.lid), (str(bob.lid), b"x")), bytes_of(await given(client)))
        assert (await client.until("message")).attrs["from"] == str(bob.lid)
        assert await error_of(client, shown) is None


SENDER = "scenario:nct_send_ab=1,nct_history_ab=1,nct_syncd_ab=1,nct_syncd_delivery=0:Ann"


async def test_a_token_of_the_clients_making_lets_in(server: LocalServer) -> None:
    ann_keys = await linked(server, SENDER)
    for name in ("restricted:Bob", "scenario:restricted,cs_enabled=0:Cid"):
        await linked(server, name)
    ann, bob, cid = (
        server.account(name) for name in (SENDER, "restricted:Bob", "scenario:restricted,cs_enabled=0:Cid")
    )
    hub = server._hub
    assert (salt_for_history(hub, ann), salt_for_app_state(hub, ann)) == (salt_of(hub, ann), None)
    async with logged_in(server, ann_keys) as client:
        props = await client.iq("abt", Node("props", {"protocol": "1"}))
        listed = props.children[0].children
        assert {one.attrs["config_code"]: one.attrs["config_value"] for one in listed} == {
            "24941": "1",
            "25189": "1",
            "25253": "1",
        }
        errors = []
        for number, (account, salt) in enumerate(
            [(bob, salt_of(hub, ann)), (bob, bytes(32)), (cid, salt_of(hub, ann)), (bob, None)]
        ):
            node = message(str(account.lid), (str(account.lid), b"x"), message_id=f"M{number}")
            if salt is not None:
                token = hmac.digest(salt, str(account.lid).encode(), "sha256")
                node = node._replace(content=(*node.children, Node("cstoken", {}, token)))
            errors.append(await error_of(client, node))
    assert errors == [None, "463", "463", "463"]
