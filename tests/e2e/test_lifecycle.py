"""The life of a client: requests and their ends, logging out, forgetting, closing, and being used again."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from motte import Cause, Client, NextAction, Policy, errors, events
from motte.core.session.timers import Timing
from motte.model.disconnect import DisconnectInfo
from motte.runtime.reconnect import BackOff
from motte.testing import LocalServer
from tests.e2e.conftest import PATIENCE, Linked, Unlinked, configured, scanning, soon

STAY_DOWN = Policy(overrides={Cause.WEBSOCKET_CLOSED: NextAction.STOP, Cause.UNAVAILABLE: NextAction.STOP})
NOBODY = "+1 555 010 0099"


# --- requests --------------------------------------------------------------------------------------------------------


async def test_a_request_that_waits_fails_at_once_when_the_connection_ends(server: LocalServer, linked: Linked) -> None:
    client = await linked("alice", policy=STAY_DOWN)
    server.faults.silence("alice")
    asking = [asyncio.create_task(client.contacts.check(NOBODY)) for _ in range(3)]
    await asyncio.wait(asking, timeout=0.05)
    assert not any(task.done() for task in asking)
    server.faults.drop("alice")
    for task in asking:
        with pytest.raises(errors.Disconnected) as failure:
            await soon(task)
        assert (failure.value.code, failure.value.cause) == (428, Cause.WEBSOCKET_CLOSED)


async def test_a_late_answer_is_an_error_and_the_connection_stays(server: LocalServer, linked: Linked) -> None:
    client = await linked("alice", timing=Timing(request=0.1))
    server.faults.silence("alice")
    with pytest.raises(errors.RequestTimeout):
        await soon(client.contacts.check(NOBODY))
    assert client.is_connected
    server.faults.silence("alice", silent=False)
    [answer] = await soon(client.contacts.check(NOBODY))
    assert not answer.exists


async def test_a_request_that_is_cancelled_leaves_the_connection_alone(server: LocalServer, linked: Linked) -> None:
    client = await linked("alice")
    server.faults.silence("alice")
    asking = asyncio.create_task(client.contacts.check(NOBODY))
    await asyncio.wait([asking], timeout=0.02)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    server.faults.silence("alice", silent=False)
    assert await soon(client.contacts.check(NOBODY))


async def test_without_a_connection_requests_say_so(opened: Unlinked, linked: Linked) -> None:
    client = await linked("alice")
    await soon(client.disconnect())
    with pytest.raises(errors.Disconnected, match="no connection"):
        await client.contacts.check(NOBODY)
    fresh = await opened("bob")
    with pytest.raises(errors.NotLoggedIn, match="scan the QR code first"):
        await fresh.messages.send(NOBODY, "hello")


# --- out -------------------------------------------------------------------------------------------------------------


async def test_logging_out_unlinks_and_forgets(server: LocalServer, linked: Linked, tmp_path: Path) -> None:
    client = await linked("alice", tmp_path / "bot.db")
    assert len(server.account("alice").companions) == 1
    ended = client.expect(events.Disconnected)
    await soon(client.logout())
    end = await soon(ended)
    assert (end.code, end.action, end.delay) == (401, NextAction.RELINK, None)
    assert not server.account("alice").companions
    assert client.me is None
    # as new: it can be linked again
    await client.connect(timeout=PATIENCE)
    assert client.me is not None
    assert client.me.pn.device == 2


async def test_logging_out_needs_a_connection(linked: Linked, opened: Unlinked) -> None:
    client = await linked("alice")
    await soon(client.disconnect())
    with pytest.raises(errors.Disconnected, match="no connection"):
        await soon(client.logout())
    assert client.me is not None  # nothing was lost
    await soon(client.forget())
    assert client.me is None
    with pytest.raises(errors.NotLoggedIn):
        await (await opened("bob")).logout()


async def test_a_logout_that_the_server_does_not_answer_keeps_the_account(server: LocalServer, linked: Linked) -> None:
    client = await linked("alice", timing=Timing(request=0.1))
    server.faults.silence("alice")
    with pytest.raises(errors.RequestTimeout):
        await soon(client.logout())
    assert client.me is not None


async def test_handlers_outlive_a_forgotten_account(server: LocalServer, linked: Linked) -> None:
    client = await linked("alice")
    kept: list[events.Event] = []
    cancelled: list[events.Event] = []
    client.add_handler(events.Connected, kept.append)
    client.add_handler(events.Connected, cancelled.append).cancel()
    late = client.add_handler(events.Connected, cancelled.append)
    await soon(client.logout())
    late.cancel()
    await client.connect(timeout=PATIENCE)
    await soon(client.disconnect())
    assert len(kept) == 1
    assert not cancelled


# --- close and open --------------------------------------------------------------------------------------------------


async def test_a_client_can_be_opened_again(server: LocalServer, linked: Linked, tmp_path: Path) -> None:
    client = await linked("alice", tmp_path / "bot.db")
    me = client.me
    connected: list[events.Event] = []
    client.add_handler(events.Connected, connected.append)
    for _ in range(2):
        await soon(client.close())
        await soon(client.close())  # twice is fine
        async with client:
            assert client.me == me
            await client.connect(timeout=PATIENCE)
    assert len(connected) == 2


async def test_a_closed_client_says_so(server: LocalServer) -> None:
    client = Client(config=configured(server, "alice"))
    with pytest.raises(errors.LocalProtocolError, match="not open; use it in `async with"):
        client.start()
    with pytest.raises(errors.LocalProtocolError, match="not open"):
        assert client.me
    assert not client.is_connected
    async with client:
        with pytest.raises(errors.LocalProtocolError, match="open already"):
            await client.open()


async def test_waiting_for_an_event_ends_with_the_client(opened: Unlinked) -> None:
    client = await opened("alice")
    waiting = asyncio.ensure_future(client.expect(events.Connected))
    await soon(client.close())
    with pytest.raises(errors.Disconnected, match="closed before"):
        await soon(waiting)


async def test_closing_while_connecting(server: LocalServer, opened: Unlinked) -> None:
    server.faults.silent_handshake()
    client = await opened("alice")
    running = asyncio.create_task(client.run())
    await soon(client.expect(events.Connecting))
    await soon(client.close())
    assert (await soon(running)).cause is Cause.CLOSED_LOCALLY


async def test_closing_answers_what_was_received(server: LocalServer, linked: Linked, tmp_path: Path) -> None:
    alice, bob = await linked("alice"), await linked("bob", tmp_path / "bob.db")
    assert bob.me is not None
    await soon(alice.messages.send(bob.me.pn, "hello"))
    seen: list[str | None] = []
    enough = asyncio.Event()

    def see(event: events.MessageReceived) -> None:
        seen.append(event.text)
        if len(seen) == 10:
            enough.set()

    bob.add_handler(events.MessageReceived, see)
    sending = asyncio.gather(*(alice.messages.send(bob.me.pn, f"message {n}") for n in range(30)))
    await soon(enough.wait())
    await soon(bob.close())
    await soon(sending)
    await soon(bob.open())
    done = bob.expect(events.MessageReceived, lambda event: len({*seen, event.text}) >= 30)
    await bob.connect(timeout=PATIENCE)
    if len(set(seen)) < 30:
        await soon(done)
    await soon(bob.close())
    # none is lost, and what was handled and answered before the close does not come again
    texts = [text for text in seen if text != "hello"]
    assert sorted(texts, key=str) == sorted((f"message {n}" for n in range(30)), key=str)


async def test_the_connection_survives_no_task(server: LocalServer, linked: Linked) -> None:
    before = asyncio.all_tasks()
    client = await linked("alice")
    await soon(client.close())
    mine = [task.get_name() for task in asyncio.all_tasks() - before if task.get_name().startswith("motte-")]
    assert not mine


# --- a user's mistakes -----------------------------------------------------------------------------------------------


async def test_mistakes_get_one_sentence(server: LocalServer, opened: Unlinked, tmp_path: Path) -> None:
    async def refused(name: str, **config: Any) -> errors.MotteError:
        client = await opened(name, **config)
        with pytest.raises(errors.MotteError) as failure:
            await client.connect(timeout=PATIENCE)
        return failure.value

    assert "starts with ws:// or wss://" in str(await refused("a", url="http://127.0.0.1"))
    assert "3 bytes instead of 32" in str(await refused("b", root_key=b"key"))
    missing = await refused("c", url="wss://127.0.0.1:9/", ca_file=tmp_path / "no.pem")
    assert str(missing) == f"the certificates in {tmp_path / 'no.pem'} cannot be read: No such file or directory"
    (tmp_path / "bad.pem").write_text("not a certificate")
    assert "bad.pem cannot be read" in str(await refused("d", url="wss://127.0.0.1:9/", ca_file=tmp_path / "bad.pem"))


async def test_a_mistake_is_logged_when_nobody_waits(opened: Unlinked, caplog: pytest.LogCaptureFixture) -> None:
    client = await opened("alice", url="http://127.0.0.1")
    client.start()
    with pytest.raises(errors.LocalProtocolError):
        await soon(client.run())
    assert [record.levelno for record in caplog.records if "WebSocket URL" in record.getMessage()] == [logging.ERROR]


async def test_run_gives_the_last_end(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice", back_off=BackOff(first=0.01))
    scanning(server, client)
    running = asyncio.create_task(client.run())
    await soon(client.expect(events.Connected))
    server.faults.stream_error("alice", conflict="replaced")
    end: DisconnectInfo = await soon(running)
    assert end.cause is Cause.REPLACED
