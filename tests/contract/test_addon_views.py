"""What is kept of messages for those that act on them: secrets, votes, timers; on every backend."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from motte.model.content.poll import Poll, PollVote, option_hash
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.store.repo.secrets import MAX_AGE, KeptSecret
from motte.store.repo.timers import ChatTimer
from motte.store.store import Store

Reopen = Callable[[], Awaitable[Store]]

ALICE, ALICE_LID = Jid.parse("15550100001@s.whatsapp.net"), Jid.parse("200000000000001@lid")
BOB = Jid.parse("15550100002@s.whatsapp.net")
GROUP = Jid.parse("120363000000000001@g.us")
POLL = Poll(name="Tea?", options=("yes", "no"), selectable=1)


def secret(message_id: str, *, sender: Jid = ALICE_LID, poll: Poll | None = None) -> KeptSecret:
    key = MessageKey(chat=GROUP, id=message_id, sender=sender, from_me=False)
    return KeptSecret(key=key, secret=bytes(32), poll=poll)


async def keep(store: Store, kept: KeptSecret, now: float = 1000.0) -> None:
    batch = store.batch()
    await store.secrets.put(batch, kept, now=now)
    await store.commit(batch)


async def test_a_secret_is_found_by_either_address(store: Store, reopen: Reopen) -> None:
    kept = secret("3EB0AA|1", poll=POLL)
    await keep(store, kept)
    store = await reopen()
    assert await store.secrets.find("3EB0AA|1", chats=[GROUP], senders=[ALICE, ALICE_LID]) == kept
    assert await store.secrets.find("3EB0AA|1", chats=[GROUP], senders=[ALICE]) is None
    assert await store.secrets.find("3EB0AA|1", chats=[BOB], senders=[ALICE_LID]) is None


async def test_nobody_replaces_the_secret_of_another(store: Store) -> None:
    kept, other = secret("3EB0AA", poll=POLL), secret("3EB0AA", sender=BOB)
    await keep(store, kept)
    await keep(store, other)
    assert await store.secrets.find("3EB0AA", chats=[GROUP], senders=[ALICE_LID]) == kept
    assert await store.secrets.find("3EB0AA", chats=[GROUP], senders=[BOB]) == other


async def test_old_secrets_go(store: Store) -> None:
    await keep(store, secret("OLD"))
    await keep(store, secret("NEW"), now=1001.0 + MAX_AGE)
    assert await store.secrets.find("OLD", chats=[GROUP], senders=[ALICE_LID]) is None
    assert await store.secrets.find("NEW", chats=[GROUP], senders=[ALICE_LID]) is not None


async def test_the_last_vote_of_each_voter(store: Store, reopen: Reopen) -> None:
    poll, longer = secret("3EB0AA").key, secret("3EB0AA|B").key
    for voter, options in ((ALICE, ("yes",)), (BOB, ("no",)), (ALICE, ("yes", "no"))):
        batch = store.batch()
        await store.votes.put(batch, voter, PollVote(poll=poll, options=options, timestamp_ms=7), now=1.0)
        await store.votes.put(batch, BOB, PollVote(poll=longer, options=("yes",)), now=1.0)
        await store.commit(batch)
    store = await reopen()
    votes = await store.votes.of(poll)
    assert votes == {
        ALICE: PollVote(poll=poll, hashes=(option_hash("yes"), option_hash("no")), timestamp_ms=7),
        BOB: PollVote(poll=poll, hashes=(option_hash("no"),), timestamp_ms=7),
    }
    batch = store.batch()
    store.votes.delete(batch, poll, ALICE)
    assert list(await store.votes.of(poll, batch)) == [BOB]
    await store.commit(batch)
    assert list(await (await reopen()).votes.of(poll)) == [BOB]


async def test_the_timer_that_was_set_last(store: Store, reopen: Reopen) -> None:
    batch = store.batch()
    store.timers.put(batch, ALICE, ChatTimer(seconds=86_400, set_at=2_000_000_000))
    store.timers.put(batch, ALICE_LID, ChatTimer(seconds=0, set_at=2_000_000_001))
    await store.commit(batch)
    store = await reopen()
    assert await store.timers.get([ALICE, ALICE_LID]) == ChatTimer(seconds=0, set_at=2_000_000_001)
    assert await store.timers.get([ALICE]) == ChatTimer(seconds=86_400, set_at=2_000_000_000)
    assert await store.timers.get([BOB]) is None
