"""Checked access to what a peer wrote into a protobuf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from motte.errors import InvalidJid, RemoteProtocolError
from motte.model.jid import Jid

K = TypeVar("K")
V = TypeVar("V")


def text(value: str) -> str:
    """A string field, checked: the parser hands out `bytes` when a peer wrote something that is no UTF-8."""
    if not isinstance(value, str):
        raise RemoteProtocolError("a message holds a text that is not UTF-8")
    return value


def maybe(value: str) -> str | None:
    """A string field; None when it is empty or not there."""
    return text(value) or None


def jid(value: str) -> Jid | None:
    """The JID that a string field spells, without a device; None when it is none."""
    try:
        return Jid.parse(text(value)).user_jid if value else None
    except InvalidJid:
        return None


def merged(*tables: Mapping[K, V]) -> dict[K, V]:
    """One table of several; a key that is in two of them fails (at import, where this is used)."""
    whole: dict[K, V] = {}
    for table in tables:
        twice = whole.keys() & table.keys()
        if twice:
            raise ValueError(f"registered twice: {twice}")
        whole.update(table)
    return whole
