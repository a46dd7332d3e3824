"""`Member`: one of a group on the local server, on real Baileys or on motte, who acts and hears alike on both.

    group = await mia.create("Chess", [ann])
    said = await ann.say(group, "hello, all")
    got = await mia.hears(group, "hello, all", ann)

What they are shown is put into values of this module, so that one test serves both kinds of client.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from motte.testing import LocalServer
from motte.testing.server.accounts import Account

PEOPLE: Final = frozenset({"add", "remove", "promote", "demote"})
"""The kinds of news that are about members; their value is the set of their JIDs."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A text as somebody got it: its id, what it answers as (id, author's JID, text), and the client's own form."""

    id: str
    quoted: tuple[str, str, str] | None
    raw: Any


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A group as one client sees it. `roles` and `others` (their other address) go by the JIDs of the members."""

    subject: str
    subject_author: str | None
    created_at: int
    creator: str | None
    description: str | None
    described_by: str | None
    addressing: str
    size: int
    roles: dict[str, str]
    others: dict[str, str]
    announcement: bool
    locked: bool
    timer: int
    approval: bool
    all_add: bool


class Member(ABC):
    """An account with its first device."""

    def __init__(self, server: LocalServer, name: str, mode: str) -> None:
        self._server, self.name, self._mode = server, name, mode

    @property
    def account(self) -> Account:
        """The account on the server."""
        return self._server.account(self.name)

    @property
    def jid(self) -> str:
        """Its address in the groups here."""
        return str(self.account.lid if self._mode == "lid" else self.account.pn)

    @property
    def other(self) -> str:
        """Its other address."""
        return str(self.account.pn if self._mode == "lid" else self.account.lid)

    @abstractmethod
    async def create(self, subject: str, others: Sequence[Member]) -> str:
        """Makes a group; gives its JID."""

    @abstractmethod
    async def comes(self, group: str) -> None:
        """Waits for the news of being in a group."""

    @abstractmethod
    async def say(self, group: str, text: str, answering: Heard | None = None) -> str:
        """Sends a text, which may quote what was heard; gives its id."""

    @abstractmethod
    async def hears(self, group: str, text: str, by: Member) -> Heard:
        """Waits for a text by somebody, live or later."""

    @abstractmethod
    def heard(self, group: str) -> list[str]:
        """The texts of a group that nobody has waited for."""

    @abstractmethod
    async def read(self, group: str, got: Heard, by: Member) -> None:
        """Says that it has read a text."""

    @abstractmethod
    async def knows(self, group: str, message_id: str, by: Member, *, read: bool) -> None:
        """Waits until it is told that somebody has received, or read, a text."""

    @abstractmethod
    async def change(self, group: str, action: str, *people: Member) -> list[int]:
        """Adds, removes, promotes or demotes; gives a code each, 200 for done."""

    @abstractmethod
    async def adjust(self, group: str, kind: str, value: Any) -> None:
        """Changes a setting: one of `told`'s kinds that are not about people."""

    @abstractmethod
    async def told(self, group: str, kind: str, value: Any, by: Member) -> None:
        """Waits for the news that somebody made this change.

        Kinds: those in `PEOPLE`, `subject`, `description`, `announcement`, `locked`, `timer`, `approval`, `all_add`.
        """

    @abstractmethod
    async def picture(self, group: str) -> Picture:
        """The group, asked from the server."""

    @abstractmethod
    async def groups(self) -> set[str]:
        """The groups that it is in, asked from the server."""

    @abstractmethod
    async def invite_code(self, group: str) -> str:
        """The code by which people can join."""

    @abstractmethod
    async def join(self, code: str) -> str:
        """Joins by a code; gives the group."""

    @abstractmethod
    async def leave(self, group: str) -> None:
        """Leaves."""

    @abstractmethod
    async def forget_keys(self, group: str) -> None:
        """Loses every sender key of a group, the own one too, behind the client's back."""

    @abstractmethod
    async def forget_sessions(self, other: Member) -> None:
        """Loses the Signal sessions with somebody, behind the client's back."""

    @abstractmethod
    async def goes_offline(self) -> None:
        """Closes the connection."""

    @abstractmethod
    async def comes_back(self) -> None:
        """Opens it again."""
