"""Filters: what passes, what does not, and how they combine."""

from __future__ import annotations

import pytest

from motte import F, Filter, events
from motte.model.jid import Jid
from motte.model.message import Content, Message, MessageKey, Origin, Text, UnsupportedContent
from motte.proto.e2e_pb2 import Message as RawMessage

BEN = Jid.phone("15550100002")
GROUP = Jid.parse("120363000000000001@g.us")


def message(content: Content, chat: Jid = BEN) -> events.MessageReceived:
    key = MessageKey(chat=chat, id="1", sender=BEN, from_me=False)
    said = Message(key=key, content=content, timestamp=0, origin=Origin.LIVE)
    return events.MessageReceived(message=said, raw=RawMessage())


HELP, WORDS = message(Text(text="/help me")), message(Text(text="words"), GROUP)
NOTHING = message(UnsupportedContent("other"))
CASES: list[tuple[Filter, tuple[bool, bool, bool]]] = [
    (F.text, (True, True, False)),
    (~F.text, (False, False, True)),
    (F.text.startswith("/"), (True, False, False)),
    (F.text.upper().endswith("ME"), (True, False, False)),
    (F.text == "words", (False, True, False)),
    (F.text != "words", (True, False, False)),
    (F.text.matches(r"\bme$"), (True, False, False)),
    (F.text.is_in({"words", "worlds"}), (False, True, False)),
    (F.text < "a", (True, False, False)),
    (F.text > "a", (False, True, False)),
    (F.chat.is_group, (False, True, False)),
    (F.chat == BEN, (True, False, True)),
    (F.content.is_a(Text), (True, True, False)),
    (F.text & F.chat.is_group, (False, True, False)),
    (F.chat.is_group | F.text.startswith("/"), (True, True, False)),
    (F.nothing.of.the.kind(), (False, False, False)),
    (F.message.key.from_me == False, (True, True, True)),  # noqa: E712
    (Filter(lambda event: event.text == "words") | ~F.text, (False, True, True)),
    (F.text & (lambda event: event.chat == GROUP), (False, True, False)),
]


@pytest.mark.parametrize(("check", "passes"), CASES)
def test_what_passes(check: Filter, passes: tuple[bool, bool, bool]) -> None:
    assert tuple(check(event) for event in (HELP, WORDS, NOTHING)) == passes


def test_words_cannot_combine_filters() -> None:
    with pytest.raises(TypeError, match="&"):
        bool(F.text)
