"""Fuzzed: chunks of history, from the deflated bytes to the last message in them."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import suppress

from motte.core.history import reading
from motte.core.history.chunk import read
from motte.core.history.messages import Messages
from motte.errors import HistoryError
from motte.model.jid import Jid
from motte.model.me import Me

ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100001:3@lid"))


def fuzz_history(data: bytes) -> None:
    """A chunk as it comes, and one that inflates to these bytes, which chance would not get to."""
    for deflated in (data, zlib.compress(data)):
        with suppress(HistoryError):
            chunk = read(deflated)
            reading.mappings(chunk), reading.tokens(chunk), reading.own_name(chunk, ME)
            reading.past_members(chunk), reading.calls(chunk)
            for part in reading.parts(chunk, ME):
                for message in Messages(part.messages, ME, None):
                    repr(message)


TARGETS: dict[str, Callable[[bytes], None]] = {"history": fuzz_history}
