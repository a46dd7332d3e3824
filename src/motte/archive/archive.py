"""The archive: what happened to one or more accounts, kept in a database and there to be asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from motte.archive.database import Database
from motte.archive.intake import Intake, Source
from motte.archive.query import accounts, chats, messages, people
from motte.archive.query.accounts import Account
from motte.archive.recorder import Entry, Recorder
from motte.archive.values import (
    ArchivedChat,
    ArchivedContact,
    ArchivedGroup,
    ArchivedMessage,
    ArchivedPoll,
    ArchivedReaction,
    ArchivedReceipt,
)
from motte.archive.writer import FIRST_PAUSE, Writer
from motte.errors import ArchiveError, LocalProtocolError
from motte.model.jid import Jid
from motte.model.key import MessageKey

T = TypeVar("T")

PAGE: Final = 50


class Archive:
    """Keeps what clients see, and answers questions about it.

        async with Archive.open("archive.db") as archive, Client("bot.db") as client:
            archive.attach(client)
            await client.run()

    Every question may name the `account`, by its phone number's JID; it need not while there is only one. A chat or a
    person may be named by either address, as a JID or its text. All questions raise `ArchiveError` when the database
    fails.
    """

    def __init__(
        self,
        where: str | Path | None,
        *,
        on_error: Callable[[ArchiveError], object] | None = None,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._where, self._on_error, self._first_pause = where, on_error, first_pause
        self._database: Database | None = None
        self._writer: Writer[Entry] | None = None
        self._intakes: list[Intake] = []

    @classmethod
    def open(
        cls,
        where: str | Path | None = None,
        *,
        on_error: Callable[[ArchiveError], object] | None = None,
        first_pause: float = FIRST_PAUSE,
    ) -> Archive:
        """An archive to be used in `async with`.

        Args:
            where: a SQLite file, made if missing; `postgresql://user@host/database`; None for memory.
            on_error: called when something cannot be written. It is tried again until it can be; only what the
                database never takes is left out.
            first_pause: seconds until it is tried again; each pause is twice as long as the one before, up to a minute.

        Raises:
            ArchiveError: on entering: it cannot be opened, a newer motte wrote it, or it is something else.
        """
        return cls(where, on_error=on_error, first_pause=first_pause)

    async def __aenter__(self) -> Archive:
        self._database = await Database.open(self._where)
        self._writer = Writer(self._database, Recorder().apply, on_error=self._on_error, first_pause=self._first_pause)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Take no more from clients, write what waits, and close the database."""
        database, writer = self._database, self._writer
        self._database = self._writer = None
        for intake in self._intakes:
            intake.cancel()
        self._intakes.clear()
        if writer is not None:
            await writer.close()
        if database is not None:
            await database.close()

    def attach(self, client: Source) -> Intake:
        """Keep what happens to `client` from now on, until `cancel()` of what this gives, or `close`.

        The client need not be open yet. Attach before it connects, so that nothing is missed.
        """
        if self._writer is None:
            raise LocalProtocolError("the archive is not open; use it in `async with Archive.open(…) as archive:`")
        intake = Intake(client, self._writer)
        self._intakes.append(intake)
        return intake

    # --- questions -----------------------------------------------------------------------------------------------

    async def chats(
        self, *, archived: bool | None = None, limit: int = PAGE, offset: int = 0, account: Jid | str | None = None
    ) -> list[ArchivedChat]:
        """Chats: the pinned ones first, then those in which something was said last.

        `archived` False leaves out those that were put away, True everything else.
        """
        return await self._ask(account, [], chats.some, archived=archived, limit=limit, offset=offset)

    async def chat(self, chat: Jid | str, *, account: Jid | str | None = None) -> ArchivedChat | None:
        """A chat; None when there is none."""
        return await self._ask(account, None, chats.one, _jid(chat))

    async def messages(
        self,
        chat: Jid | str,
        *,
        before: ArchivedMessage | int | None = None,
        limit: int = PAGE,
        starred: bool = False,
        account: Jid | str | None = None,
    ) -> list[ArchivedMessage]:
        """Messages of a chat, the newest first; with `before`, a message of an earlier answer or a time, older ones.

        Pages that begin after the last message of the one before hold each message once, whatever comes meanwhile.
        """
        return await self._ask(account, [], messages.page, _jid(chat), before=before, limit=limit, starred=starred)

    async def message(self, key: MessageKey, *, account: Jid | str | None = None) -> ArchivedMessage | None:
        """A message by its key; None when there is none."""
        return await self._ask(account, None, messages.one, key)

    async def search(
        self,
        text: str,
        *,
        chat: Jid | str | None = None,
        before: ArchivedMessage | int | None = None,
        limit: int = PAGE,
        account: Jid | str | None = None,
    ) -> list[ArchivedMessage]:
        """Messages that contain a text, in whatever case, the newest first: also captions, file names, polls, places.

        Texts of three letters and more are found by an index on SQLite; elsewhere every message is looked at.
        """
        asked = _jid(chat) if chat is not None else None
        return await self._ask(account, [], messages.search, text, chat=asked, before=before, limit=limit)

    async def contacts(
        self,
        query: str | None = None,
        *,
        saved: bool = False,
        limit: int = PAGE,
        offset: int = 0,
        account: Jid | str | None = None,
    ) -> list[ArchivedContact]:
        """People by name; those whose names or number contain `query`; only those in the address book if `saved`."""
        return await self._ask(account, [], people.some_contacts, query, saved=saved, limit=limit, offset=offset)

    async def contact(self, user: Jid | str, *, account: Jid | str | None = None) -> ArchivedContact | None:
        """A person; None when no name of theirs is known."""
        return await self._ask(account, None, people.one_contact, _jid(user))

    async def groups(self, *, account: Jid | str | None = None) -> list[ArchivedGroup]:
        """Every group with its members, by name."""
        return await self._ask(account, [], people.all_groups)

    async def group(self, group: Jid | str, *, account: Jid | str | None = None) -> ArchivedGroup | None:
        """A group with its members; None when it is not known."""
        return await self._ask(account, None, people.one_group, _jid(group))

    async def receipts(self, key: MessageKey, *, account: Jid | str | None = None) -> list[ArchivedReceipt]:
        """Who has received, read and played an own message, and when first."""
        return await self._ask(account, [], messages.receipts_of, key)

    async def reactions(self, key: MessageKey, *, account: Jid | str | None = None) -> list[ArchivedReaction]:
        """Who reacted to a message, the oldest first."""
        return await self._ask(account, [], messages.reactions_of, key)

    async def poll(self, key: MessageKey, *, account: Jid | str | None = None) -> ArchivedPoll | None:
        """A poll with its votes; None when there is no such poll."""
        return await self._ask(account, None, messages.poll, key)

    async def accounts(self) -> Sequence[Jid]:
        """The accounts in the archive, by their phone numbers."""
        return await self._opened().read(accounts.everybody)

    async def _ask(
        self, whose: Jid | str | None, nothing: T, question: Callable[..., T], *asked: Any, **options: Any
    ) -> T:
        named = _jid(whose) if whose is not None else None

        def work(connection: Connection) -> T:
            account: Account | None = accounts.account(connection, named)
            return nothing if account is None else question(connection, account, *asked, **options)

        return await self._opened().read(work)

    def _opened(self) -> Database:
        if self._database is None:
            raise LocalProtocolError("the archive is not open; use it in `async with Archive.open(…) as archive:`")
        return self._database


def _jid(named: Jid | str) -> Jid:
    return named if isinstance(named, Jid) else Jid.parse(named) if "@" in named else Jid.phone(named)
