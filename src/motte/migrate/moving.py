"""Moving an account into a store and out of it.

    await import_baileys("bot.db", "baileys_auth")          a folder of useMultiFileAuthState
    text = await export_session("bot.db", passphrase="…")   everything about an account, as text
    await import_session("other.db", text, passphrase="…")

A store is written in one transaction, after everything was read and checked. Only one of the two places may go on with
the account: two that move the same ratchets destroy each other's sessions.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from motte.errors import ImportFailed, LocalProtocolError, NotLoggedIn, StoreError
from motte.migrate import portable
from motte.migrate.baileys.importing import read_folder, write_account
from motte.migrate.portable import Portable, Rows
from motte.model.jid import Jid
from motte.store.backend import Backend
from motte.store.memory import MemoryBackend
from motte.store.repo.account import Link
from motte.store.store import DEFAULT_ACCOUNT, Store

Where: TypeAlias = Backend | str | Path
"""A database file, or a backend, which stays the caller's."""

_THE_SESSION: Final = "the session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was taken over.

    Attributes:
        jid: the device by phone number.
        lid: the device by LID, if it has one.
        push_name: the name that others see; may be empty.
        counts: rows by table of the store.
        notes: what was left out and why, a sentence each.
    """

    jid: Jid
    lid: Jid | None
    push_name: str
    counts: Mapping[str, int]
    notes: tuple[str, ...] = ()


async def import_baileys(
    where: Where, folder: str | Path, *, account: str = DEFAULT_ACCOUNT, replace: bool = False
) -> Imported:
    """Take over the device of a Baileys folder, of version 6 or 7. The folder stays as it is.

    Args:
        where: the store; a file is made if it is missing.
        folder: what `useMultiFileAuthState` was given. Baileys must not run with it, now or later.
        account: what the account is called in the store.
        replace: whether an account that is linked there already may be forgotten.

    Raises:
        ImportFailed: the folder is none, or a file in it is damaged or contradicts another one.
        LocalProtocolError: an account is linked there already.
        StoreError: the store cannot be used, or another client has the account open.
    """
    found = await read_folder(Path(folder), rng=os.urandom)
    async with await Store.open(MemoryBackend(), account) as staged:
        await write_account(staged, found)
        rows = await staged.rows()
    return await _put(where, account, rows, found.notes(), replace=replace)


async def export_session(where: Where, *, account: str = DEFAULT_ACCOUNT, passphrase: str | None = None) -> str:
    """Everything about an account as text. It holds private keys, in the clear without a passphrase.

    Raises:
        NotLoggedIn: no account is linked there.
        StoreError: the store cannot be used, or a client has the account open.
        LocalProtocolError: the passphrase is empty.
    """
    if not _exists(where):
        raise NotLoggedIn(f"there is no database {where}")
    async with await Store.open(where, account) as store:
        if await _link(store) is None:
            raise NotLoggedIn(f"no phone is linked to the account {account!r}, so there is nothing to export")
        session = Portable(account=account, exported=round(time.time()), rows=await store.rows())
    return portable.write(session, passphrase=passphrase, rng=os.urandom)


async def import_session(
    where: Where,
    text: str,
    *,
    account: str = DEFAULT_ACCOUNT,
    passphrase: str | None = None,
    replace: bool = False,
    source: str = _THE_SESSION,
) -> Imported:
    """Take over an account that `export_session` gave.

    Args:
        where: the store; a file is made if it is missing.
        text: the session.
        account: what the account is called in the store.
        passphrase: the one that it was exported with, if any.
        replace: whether an account that is linked there already may be forgotten.
        source: what an error calls the text, such as the name of its file.

    Raises:
        ImportFailed: it is no session, damaged, of a newer version, or the passphrase is missing or wrong.
        LocalProtocolError: an account is linked there already.
        StoreError: the store cannot be used, or another client has the account open.
    """
    session = portable.read(text, passphrase=passphrase, source=source)
    async with await Store.open(MemoryBackend(), account) as staged:
        await staged.replace(session.rows)
        try:
            link = await _link(staged)
        except StoreError as error:
            raise ImportFailed(source, str(error)) from error
        if link is None:
            raise ImportFailed(source, "there is no linked account in it")
    return await _put(where, account, session.rows, (), replace=replace)


async def _put(where: Where, account: str, rows: Rows, notes: tuple[str, ...], *, replace: bool) -> Imported:
    async with await Store.open(where, account) as store:
        if not replace and (there := await _link(store)) is not None:
            raise LocalProtocolError(
                f"the account {account!r} is linked already, to {there.jid}; "
                "name another account, or replace this one on purpose (--replace)"
            )
        await store.replace(rows)
        link = await _link(store)
    assert link is not None
    counts = {table: len(held) for table, held in rows.items()}
    return Imported(jid=link.jid, lid=link.lid, push_name=link.push_name, counts=counts, notes=notes)


def _exists(where: Where) -> bool:
    return not isinstance(where, str | Path) or Path(where).exists()


async def _link(store: Store) -> Link | None:
    credentials = await store.account.get()
    return None if credentials is None else credentials.link
