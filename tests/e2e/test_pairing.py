"""Linking a device, with a phone of the local server."""

from __future__ import annotations

import asyncio
import logging

import pytest

from motte import Cause, DisconnectReason, Jid, NextAction, errors, events
from motte.testing import LocalServer
from motte.testing.server.reader import Refused
from tests.e2e.conftest import PATIENCE, Linked, Unlinked, scanning, soon

PHONE = Jid.parse("15550100077@s.whatsapp.net")


async def test_a_scanned_qr_code_links_and_logs_in(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    scanning(server, client)
    code, paired = client.expect(events.QrCode), client.expect(events.Paired)
    connected = client.expect(events.Connected)
    client.start()
    prefix, _, fields = (await soon(code)).text.partition("#")
    assert prefix == "https://wa.me/settings/linked_devices"
    assert len(fields.split(",")) == 5
    account = server.account("alice")
    link = await soon(paired)
    assert (link.jid, link.lid) == (account.pn.with_device(1), account.lid.with_device(1))
    assert link.platform == "android"
    assert (await soon(connected)).jid == link.jid
    assert client.me is not None
    assert client.me.pn == link.jid


async def test_two_clients_talk(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    assert bob.me is not None
    got = bob.expect(events.MessageReceived)
    sent = await soon(alice.messages.send(bob.me.pn, "hello"))
    assert (await soon(got)).text == "hello"
    await soon(sent.delivered())


async def test_the_restart_after_pairing_is_no_failure(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    scanning(server, client)
    ended = client.expect(events.Disconnected)
    await client.connect(timeout=PATIENCE)
    end = await soon(ended)
    assert (end.cause, end.reason) == (Cause.RESTART_AFTER_PAIRING, DisconnectReason.restartRequired)
    assert (end.action, end.delay) == (NextAction.RECONNECT_NOW, 0.0)
    assert end.raw == '<stream:error code="515"/>'


async def test_codes_take_turns_until_the_refs_are_used_up(opened: Unlinked) -> None:
    client = await opened("alice", first_qr=0.02, next_qr=0.01)
    codes: list[events.QrCode] = []
    client.add_handler(events.QrCode, codes.append)
    expired, ended = client.expect(events.QrExpired), client.expect(events.Disconnected)
    with pytest.raises(errors.Disconnected, match="no QR code was scanned in time") as failure:
        await client.connect(timeout=PATIENCE)
    assert (failure.value.code, failure.value.cause) == (408, Cause.QR_REFS_USED_UP)
    await soon(expired)
    end = await soon(ended)
    assert (end.reason, end.cause) == (DisconnectReason.timedOut, Cause.QR_REFS_USED_UP)
    assert (end.action, end.delay, end.will_reconnect) == (NextAction.STOP, None, False)
    assert [code.index for code in codes] == list(range(6))
    assert len({code.text for code in codes}) == 6
    assert {code.total for code in codes} == {6}
    assert codes[0].expires_in == pytest.approx(0.02)


async def test_a_later_code_works_as_well(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice", first_qr=0.01)
    second = client.expect(events.QrCode, lambda code: code.index == 1)
    second.add_done_callback(lambda code: server.scan_qr(code.result().text))
    await client.connect(timeout=PATIENCE)
    assert client.is_connected


async def test_after_all_codes_a_new_start_shows_new_ones(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice", first_qr=0.3, next_qr=0.01)
    shown = client.expect(events.QrCode)
    with pytest.raises(errors.Disconnected):
        await client.connect(timeout=PATIENCE)
    with pytest.raises(Refused):
        server.scan_qr((await shown).text)
    scanning(server, client)
    await client.connect(timeout=PATIENCE)
    assert client.is_connected


async def test_nothing_is_kept_of_a_pairing_that_was_given_up(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    code = client.expect(events.QrCode)
    client.start()
    old = (await soon(code)).text
    await soon(client.disconnect())
    assert client.me is None
    fresh = client.expect(events.QrCode)
    client.start()
    await soon(fresh)
    with pytest.raises(Refused, match="expired"):
        server.scan_qr(old)


# --- by code ---------------------------------------------------------------------------------------------------------


async def test_a_code_typed_into_the_phone_links(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    told, connected = client.expect(events.PairingCode), client.expect(events.Connected)
    client.start()
    code = await soon(client.pairing.request_code(PHONE.user))
    assert await soon(told) == code
    assert len(code.code.replace("-", "")) == 8
    assert server.confirm_code(PHONE.user, code.code) == PHONE
    await soon(connected)
    assert client.me is not None
    assert client.me.pn == PHONE.with_device(1)


async def test_a_code_of_ones_own_links(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    connected = client.expect(events.Connected)
    client.start()
    assert (await soon(client.pairing.request_code(PHONE.user, "MTTE1234"))).code == "MTTE-1234"
    server.confirm_code(PHONE.user, "mtte-1234")
    await soon(connected)


async def test_a_mistyped_code_ends_the_attempt_with_a_reason(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    ended = client.expect(events.Disconnected)
    client.start()
    await soon(client.pairing.request_code(PHONE.user, "MTTE1234"))
    server.confirm_code(PHONE.user, "MTTE1235")
    end = await soon(ended)
    assert (end.cause, end.action) == (Cause.PAIRING_REFUSED, NextAction.STOP)
    assert "typed correctly?" in end.text
    assert client.me is None


async def test_a_code_for_another_number_finds_nobody(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    client.start()
    code = await soon(client.pairing.request_code(PHONE.user))
    with pytest.raises(Refused, match="no connection waits"):
        server.confirm_code("15550100078", code.code)


async def test_a_code_can_be_asked_for_again(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    connected = client.expect(events.Connected)
    client.start()
    first = await soon(client.pairing.request_code(PHONE.user))
    second = await soon(client.pairing.request_code(PHONE.user))
    assert first.code != second.code
    server.confirm_code(PHONE.user, second.code)
    await soon(connected)


async def test_who_stops_waiting_for_a_code_can_ask_again(opened: Unlinked) -> None:
    client = await opened("alice")
    client.start()
    asking = asyncio.ensure_future(client.pairing.request_code(PHONE.user))
    await asyncio.sleep(0)
    asking.cancel()
    assert len((await soon(client.pairing.request_code(PHONE.user))).code) == len("ABCD-EFGH")


async def test_codes_that_cannot_be_are_refused_in_one_sentence(opened: Unlinked, linked: Linked) -> None:
    client = await opened("alice")
    with pytest.raises(errors.Disconnected, match="not started"):
        await client.pairing.request_code(PHONE.user)
    client.start()
    for wrong in ("SHORT", "TOOLONGCODE", "OOOOOOOO"):
        with pytest.raises(errors.LocalProtocolError):
            await soon(client.pairing.request_code(PHONE.user, wrong))
    for number in ("", "alice", "123@g.us"):
        with pytest.raises(errors.InvalidJid):
            await soon(client.pairing.request_code(number))
    with pytest.raises(errors.LocalProtocolError, match="linked already"):
        await soon((await linked("bob")).pairing.request_code(PHONE.user))


async def test_a_code_asked_for_at_a_server_that_is_gone_fails_typed(opened: Unlinked, server: LocalServer) -> None:
    server.faults.refuse_upgrade(503, times=9)
    client = await opened("alice")
    client.start()
    with pytest.raises(errors.Disconnected):
        await soon(client.pairing.request_code(PHONE.user))


# --- a phone, or somebody in between, that lies ----------------------------------------------------------------------


@pytest.mark.parametrize(("proof", "said"), [("hmac", "HMAC"), ("account_signature", "account signature")])
async def test_a_forged_pairing_is_refused(server: LocalServer, opened: Unlinked, proof: str, said: str) -> None:
    client = await opened("alice")
    scanning(server, client)
    server.faults.forge_pairing(proof)
    ended = client.expect(events.Disconnected)
    with pytest.raises(errors.Disconnected, match=said) as failure:
        await client.connect(timeout=PATIENCE)
    assert failure.value.cause == Cause.PAIRING_REFUSED
    end = await soon(ended)
    assert (end.code, end.action) == (DisconnectReason.badSession, NextAction.STOP)
    assert client.me is None
    assert not server.account("alice").companions
    # nothing of it was kept: the next attempt is a fresh one, and works
    await client.connect(timeout=PATIENCE)
    assert client.is_connected


async def test_no_secret_is_logged_while_pairing(
    server: LocalServer, opened: Unlinked, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="motte")
    client = await opened("alice")
    scanning(server, client)
    code = client.expect(events.QrCode)
    await client.connect(timeout=PATIENCE)
    secrets = (await soon(code)).text.partition("#")[2].split(",")[1:4]
    mine = [record.getMessage() for record in caplog.records if not record.name.startswith("motte.server")]
    assert mine
    assert not [line for line in mine for secret in secrets if secret in line]


async def test_pairing_can_be_cancelled(opened: Unlinked) -> None:
    client = await opened("alice")
    code = client.expect(events.QrCode)
    connecting = asyncio.create_task(client.connect())
    await soon(code)
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    await soon(client.disconnect())
    assert not client.is_connected
