"""First messages to people who restrict who may write to them, with a token of the client's own making."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from motte import Client, events
from motte.core.crypto.kdf import hmac_sha256
from motte.core.message.trust import BUCKET
from motte.errors import SendRejected
from motte.model.jid import Jid
from motte.store.repo.tokens import Trust
from motte.testing import LocalServer
from tests.e2e.conftest import PATIENCE, Linked, Unlinked, scanning, soon
from tests.e2e.people import lid, me, settled, store_of, tell
from tests.e2e.wiretap import Wiretap, sent

SALT = b"s" * 32
ABLE = "scenario:nct_send_ab=1:alice"
SHY = "restricted:bob"
TOKENS = ("tctoken", "cstoken")


def salted(server: LocalServer, name: str) -> None:
    """The server knows what the clients of this account make tokens of."""
    server._hub.salts[server.account(name)] = SALT


async def learn(client: Client, salt: bytes | None) -> None:
    """App state brings the salt, or takes it."""
    store = store_of(client)
    batch = store.batch()
    store.appstate.put_salt(batch, salt)
    await store.commit(batch)


async def refused(client: Client, to: Jid) -> None:
    with pytest.raises(SendRejected) as error:
        await soon(client.messages.send(to, "who are you"))
    assert error.value.code == 463


def shown(tap: Wiretap, sender: Client, to: Jid) -> list[str]:
    """The tokens in the one message to a person."""
    (message,) = tap.all(sent(me(sender).pn, "message", to=str(to.user_jid)))
    return [child.tag for child in message.children if child.tag in TOKENS]


async def test_being_told_to_is_not_enough(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked(ABLE), await linked(SHY)
    tap = Wiretap(server)
    await refused(alice, lid(bob))
    assert shown(tap, alice, lid(bob)) == []


async def test_a_salt_is_not_enough_either(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked(SHY)
    await settled(alice)
    salted(server, "alice")
    await learn(alice, SALT)
    await refused(alice, lid(bob))


async def test_with_both_a_stranger_is_let_in_over_a_new_connection_too(server: LocalServer, linked: Linked) -> None:
    alice, bob, cid = await linked(ABLE), await linked(SHY), await linked("restricted:cid")
    await settled(alice)
    salted(server, ABLE)
    await learn(alice, SALT)
    tap = Wiretap(server)
    await tell(alice, bob, "first contact")
    (message,) = tap.all(sent(me(alice).pn, "message", to=str(lid(bob).user_jid)))
    token = message.child("cstoken")
    assert token is not None and token.data == hmac_sha256(SALT, str(lid(bob).user_jid).encode())
    assert message.child("tctoken") is None
    await settled(alice)
    assert (await store_of(alice).tokens.get(lid(bob))).issued_at  # so that bob can answer
    again = alice.expect(events.Settled)
    server.faults.drop(ABLE)
    await soon(again)
    await tell(alice, cid, "another first contact")
    await learn(alice, None)
    dan = await linked("restricted:dan")
    await refused(alice, lid(dan))


@pytest.mark.parametrize("delivered", [True, False])
async def test_app_state_brings_the_salt(
    server: LocalServer, opened: Unlinked, linked: Linked, delivered: bool
) -> None:
    bob = await linked(SHY)
    alice = await opened(f"scenario:nct_send_ab=1,nct_syncd_ab=1,nct_syncd_delivery={int(delivered)}:alice")
    scanning(server, alice)
    synced = alice.expect(events.AppStateSynced, lambda event: event.collection == "regular_high")
    await alice.connect(timeout=PATIENCE)
    await soon(synced)
    await settled(alice)
    if delivered:
        tap = Wiretap(server)
        await tell(alice, bob, "first contact")
        assert shown(tap, alice, lid(bob)) == ["cstoken"]
    else:
        await refused(alice, lid(bob))


async def test_a_phone_number_does_as_well(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked(ABLE), await linked(SHY)
    await settled(alice)
    salted(server, ABLE)
    await learn(alice, SALT)
    tap = Wiretap(server)
    await tell(alice, bob, "first contact", to=me(bob).pn)
    assert shown(tap, alice, me(bob).pn) == ["cstoken"]


async def test_what_a_person_gave_goes_before(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked(ABLE), await linked("scenario:restricted,cs_enabled=0:bob")
    await settled(alice)
    salted(server, ABLE)
    await learn(alice, SALT)
    await refused(alice, lid(bob))  # whose account takes no such tokens
    await settled(alice)
    await tell(bob, alice, "hello")
    await settled(bob)
    await settled(alice)
    tap = Wiretap(server)
    await tell(alice, bob, "hello yourself")
    assert shown(tap, alice, lid(bob)) == ["tctoken"]


async def test_who_takes_only_those_of_a_clients_making(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked(ABLE), await linked("scenario:restricted,tc_enabled=0:bob")
    await settled(alice)
    salted(server, ABLE)
    await learn(alice, SALT)
    tap = Wiretap(server)
    await tell(alice, bob, "first contact")
    assert shown(tap, alice, lid(bob)) == ["cstoken"]


@pytest.mark.parametrize("code", ["10518", "privacy_token_sending_on_all_1_on_1_messages"])
async def test_messages_carry_no_tokens_when_the_server_says_so(linked: Linked, server: LocalServer, code: str) -> None:
    server._hub.settings = replace(server._hub.settings, props={code: "0"})
    alice, bob = await linked("alice"), await linked("bob")
    await settled(alice)
    parts = alice._engine.parts  # type: ignore[union-attr]
    await parts.trusted.remembered({lid(bob): Trust(token=b"theirs", given_at=int(time.time()))})
    tap = Wiretap(server)
    await tell(alice, bob, "hi")
    assert shown(tap, alice, lid(bob)) == []
    assert await parts.trusted.for_picture(lid(bob)) is not None


async def test_tokens_are_issued_to_lids_when_the_server_says_so(linked: Linked, server: LocalServer) -> None:
    server._hub.settings = replace(server._hub.settings, props={"14303": "1"})
    alice, bob = await linked("alice"), await linked("bob")
    await settled(alice)
    tap = Wiretap(server)
    await tell(alice, bob, "hi")
    issued = await tap.first(sent(me(alice).pn, "iq", xmlns="privacy"))
    assert issued.children[0].children[0].attrs["jid"] == str(lid(bob).user_jid)


async def test_history_tells_of_tokens_and_newer_ones_stay(linked: Linked) -> None:
    alice = await linked("alice")
    parts, now = alice._engine.parts, int(time.time())  # type: ignore[union-attr]
    bob, cid = Jid.parse("100000000000001@lid"), Jid.parse("100000000000002@lid")
    await parts.trusted.remembered({bob: Trust(token=b"new", given_at=now, issued_at=now - BUCKET)})
    await parts.trusted.remembered(
        {
            bob: Trust(token=b"old", given_at=now - BUCKET, issued_at=now),
            cid: Trust(issued_at=5),
            me(alice).pn: Trust(token=b"own", given_at=now),
        }
    )
    assert await store_of(alice).tokens.all() == {
        bob: Trust(token=b"new", given_at=now, issued_at=now),
        cid: Trust(issued_at=5),
    }
