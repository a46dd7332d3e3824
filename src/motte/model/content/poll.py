"""Polls and votes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from motte.model.content.context import InContext
from motte.model.key import MessageKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll(InContext):
    """A question with options. `selectable` is how many a voter may choose, 0 for any number.

    `announcement` is for the announcement groups of communities, which use a version of their own. `answer` is the
    right option of a quiz.
    """

    name: str
    options: tuple[str, ...]
    selectable: int = 0
    announcement: bool = False
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollVote:
    """What somebody chose; it replaces the voter's earlier vote, and nothing chosen takes that back.

    On the wire stand hashes of the options, so `options` of a received vote is filled by whoever knows the poll
    (`named`). `timestamp_ms` is the voter's clock.
    """

    poll: MessageKey
    options: tuple[str, ...] = ()
    hashes: tuple[bytes, ...] = ()
    timestamp_ms: int | None = None

    @property
    def chosen(self) -> tuple[bytes, ...]:
        """The hashes of what was chosen."""
        return self.hashes or tuple(map(option_hash, self.options))


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResults(InContext):
    """The outcome of a poll, sent on: each option with its number of votes."""

    name: str
    votes: tuple[tuple[str, int], ...]


def option_hash(option: str) -> bytes:
    """What stands for an option in a vote: the SHA-256 of its text."""
    return hashlib.sha256(option.encode()).digest()
