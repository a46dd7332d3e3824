"""Real Baileys against the local server: pairing, login, texts, receipts, offline mail, retries, faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from motte.testing import LocalServer
from tests.interop.conftest import StartPeer
from tests.interop.peer import BaileysPeer

DELIVERED, READ = 3, 4
Me = dict[str, Any]


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer() as running:
        yield running


def scanner(server: LocalServer) -> Any:
    async def scan(text: str) -> None:
        server.scan_qr(text)

    return scan


def bare(jid: str) -> str:
    """A JID without its device."""
    user, _, host = jid.partition("@")
    return f"{user.partition(':')[0]}@{host}"


async def paired(server: LocalServer, baileys: StartPeer, name: str, **options: Any) -> tuple[BaileysPeer, Me]:
    peer = await baileys(server.ws_url, name=name, **options)
    return peer, await peer.pair(scanner(server))


async def reached(peer: BaileysPeer, key: Me, status: int) -> None:
    """Waits for a sent message's status; Baileys may merge it into the message's own event while that is buffered."""
    merged = peer.message(lambda message: message["key"]["id"] == key["id"] and (message.get("status") or 0) >= status)
    waiting = {asyncio.ensure_future(merged), asyncio.ensure_future(peer.status(key["id"], status))}
    done, late = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in late:
        task.cancel()
    await done.pop()


async def test_pairing_gives_a_number_a_lid_and_the_next_device(server: LocalServer, baileys: StartPeer) -> None:
    _, ann = await paired(server, baileys, "Ann")
    _, again = await paired(server, baileys, "Ann")
    _, bob = await paired(server, baileys, "Bob")
    assert ann["id"] == "15550100001:1@s.whatsapp.net"
    assert again["id"] == "15550100001:2@s.whatsapp.net"
    assert bob["id"] == "15550100002:1@s.whatsapp.net"
    assert bare(ann["lid"]) == bare(again["lid"]) == str(server.account("Ann").lid)


async def test_pairing_over_tls(server: LocalServer, baileys: StartPeer) -> None:
    peer = await baileys(server.wss_url, name="Ann", ca=server.ca_file)
    assert (await peer.pair(scanner(server)))["id"] == "15550100001:1@s.whatsapp.net"


async def test_pairing_by_code(server: LocalServer, baileys: StartPeer) -> None:
    peer = await baileys(server.ws_url, name="Ann")
    code = await peer.pairing_code("15550100007")
    server.confirm_code("15550100007", code)
    await peer.open()
    assert (await peer.me())["id"] == "15550100007:1@s.whatsapp.net"


async def test_login_from_the_auth_folder(server: LocalServer, baileys: StartPeer, tmp_path: Path) -> None:
    first, me = await paired(server, baileys, "Ann", auth=tmp_path)
    await first.close()
    await first.closed()
    second = await baileys(server.ws_url, auth=tmp_path)
    await second.open()
    assert (await second.me())["id"] == me["id"]


@pytest.mark.parametrize("address", ["id", "lid"])
async def test_texts_both_ways_with_receipts(server: LocalServer, baileys: StartPeer, address: str) -> None:
    ann, ann_jids = await paired(server, baileys, "Ann")
    bob, bob_jids = await paired(server, baileys, "Bob")
    sent = await ann.send_text(bare(bob_jids[address]), "hello Bob")
    got = await bob.text("hello Bob")
    assert got["pushName"] == "Ann"
    await reached(ann, sent, DELIVERED)
    await bob.read(got["key"])
    await reached(ann, sent, READ)
    await bob.send_text(bare(ann_jids[address]), "hello Ann")
    await ann.text("hello Ann")
    phone = await server.phone("Bob").wait_for_text("hello Bob")
    assert phone.chat == server.account("Ann").jid(like=phone.chat)


async def test_a_second_device_gets_copies(server: LocalServer, baileys: StartPeer) -> None:
    ann, _ = await paired(server, baileys, "Ann")
    other, _ = await paired(server, baileys, "Ann")
    bob, bob_jids = await paired(server, baileys, "Bob")
    await ann.send_text(bare(bob_jids["lid"]), "from one of my devices")
    copy = await other.text("from one of my devices")
    assert copy["key"]["fromMe"]
    assert bare(copy["key"]["remoteJid"]) == bare(bob_jids["lid"])
    await bob.text("from one of my devices")


async def test_a_message_to_oneself_reaches_the_other_devices(server: LocalServer, baileys: StartPeer) -> None:
    ann, jids = await paired(server, baileys, "Ann")
    other, _ = await paired(server, baileys, "Ann")
    await ann.send_text(bare(jids["lid"]), "note to self")
    got = await other.text("note to self")
    assert got["key"]["fromMe"]
    phone = await asyncio.wait_for(server.phone("Ann").wait_for_text("note to self"), 10)
    assert phone.chat == server.account("Ann").lid


async def test_messages_wait_for_an_absent_device(server: LocalServer, baileys: StartPeer) -> None:
    ann, _ = await paired(server, baileys, "Ann")
    bob, bob_jids = await paired(server, baileys, "Bob")
    await ann.send_text(bare(bob_jids["lid"]), "first")
    await bob.text("first")
    await bob.drop()
    await bob.closed()
    keys = [await ann.send_text(bare(bob_jids["lid"]), f"missed {i}") for i in range(3)]
    await bob.reconnect()
    for i in range(3):
        await bob.text(f"missed {i}")
    for key in keys:
        await reached(ann, key, DELIVERED)


async def test_a_lost_session_is_healed_by_a_retry(server: LocalServer, baileys: StartPeer) -> None:
    ann, ann_jids = await paired(server, baileys, "Ann")
    bob, bob_jids = await paired(server, baileys, "Bob")
    await ann.send_text(bare(bob_jids["lid"]), "one")
    await bob.text("one")
    await bob.send_text(bare(ann_jids["lid"]), "two")
    await ann.text("two")
    assert await bob.forget_sessions(f"{server.account('Ann').lid.user}_1")
    await ann.send_text(bare(bob_jids["lid"]), "three")
    await bob.text("three")


async def test_the_phone_is_a_signal_peer(server: LocalServer, baileys: StartPeer) -> None:
    ann, ann_jids = await paired(server, baileys, "Ann")
    phone = server.phone("Zoe")
    message_id = await phone.send_text("Ann", "from a phone")
    got = await ann.text("from a phone")
    assert got["key"]["id"] == message_id
    await ann.send_text(got["key"]["remoteJid"], "to a phone")
    assert (await phone.wait_for_text("to a phone")).sender.device == 1
    assert await ann.forget_sessions(f"{server.account('Zoe').lid.user}_1")
    await phone.send_text("Ann", "healed by the phone")
    await ann.text("healed by the phone")
    assert ann_jids["lid"]


async def test_presence_and_typing(server: LocalServer, baileys: StartPeer) -> None:
    ann, ann_jids = await paired(server, baileys, "Ann")
    bob, bob_jids = await paired(server, baileys, "Bob")
    bobs = bare(bob_jids["lid"])
    await bob.presence("available")
    await ann.subscribe(bobs)
    await ann.event("presence.update", lambda data: data["presences"][bobs]["lastKnownPresence"] == "available")
    await bob.presence("composing", bare(ann_jids["lid"]))
    await ann.event("presence.update", lambda data: data["presences"][bobs]["lastKnownPresence"] == "composing")
    await bob.presence("unavailable")
    await ann.event("presence.update", lambda data: data["presences"][bobs]["lastKnownPresence"] == "unavailable")


async def test_numbers_and_devices_are_found(server: LocalServer, baileys: StartPeer) -> None:
    ann, _ = await paired(server, baileys, "Ann")
    _, bob = await paired(server, baileys, "Bob")
    found = await ann.call("onWhatsApp", "15550100002", "15550199999")
    assert found == [{"jid": bare(bob["id"]), "exists": True}]  # Baileys leaves out those that do not exist
    devices = await ann.devices(bare(bob["lid"]))
    assert {device["device"] for device in devices} == {0, 1}


async def test_logout_removes_the_device(server: LocalServer, baileys: StartPeer) -> None:
    ann, _ = await paired(server, baileys, "Ann")
    other, _ = await paired(server, baileys, "Ann")
    await ann.logout()
    assert await ann.closed() == 401
    devices = await other.devices("15550100001@s.whatsapp.net")
    assert 1 not in {device["device"] for device in devices}


async def test_a_second_connection_replaces_the_first(server: LocalServer, baileys: StartPeer, tmp_path: Path) -> None:
    first, _ = await paired(server, baileys, "Ann", auth=tmp_path)
    second = await baileys(server.ws_url, auth=tmp_path)
    await second.open()
    assert await first.closed() == 440


async def test_faults_reach_baileys(server: LocalServer, baileys: StartPeer) -> None:
    ann, _ = await paired(server, baileys, "Ann")
    strikes: list[tuple[Callable[[], int], int]] = [
        (lambda: server.faults.stream_error("Ann", code=503), 503),
        (lambda: server.faults.stream_error("Ann", child="xml-not-well-formed"), 500),
        (lambda: server.faults.end_stream("Ann"), 428),
        (lambda: server.faults.downgrade("Ann"), 411),
        (lambda: server.faults.drop("Ann"), 428),
    ]
    for strike, expected in strikes:
        assert strike() == 1
        assert await ann.closed() == expected
        await ann.reconnect()
        await ann.open()
    server.faults.fail_login(403, attrs={"location": "frc"})
    await ann.close()
    await ann.closed()
    await ann.reconnect()
    assert await ann.closed() == 403
    server.faults.unlink("Ann")
    await ann.reconnect()
    assert await ann.closed() == 401


async def test_many_missed_messages_come_in_order(server: LocalServer, baileys: StartPeer) -> None:
    """More than the one batch of 100 that Baileys asks for."""
    bob, bob_jids = await paired(server, baileys, "Bob")
    await bob.close()
    await bob.closed()
    phone = server.phone("Zoe")
    for i in range(130):
        await phone.send_text(bare(bob_jids["lid"]), f"n{i}")
    await bob.reconnect()
    got: list[str] = []
    async with asyncio.timeout(60):
        while len(got) < 130:
            got.append((await bob.message(lambda message: str(message["text"]).startswith("n")))["text"])
    assert got == [f"n{i}" for i in range(130)]


async def test_a_reinstalled_phone_is_heard_and_reached(server: LocalServer, baileys: StartPeer) -> None:
    ann, _ = await paired(server, baileys, "Ann")
    await server.phone("Zoe").send_text("Ann", "with the old identity")
    chat = (await ann.text("with the old identity"))["key"]["remoteJid"]
    await ann.send_text(chat, "one")
    await server.phone("Zoe").wait_for_text("one")
    server.phone("Zoe").reinstall()
    await server.phone("Zoe").send_text("Ann", "with a new identity")
    await ann.text("with a new identity")
    await ann.send_text(chat, "two")
    await asyncio.wait_for(server.phone("Zoe").wait_for_text("two"), 20)
