"""`motte archive`: what it prints of an archive, and what it says when there is none."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from motte.archive import Archive
from motte.cli.exits import Exit
from motte.model.content import Revoke
from tests.unit.archive.happenings import BEN, CLEO, NOON, Teller, key, received, sent
from tests.unit.cli.conftest import Motte


@pytest.fixture
def filled(tmp_path: Path) -> None:
    async def fill() -> None:
        async with Archive.open(tmp_path / "archive.db") as archive:
            client = Teller()
            archive.attach(client)
            await client.tell(
                received("A", "lunch?", push_name="Ben\x1b[2J"),
                sent(key("B", from_me=True), "at noon", NOON + 1),
                received(key("C", chat=CLEO), "oops", NOON + 2),
                received(key("D", chat=CLEO), Revoke(target=key("C", chat=CLEO)), NOON + 3),
            )

    asyncio.run(fill())


@pytest.mark.usefixtures("filled")
def test_chats_messages_and_words_are_shown(motte: Motte) -> None:
    chats = motte("archive", "archive.db", "chats")
    assert chats.exit_code == Exit.OK
    first, second = chats.stdout.splitlines()
    assert "+1 555 010 0003" in first
    assert "1 unread" in second
    assert "\x1b" not in second
    messages = motte("archive", "archive.db", "messages", "+1 555 010 0002").stdout.splitlines()
    assert messages[0].endswith("lunch?")
    assert "me → 15550100002@s.whatsapp.net  at noon" in messages[1]
    assert motte("archive", "archive.db", "messages", str(CLEO)).stdout.rstrip().endswith("deleted")
    assert motte("archive", "archive.db", "search", "LUNCH").stdout.rstrip().endswith("lunch?")
    assert motte("archive", "archive.db", "search", "lunch", "--chat", str(CLEO)).stdout == ""


@pytest.mark.usefixtures("filled")
def test_json_says_the_same(motte: Motte) -> None:
    lines = motte("archive", "archive.db", "messages", str(BEN), "--json").stdout.splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["lunch?", "at noon"]
    (gone,) = motte("archive", "archive.db", "messages", str(CLEO), "--json").stdout.splitlines()
    assert (json.loads(gone)["revoked"], json.loads(gone)["text"]) == (True, None)
    chats = [json.loads(line) for line in motte("archive", "archive.db", "chats", "--json").stdout.splitlines()]
    assert [(chat["chat"], chat["unread"]) for chat in chats] == [(str(CLEO), 1), (str(BEN), 1)]


def test_an_archive_that_is_not_there_is_not_made(motte: Motte, tmp_path: Path) -> None:
    result = motte("archive", "none.db", "chats")
    assert result.exit_code == Exit.STORE
    assert "here is no archive none.db" in result.stderr
    assert not (tmp_path / "none.db").exists()
