"""Receipts of sent messages."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from motte.errors import Disconnected
from motte.model.jid import Jid
from motte.model.receipt import Receipt, ReceiptKind
from motte.runtime.tracking import REMEMBERED, Tracker

BOB = Jid.parse("15550100002@s.whatsapp.net")


def receipt(kind: ReceiptKind, *ids: str, by_me: bool = False) -> Receipt:
    return Receipt(kind=kind, ids=ids, chat=BOB, sender=BOB, by_me=by_me, timestamp=1)


async def soon(waiting: asyncio.Future[Receipt] | asyncio.Task[Receipt]) -> Receipt:
    return await asyncio.wait_for(waiting, 5)


@pytest.mark.parametrize(
    ("came", "proves"),
    [
        (ReceiptKind.DELIVERED, {ReceiptKind.DELIVERED}),
        (ReceiptKind.INACTIVE, {ReceiptKind.DELIVERED}),
        (ReceiptKind.READ, {ReceiptKind.DELIVERED, ReceiptKind.READ}),
        (ReceiptKind.PLAYED, {ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.PLAYED}),
        (ReceiptKind.RETRY, set()),
        (ReceiptKind.SERVER_ERROR, set()),
    ],
)
async def test_what_a_receipt_proves(came: ReceiptKind, proves: set[ReceiptKind]) -> None:
    tracker = Tracker()
    kinds = [ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.PLAYED]
    waiting = {kind: asyncio.ensure_future(tracker.wait("A", kind)) for kind in kinds}
    await asyncio.sleep(0)
    tracker.note(receipt(came, "A", "B"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert {kind for kind, task in waiting.items() if task.done()} == proves
    for task in waiting.values():
        task.cancel()
    for kind in proves:  # also for who asks later, and for the other message
        assert (await soon(asyncio.ensure_future(tracker.wait("B", kind)))).kind is came


async def test_the_first_one_counts() -> None:
    tracker = Tracker()
    first = receipt(ReceiptKind.READ, "A")
    tracker.note(first)
    tracker.note(replace(first, timestamp=2))
    assert (await tracker.wait("A", ReceiptKind.READ)) is first


@pytest.mark.parametrize(
    ("came", "proves"),
    [
        (ReceiptKind.SENDER, {ReceiptKind.DELIVERED}),
        (ReceiptKind.READ_SELF, {ReceiptKind.DELIVERED, ReceiptKind.READ}),
        (ReceiptKind.PLAYED_SELF, {ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.PLAYED}),
    ],
)
async def test_own_devices_prove_what_was_for_them(came: ReceiptKind, proves: set[ReceiptKind]) -> None:
    tracker = Tracker()
    tracker.note(receipt(came, "A", by_me=True))
    for kind in proves:
        assert (await tracker.wait("A", kind, own=True)).kind is came
        assert list(tracker.so_far("A", kind, own=True)) == [BOB]
        assert not tracker.so_far("A", kind)


async def test_own_devices_prove_nothing_else() -> None:
    tracker = Tracker()
    tracker.note(receipt(ReceiptKind.READ, "A", by_me=True))
    waiting = asyncio.ensure_future(tracker.wait("A", ReceiptKind.READ))
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


async def test_who_gives_up_takes_nothing_from_others() -> None:
    tracker = Tracker()
    impatient, patient = (asyncio.ensure_future(tracker.wait("A", ReceiptKind.READ)) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.wait([impatient])
    tracker.note(receipt(ReceiptKind.READ, "A"))
    assert (await soon(patient)).kind is ReceiptKind.READ


async def test_only_so_many_are_remembered() -> None:
    tracker = Tracker()
    tracker.note(receipt(ReceiptKind.READ, "old"))
    for number in range(REMEMBERED):
        tracker.note(receipt(ReceiptKind.READ, f"{number}"))
    forgotten = asyncio.ensure_future(tracker.wait("old", ReceiptKind.READ))
    await asyncio.sleep(0)
    assert not forgotten.done()
    forgotten.cancel()


async def test_closing_ends_the_waiting_and_a_forgotten_message_does_not() -> None:
    tracker = Tracker()
    waiting = asyncio.ensure_future(tracker.wait("A", ReceiptKind.READ))
    await asyncio.sleep(0)
    for number in range(REMEMBERED + 1):
        tracker.note(receipt(ReceiptKind.DELIVERED, f"other {number}"))
    tracker.note(receipt(ReceiptKind.READ, "A"))
    assert (await waiting).kind is ReceiptKind.READ
    late = asyncio.ensure_future(tracker.wait("B", ReceiptKind.READ))
    await asyncio.sleep(0)
    tracker.close()
    with pytest.raises(Disconnected):
        await late


CAROL = Jid.parse("15550100003@s.whatsapp.net")


async def test_one_of_a_group() -> None:
    tracker = Tracker()
    waiting = asyncio.ensure_future(tracker.wait("A", ReceiptKind.READ, CAROL))
    await asyncio.sleep(0)
    tracker.note(receipt(ReceiptKind.READ, "A"))
    await asyncio.sleep(0)
    assert not waiting.done()
    carols = replace(receipt(ReceiptKind.READ, "A"), sender=CAROL.with_device(4))
    tracker.note(carols)
    assert await soon(waiting) is carols
    assert await tracker.wait("A", ReceiptKind.DELIVERED, CAROL.with_device(7)) is carols


async def test_who_has_it_until_now() -> None:
    tracker = Tracker()
    assert tracker.so_far("A", ReceiptKind.READ) == {}
    bobs = receipt(ReceiptKind.READ, "A")
    carols = replace(receipt(ReceiptKind.DELIVERED, "A"), sender=CAROL)
    tracker.note(bobs)
    tracker.note(carols)
    tracker.note(replace(carols, sender=CAROL.with_device(4), timestamp=9))
    assert tracker.so_far("A", ReceiptKind.READ) == {BOB: bobs}
    assert tracker.so_far("A", ReceiptKind.DELIVERED) == {BOB: bobs, CAROL: carols}
    assert tracker.so_far("A", ReceiptKind.PLAYED) == {}
