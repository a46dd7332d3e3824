"""What others write must not do anything to a terminal."""

from __future__ import annotations

import pytest

from motte import events
from motte.cli import render
from motte.model.content import Reaction, Revoke
from motte.model.jid import Jid
from motte.model.message import Content, Message, MessageKey, Origin, Text, UnsupportedContent
from motte.proto.e2e_pb2 import Message as RawMessage

BEN = Jid.phone("15550100002")
BEN_LID = Jid("200000000000002", "lid")
KEY = MessageKey(chat=BEN, id="3EB0AA", sender=BEN, from_me=False)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 漢字", "plain ü 漢字"),
        ("two\nlines\r\nthree", "two⏎lines⏎three"),
        ("\x1b[2Jgone", "\ufffd[2Jgone"),
        ("back\b\rspace", "back\ufffd\ufffdspace"),
        ("\x9b31m one byte", "\ufffd31m one byte"),
        ("right \u202eto left", "right \ufffdto left"),
        ("family 👨\u200d👩\u200d👧 ❤\ufe0f", "family 👨\u200d👩\u200d👧 ❤\ufe0f"),
        ("\ud800", "\ufffd"),
    ],
)
def test_control_characters_are_shown_and_not_obeyed(text: str, shown: str) -> None:
    assert render.plain(text) == shown


@pytest.mark.parametrize(
    ("jid", "shown"),
    [
        (BEN, "+1 555 010 0002"),
        (BEN.with_device(4), "+1 555 010 0002"),
        (Jid.phone("+49 30 12345678"), "+493012345678"),
        (BEN_LID, "200000000000002@lid"),
        (Jid("123", "g.us"), "123@g.us"),
    ],
)
def test_people_are_named_by_their_number(jid: Jid, shown: str) -> None:
    assert render.person(jid) == shown


def line(content: Content, *, sender: Jid = BEN, from_me: bool = False, **more: object) -> str:
    key = MessageKey(chat=BEN, id="1", sender=sender, from_me=from_me)
    origin = more.pop("origin", Origin.LIVE)
    message = Message(key=key, content=content, timestamp=0, origin=origin, **more)  # type: ignore[arg-type]
    return render.message_line(events.MessageReceived(message=message, raw=RawMessage())).plain


def test_a_message_is_one_line() -> None:
    assert line(Text(text="a\nb"), push_name="B\x1ben").endswith("  +1 555 010 0002 (B\ufffden)  a⏎b")


def test_a_line_tells_what_came_late_what_is_ours_and_what_cannot_be_shown() -> None:
    assert line(Text(text="x"), origin=Origin.OFFLINE).endswith("[offline]  x")
    assert line(Text(text="x"), sender=Jid.phone("15550100001"), from_me=True).endswith(f"me → {BEN}  x")
    assert line(UnsupportedContent("imageMessage")).endswith("  <imageMessage>")
    assert line(Reaction(target=KEY, emoji="👍")).endswith("  <reaction> 👍")
    assert line(Revoke(target=KEY)).endswith("  <revoke>")


def test_markup_in_a_text_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    render.out.print(line(Text(text="[bold]x[/bold] [/nothing]")))
    assert "[bold]x[/bold] [/nothing]" in capsys.readouterr().out
