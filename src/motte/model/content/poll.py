"""Polls and votes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from motte.model.content.context import InContext
from motte.model.jid import Jid
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

    On the wire stand `hashes` of the options, so it takes the poll to give a received vote its `options` (`named`).
    `timestamp_ms` is the voter's clock.
    """

    poll: MessageKey
    options: tuple[str, ...] = ()
    hashes: tuple[bytes, ...] = ()
    timestamp_ms: int | None = None

    @property
    def chosen(self) -> tuple[bytes, ...]:
        """The hashes of what was chosen."""
        return self.hashes or tuple(map(option_hash, self.options))

    def named(self, poll: Poll) -> PollVote:
        """The vote with the options of its poll; what the poll does not offer stays a hash."""
        chosen = set(self.chosen)
        return replace(self, options=tuple(option for option in poll.options if option_hash(option) in chosen))


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResults(InContext):
    """The outcome of a poll, sent on: each option with its number of votes."""

    name: str
    votes: tuple[tuple[str, int], ...]


def tally(poll: Poll, votes: Mapping[Jid, PollVote]) -> dict[str, tuple[Jid, ...]]:
    """Who chose each option of a poll, given the last vote of each voter.

    Votes for options that the poll does not have count for nothing, nor do those with more choices than it allows.
    """
    valid = {
        voter: set(vote.chosen)
        for voter, vote in votes.items()
        if not poll.selectable or len(vote.chosen) <= poll.selectable
    }
    return {
        option: tuple(voter for voter, chosen in valid.items() if option_hash(option) in chosen)
        for option in poll.options
    }


def option_hash(option: str) -> bytes:
    """What stands for an option in a vote: the SHA-256 of its text."""
    return hashlib.sha256(option.encode()).digest()
