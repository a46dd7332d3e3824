"""People who restrict who may write to them: tokens come, are shown, and end; messages carry their reporting tokens."""

from __future__ import annotations

import asyncio
import time

import pytest

from motte import Client, events
from motte.core.binary.node import Node
from motte.core.message.trust import BUCKET
from motte.errors import SendRejected
from motte.model.jid import Jid
from motte.store.repo.tokens import Trust
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me, saying, settled, store_of, tell
from tests.e2e.wiretap import Wiretap, sent

SHY = "restricted:bob"


async def trust_of(client: Client, user: Jid) -> Trust:
    return await store_of(client).tokens.get(user)


async def kept(client: Client, user: Jid) -> Trust:
    """What is kept for a user once everything in the background is done."""
    await settled(client)
    return await trust_of(client, user)


async def put(client: Client, user: Jid, trust: Trust) -> None:
    store = store_of(client)
    batch = store.batch()
    store.tokens.put(batch, user, trust)
    await store.commit(batch)


def tokens_in(node: Node) -> list[str]:
    return [child.tag for child in node.children if child.tag in ("tctoken", "reporting")]


async def test_a_first_message_gives_a_token_once(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    tap = Wiretap(server)
    await tell(alice, bob, "one")
    await tell(alice, bob, "two")
    ours, theirs = await kept(alice, lid(bob)), await kept(bob, lid(alice))
    assert ours.issued_at and theirs.token and theirs.given_at == ours.issued_at
    issued = tap.all(sent(me(alice).pn, "iq", xmlns="privacy"))
    assert len([one for one in issued if one.child("tokens")]) == 1


async def test_a_stranger_is_refused_and_one_who_was_written_to_is_not(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked(SHY)
    with pytest.raises(SendRejected) as refused:
        await soon(alice.messages.send(lid(bob), "who are you"))
    assert refused.value.code == 463
    tap = Wiretap(server)
    await tell(bob, alice, "hello")  # which is accepted, since bob was given a token after the refusal
    await settled(bob)
    await tell(alice, bob, "hello yourself")
    (reply,) = tap.all(sent(me(alice).pn, "message", to=str(lid(bob).user_jid)))
    assert tokens_in(reply) == ["reporting", "tctoken"]
    assert (await kept(alice, lid(bob))).issued_at


async def test_every_device_gets_it_and_keeps_it_over_a_new_connection(server: LocalServer, linked: Linked) -> None:
    first, second, bob = await linked("alice"), await linked("alice"), await linked(SHY)
    await asyncio.gather(tell(bob, first, "hello"), soon(second.expect(events.MessageReceived, saying("hello"))))
    await settled(bob)
    server.faults.drop("alice")
    await soon(asyncio.gather(*(one.expect(events.Settled) for one in (first, second))))
    tokens = [(await kept(one, lid(bob))).token for one in (first, second)]
    assert tokens[0] and tokens[0] == tokens[1]
    for device in (first, second):
        await tell(device, bob, f"from {me(device).pn.device}")


async def test_an_old_token_is_not_shown_and_soon_forgotten(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    now = time.time()
    old, good = int(now) - 4 * BUCKET, int(now) - BUCKET
    await put(alice, lid(bob), Trust(token=b"old", given_at=old, issued_at=int(now)))
    stale, fresh = Jid.parse("100000000000001@lid"), Jid.parse("100000000000002@lid")
    await put(alice, stale, Trust(token=b"old", given_at=old, issued_at=old))
    await put(alice, fresh, Trust(token=b"good", given_at=good, issued_at=old))
    tap = Wiretap(server)
    await tell(alice, bob, "hi")
    (message,) = tap.all(sent(me(alice).pn, "message", to=str(lid(bob).user_jid)))
    assert tokens_in(message) == ["reporting"]
    again = alice.expect(events.Settled)
    server.faults.drop("alice")
    await soon(again)
    assert await store_of(alice).tokens.all() == {
        lid(bob).user_jid: Trust(issued_at=int(now)),
        fresh: Trust(token=b"good", given_at=good),
    }


async def test_presence_of_somebody_restricted(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked(SHY)
    seen: list[events.PresenceChanged] = []
    alice.add_handler(events.PresenceChanged, seen.append)
    await alice.presence.subscribe(lid(bob))
    await bob.presence.available()
    await tell(bob, alice, "hello")
    await settled(bob)
    await kept(alice, lid(bob))
    assert seen == []
    changed = alice.expect(events.PresenceChanged)
    await alice.presence.subscribe(lid(bob))
    await soon(changed)


async def test_a_person_with_a_new_phone_gets_the_token_again(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "hi")
    before = await kept(alice, lid(bob))
    tap = Wiretap(server)
    await soon(bob.close())
    server.phone("bob").reinstall()
    issued = await tap.first(sent(me(alice).pn, "iq", xmlns="privacy"))
    assert issued.children[0].children[0].attrs["t"] == str(before.issued_at)
