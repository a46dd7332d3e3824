"""Looking people up."""

from __future__ import annotations

import pytest

from motte import errors
from motte.runtime import people
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me
from tests.e2e.wiretap import Wiretap, sent


async def test_who_is_there_and_who_is_not(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    carol = server.account("carol")
    there, absent, oneself = await soon(
        alice.contacts.check(f"+{carol.pn.user}", "15550109999", f"+{me(alice).pn.user[0]} {me(alice).pn.user[1:]}")
    )
    assert (there.exists, there.jid, there.lid, there.number) == (True, carol.pn, carol.lid, carol.pn.user)
    assert (absent.exists, absent.jid, absent.lid) == (False, None, None)
    assert (oneself.exists, oneself.lid) == (True, lid(alice).user_jid)


async def test_many_are_asked_for_in_portions(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    tap = Wiretap(server)
    numbers = [f"1555018{n:04d}" for n in range(1100)]
    checks = await soon(alice.contacts.check(*numbers))
    assert [check.number for check in checks] == numbers
    assert not any(check.exists for check in checks)
    assert len(tap.all(sent(me(alice).pn, "iq", xmlns="usync"))) == 3


async def test_more_may_be_asked_for_than_are_remembered(linked: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is known from before, and forgotten over the others while they are asked for."""
    monkeypatch.setattr(people, "KEPT", 2)
    alice = await linked("alice")
    numbers = [f"1555018{n:04d}" for n in range(4)]
    await soon(alice.contacts.check(numbers[0]))
    assert [check.number for check in await soon(alice.contacts.check(*numbers))] == numbers


async def test_nobody_is_asked_for_nothing(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    tap = Wiretap(server)
    assert await soon(alice.contacts.check()) == []
    assert tap.all(sent(me(alice).pn, "iq", xmlns="usync")) == []


@pytest.mark.parametrize("number", ["carol", "", "12", "+49 123 abc", "0123456789"])
async def test_what_is_no_number_is_refused(linked: Linked, number: str) -> None:
    alice = await linked("alice")
    with pytest.raises(errors.InvalidJid):
        await soon(alice.contacts.check(number))


@pytest.mark.parametrize("by_lid", [False, True], ids=["pn", "lid"])
async def test_devices_of_a_person(linked: Linked, by_lid: bool) -> None:
    alice, bob, tablet = await linked("alice"), await linked("bob"), await linked("bob")
    who = (lid(bob) if by_lid else me(bob).pn).user_jid
    listed = await soon(alice.contacts.devices(who))
    assert listed is not None
    assert listed.user == who
    assert [device.id for device in listed.devices] == [0, me(bob).pn.device, me(tablet).pn.device]
    assert set(listed.jids) == {who.with_device(device.id) for device in listed.devices}


async def test_what_was_never_learnt_is_not_known(linked: Linked) -> None:
    alice = await linked("alice")
    assert await alice.contacts.lid_of("+1 555 010 9999") is None
    assert await alice.contacts.pn_of("999@lid") is None


async def test_without_a_connection(linked: Linked) -> None:
    alice = await linked("alice")
    await soon(alice.disconnect())
    with pytest.raises(errors.Disconnected):
        await soon(alice.contacts.check("15550109999"))
