"""The account's state and its past, by HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from motte.testing import LocalServer

Act = Callable[..., Awaitable[tuple[int, dict[str, Any]]]]


@pytest.fixture
async def act(server: LocalServer) -> AsyncIterator[Act]:
    """Has Ann's phone do something: the status and the answer."""
    server.phone("Ann"), server.phone("Bob")
    async with aiohttp.ClientSession(server.http_url + "/admin/mock-phone/") as session:

        async def act(name: str, /, **arguments: Any) -> tuple[int, dict[str, Any]]:
            async with session.post(name, json={"phone": "Ann", **arguments}) as answer:
                return answer.status, await answer.json()

        yield act


async def test_acts_become_entries_of_the_app_state(server: LocalServer, act: Act) -> None:
    message_id = await server.phone("Bob").send_text("Ann", "hello")
    bob = server.account("Bob")
    chat, pn = str(bob.lid), str(bob.pn)
    acts: list[tuple[str, dict[str, Any]]] = [
        ("mute", {"chat": "Bob", "until": 1_900_000_000}),
        ("pin", {"chat": "Bob"}),
        ("archive", {"chat": "Bob", "on": False}),
        ("read", {"chat": "Bob"}),
        ("lock", {"chat": "Bob"}),
        ("clear", {"chat": "Bob"}),
        ("delete-chat", {"chat": "Bob"}),
        ("star", {"message": message_id}),
        ("delete-for-me", {"message": message_id}),
        ("contact", {"who": "Bob", "name": "Bob Bobson"}),
        ("label", {"label": "1", "name": "friends", "color": 2}),
        ("label-chat", {"label": "1", "chat": "Bob"}),
        ("push-name", {"name": "Annabel"}),
        ("mutation", {"index": ["setting_locale"], "action": {"localeSetting": {"locale": "de"}}}),
    ]
    for name, arguments in acts:
        assert await act(name, **arguments) == (200, {}), name
    status, state = await act("app-state")
    assert status == 200
    entries = {tuple(entry["index"]): entry["action"] for entry in state["entries"]}
    assert entries["mute", chat]["muteAction"] == {"muted": True, "muteEndTimestamp": "1900000000000"}
    assert entries["pin_v1", chat]["pinAction"] == {"pinned": True}
    assert entries["archive", chat]["archiveChatAction"]["archived"] is False
    assert entries["contact", pn]["contactAction"]["fullName"] == "Bob Bobson"
    assert entries["setting_pushName",]["pushNameSetting"] == {"name": "Annabel"}
    assert entries["setting_locale",]["localeSetting"] == {"locale": "de"}
    assert {index[0] for index in entries} == {
        *("mute", "pin_v1", "archive", "markChatAsRead", "lock", "clearChat", "deleteChat", "star"),
        *("deleteMessageForMe", "contact", "label_edit", "label_jid", "setting_pushName", "setting_locale"),
    }
    assert state["versions"]["critical_block"] == 3
    assert await act("mutation", index=["pin_v1", chat], action={}, remove=True) == (200, {})
    assert server.account("Ann").state.value("pin_v1", chat) is None


async def test_a_past_by_http(server: LocalServer, act: Act) -> None:
    status, seeded = await act("seed-chat", chat="Bob", texts=["hi", "hello"], conversation={"unreadCount": 2})
    chat = server.phone("Ann").history.past.chats[str(server.account("Bob").lid)]
    assert (status, seeded["ids"]) == (200, [info.key.id for info in chat.messages])
    assert chat.head.unreadCount == 2
    assert await act("seed", chats=2, messages=10) == (200, {})
    assert len(server.phone("Ann").history.past.chats) == 3
    assert await act("push-history") == (200, {})
    assert (await act("renew-key"))[1] == {"key": "000000000002"}
    assert await act("share-keys") == (200, {})


@pytest.mark.parametrize(
    ("name", "arguments", "status"),
    [
        ("pin", {}, 400),
        ("pin", {"chat": "Nobody"}, 404),
        ("star", {"message": "3A"}, 404),
        ("mutation", {"index": [], "action": {}}, 400),
        ("mutation", {"index": ["x"], "action": {"colour": 1}}, 400),
        ("mutation", {"index": ["x"], "action": {}, "collection": "colours"}, 404),
        ("seed", {"chats": 0}, 400),
        ("seed-chat", {"chat": "Bob", "conversation": {"colour": 1}}, 400),
    ],
)
async def test_mistakes(act: Act, name: str, arguments: dict[str, Any], status: int) -> None:
    answered, answer = await act(name, **arguments)
    assert answered == status
    assert "error" in answer
