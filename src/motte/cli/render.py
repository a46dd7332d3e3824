"""How things look on a terminal.

Whatever others wrote (texts, names) may hold control characters that move the cursor or worse; `plain` shows them as
harmless signs.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Final

from rich.console import Console
from rich.text import Text

from motte.cli.eventjson import kind
from motte.events.message import MessageReceived, MessageUndecryptable
from motte.model.jid import Jid
from motte.model.me import Me
from motte.model.message import Content, Origin
from motte.model.message import Text as SaidText

_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_KEPT: Final = frozenset({"\u200d", "\ufe0f"})
"""Signs of these categories that emoji are made with."""

out: Final = Console(highlight=False, markup=False, soft_wrap=True)
err: Final = Console(highlight=False, markup=False, soft_wrap=True, stderr=True)


def plain(text: str) -> str:
    """A text of somebody else, safe to print: line breaks become ⏎, other control characters �."""
    return "".join(_safe(letter) for letter in text.replace("\r\n", "\n"))


def _safe(letter: str) -> str:
    if letter == "\n":
        return "⏎"
    if letter == "\t" or letter in _KEPT or unicodedata.category(letter) not in _UNSAFE:
        return letter
    return "\ufffd"


def person(jid: Jid) -> str:
    """A JID as people read it: `+1 555 010 0001` for a North American number, `+4915…`, else the JID itself."""
    digits = jid.user
    if not jid.is_pn:
        return str(jid.user_jid)
    if len(digits) == 11 and digits.startswith("1"):
        return f"+1 {digits[1:4]} {digits[4:7]} {digits[7:]}"
    return f"+{digits}"


def identity(me: Me) -> str:
    """`+1 555 010 0001, device 3`."""
    return f"{person(me.pn)}, device {me.pn.device}"


def message_line(event: MessageReceived) -> Text:
    """A received message as one line: when, who, where, what."""
    message = event.message
    line = Text(time(message.timestamp) + "  ", style="dim")
    who = message.sender_alt if message.sender_alt and message.sender_alt.is_pn else message.key.sender
    line.append("me" if message.key.from_me else person(who), style="bold cyan")
    if message.push_name and not message.key.from_me:
        line.append(f" ({plain(message.push_name)})")
    if message.key.from_me or message.key.chat != message.key.sender:
        line.append(f" → {message.key.chat}", style="dim")
    if message.origin is not Origin.LIVE:
        line.append(f" [{message.origin.value}]", style="yellow")
    line.append("  ")
    return say(line, message.content)


def say(line: Text, content: Content) -> Text:
    """A line with what a message says put after it."""
    if isinstance(content, SaidText):
        return line.append(plain(content.text))
    line.append(f"<{kind(content)}>", style="italic")
    # What most kinds have to say for themselves, if they have anything.
    words = getattr(content, "caption", "") or getattr(content, "emoji", "")
    return line.append(f" {plain(words)}") if words else line


def undecryptable_line(event: MessageUndecryptable) -> Text:
    """A message that could not be read, as one line."""
    line = Text(time(event.timestamp) + "  ", style="dim")
    line.append(person(event.key.sender), style="bold cyan")
    state = "given up" if event.final else "asked for it again"
    return line.append(f"  a message that cannot be decrypted ({state})", style="red")


def time(timestamp: int) -> str:
    """A time in unix seconds as people read it."""
    return datetime.fromtimestamp(timestamp).strftime("%Y-%m-%d %H:%M:%S")  # in the reader's own time zone
