"""Linking to an account that a passkey protects, and another ADV secret while a code is shown."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator

import pytest

from motte import Cause, Client, Jid, errors, events
from motte.runtime import passkeys
from motte.testing import Authenticator, LocalServer
from motte.testing.server.settings import Settings
from tests.e2e.conftest import PATIENCE, Unlinked, configured, scanning, soon

PHONE = Jid.parse("15550100077@s.whatsapp.net")


def protected(server: LocalServer, who: str = "alice") -> Authenticator:
    """The passkey of an account that has one from now on."""
    passkey = Authenticator()
    server.phone(who).protect(passkey.credential_id, passkey.public_key)
    return passkey


async def challenged(server: LocalServer, client: Client) -> events.PasskeyChallenge:
    """The challenge that a client gets for its scanned code."""
    scanning(server, client)
    asked = client.expect(events.PasskeyChallenge)
    client.start()
    return await soon(asked)


async def test_a_passkey_links(server: LocalServer, opened: Unlinked) -> None:
    client, passkey = await opened("alice"), protected(server)
    asked = await challenged(server, client)
    assert (asked.rp_id, asked.user_verification, asked.expires_in) == ("whatsapp.com", "required", 600.0)
    assert asked.allow_credentials == (passkey.credential_id,)
    assert urlsafe_b64encode(asked.challenge).decode().rstrip("=") == json.loads(asked.options)["challenge"]
    told, connected = client.expect(events.PasskeyCode), client.expect(events.Connected)
    await soon(client.pairing.submit_passkey(passkey.answer(asked.options)))
    code = await soon(told)
    assert not code.compare  # the QR code's secret has proved that this is the device in front of the person
    assert len(code.code) == len("ABCD-EFGH")
    assert (await soon(connected)).jid == server.account("alice").pn.with_device(1)


async def test_the_assertion_may_be_json(server: LocalServer, opened: Unlinked) -> None:
    client, passkey = await opened("alice"), protected(server)
    asked, connected = await challenged(server, client), client.expect(events.Connected)
    await soon(client.pairing.submit_passkey(json.dumps(passkey.answer(asked.options))))
    await soon(connected)


async def test_a_passkey_after_a_typed_code(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    passkey = protected(server, PHONE.user)
    asked, connected = client.expect(events.PasskeyChallenge), client.expect(events.Connected)
    client.start()
    number = server.account(PHONE.user).pn.user
    code = await soon(client.pairing.request_code(number))
    server.confirm_code(number, code.code)
    await soon(client.pairing.submit_passkey(passkey.answer((await soon(asked)).options)))
    await soon(connected)


async def test_a_wrong_passkey_is_refused_and_another_may_follow(server: LocalServer, opened: Unlinked) -> None:
    client, passkey = await opened("alice"), protected(server)
    asked, connected = await challenged(server, client), client.expect(events.Connected)
    forged = Authenticator()
    forged.credential_id = passkey.credential_id
    elsewhere = passkey.answer(json.dumps({**json.loads(asked.options), "challenge": "AAAA"}))
    for wrong in (Authenticator().answer(asked.options), forged.answer(asked.options), elsewhere):
        failed = client.expect(events.PasskeyFailed)
        with pytest.raises(errors.PasskeyRefused, match="the passkey was refused"):
            await soon(client.pairing.submit_passkey(wrong))
        assert isinstance((await soon(failed)).error, errors.PasskeyRefused)
    assert client.me is None
    await soon(client.pairing.submit_passkey(passkey.answer(asked.options)))
    await soon(connected)


async def test_another_site_cannot_answer(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    passkey = Authenticator(origin="https://example.org")
    server.phone("alice").protect(passkey.credential_id, passkey.public_key)
    asked = await challenged(server, client)
    with pytest.raises(errors.PasskeyRefused):
        await soon(client.pairing.submit_passkey(passkey.answer(asked.options)))


async def test_declined(server: LocalServer, opened: Unlinked) -> None:
    client, _ = await opened("alice"), protected(server)
    await challenged(server, client)
    failed, ended = client.expect(events.PasskeyFailed), client.expect(events.Disconnected)
    client.pairing.decline_passkey()
    assert isinstance((await soon(failed)).error, errors.PasskeyDeclined)
    assert (await soon(ended)).cause is Cause.PAIRING_REFUSED
    assert client.me is None
    with pytest.raises(errors.LocalProtocolError):
        client.pairing.decline_passkey()


@pytest.fixture
async def hasty() -> AsyncIterator[LocalServer]:
    """A server whose challenges last a moment."""
    async with LocalServer(tls_port=None, settings=Settings(closing_seconds=0.02, passkey_seconds=0.05)) as running:
        yield running


async def test_expired(hasty: LocalServer) -> None:
    protected(hasty)
    async with Client(config=configured(hasty, "alice")) as client:
        failed, ended = client.expect(events.PasskeyFailed), client.expect(events.Disconnected)
        await challenged(hasty, client)
        assert isinstance((await soon(failed)).error, errors.PasskeyExpired)
        assert (await soon(ended)).cause is Cause.PAIRING_REFUSED


async def test_codes_are_compared_when_the_secret_of_the_qr_code_is_too_old(
    server: LocalServer, opened: Unlinked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passkeys, "PROOF_LIFETIME", -1.0)
    client, passkey = await opened("alice"), protected(server)
    asked = await challenged(server, client)
    told, connected = client.expect(events.PasskeyCode), client.expect(events.Connected)
    with pytest.raises(errors.LocalProtocolError, match="no code to compare"):
        await client.pairing.confirm_passkey()
    await soon(client.pairing.submit_passkey(passkey.answer(asked.options)))
    code = await soon(told)
    assert code.compare
    assert server.phone("alice").passkey_code == code.code
    assert client.me is None
    await soon(client.pairing.confirm_passkey())
    await soon(connected)


async def test_a_challenge_that_cannot_be_read_is_fetched_again(server: LocalServer, opened: Unlinked) -> None:
    client, passkey = await opened("alice"), protected(server)
    server.faults.spoil_passkey("challenge")
    asked, connected = await challenged(server, client), client.expect(events.Connected)
    await soon(client.pairing.submit_passkey(passkey.answer(asked.options)))
    await soon(connected)


async def test_a_challenge_that_stays_unreadable_ends_the_attempt(server: LocalServer, opened: Unlinked) -> None:
    client, _ = await opened("alice"), protected(server)
    server.faults.spoil_passkey("challenge", times=2)
    scanning(server, client)
    failed = client.expect(events.PasskeyFailed)
    with pytest.raises(errors.Disconnected, match="passkey challenge") as ended:
        await client.connect(timeout=PATIENCE)
    assert ended.value.cause == Cause.PAIRING_REFUSED
    assert isinstance((await soon(failed)).error, errors.PasskeyUnsupported)


async def test_a_phone_that_goes_on_with_nonsense_ends_the_attempt(server: LocalServer, opened: Unlinked) -> None:
    client, passkey = await opened("alice"), protected(server)
    server.faults.spoil_passkey("continuation")
    asked = await challenged(server, client)
    failed, ended = client.expect(events.PasskeyFailed), client.expect(events.Disconnected)
    await soon(client.pairing.submit_passkey(passkey.answer(asked.options)))
    assert isinstance((await soon(failed)).error, errors.PasskeyUnsupported)
    assert (await soon(ended)).cause is Cause.PAIRING_REFUSED


async def test_what_is_no_assertion_is_refused_before_it_is_sent(server: LocalServer, opened: Unlinked) -> None:
    client, passkey = await opened("alice"), protected(server)
    with pytest.raises(errors.LocalProtocolError, match="no passkey was asked for"):
        await client.pairing.submit_passkey(passkey.answer('{"challenge": "AAAA", "rpId": "whatsapp.com"}'))
    await challenged(server, client)
    for wrong in ("", "{}", "[]", {"rawId": "AA", "response": {}}, {"rawId": "é", "response": None}):
        with pytest.raises(errors.LocalProtocolError, match="not a WebAuthn assertion"):
            await client.pairing.submit_passkey(wrong)


# --- another ADV secret ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["companion_reg_refresh", "pair-device-rotate-qr"])
async def test_another_secret_is_shown_with_the_same_ref(server: LocalServer, opened: Unlinked, tag: str) -> None:
    client = await opened("alice")
    first = client.expect(events.QrCode)
    client.start()
    old = (await soon(first)).text
    again, connected = client.expect(events.QrCode), client.expect(events.Connected)
    assert server.faults.refresh_registration(tag=tag) == 1
    code = await soon(again)
    assert code.index == 0
    before, after = (text.partition("#")[2].split(",") for text in (old, code.text))
    assert [was == now for was, now in zip(before, after, strict=True)] == [True, True, True, False, True]
    server.scan_qr(code.text)
    await soon(connected)


async def test_who_scanned_the_old_code_is_refused(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    first = client.expect(events.QrCode)
    client.start()
    old = (await soon(first)).text
    again, ended = client.expect(events.QrCode), client.expect(events.Disconnected)
    server.faults.refresh_registration()
    await soon(again)
    server.scan_qr(old)
    end = await soon(ended)
    assert end.cause is Cause.PAIRING_REFUSED
    assert "HMAC" in end.text
    scanning(server, client)
    await client.connect(timeout=PATIENCE)
    assert client.is_connected


async def test_a_code_that_is_shown_outlives_another_secret(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    connected = client.expect(events.Connected)
    client.start()
    code = await soon(client.pairing.request_code(PHONE.user))
    renewed = client.expect(events.QrCode)
    server.faults.refresh_registration()
    await soon(renewed)
    server.confirm_code(PHONE.user, code.code)
    await soon(connected)


async def test_another_code_is_shown_when_the_phone_wants_one(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    connected = client.expect(events.Connected)
    client.start()
    first = await soon(client.pairing.request_code(PHONE.user))
    again = client.expect(events.PairingCode)
    assert server.faults.refresh_code(PHONE.user) == 1
    second = await soon(again)
    assert second.code != first.code
    server.confirm_code(PHONE.user, second.code)
    await soon(connected)
