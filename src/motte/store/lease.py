"""Leases: one client per account, because two that move the same ratchets would destroy each other's sessions.

For files the lease is an operating-system lock on a small file beside the database, so it also holds between processes
and ends with the process, however that ends.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from motte.errors import StoreError, StoreInUse

if TYPE_CHECKING:
    from filelock import BaseFileLock


class MemoryLease:
    """The right to an account of a memory backend; `taken` is the backend's set of accounts in use."""

    __slots__ = ("_account", "_taken")

    def __init__(self, taken: set[str], account: str) -> None:
        if account in taken:
            raise StoreInUse(f"the account {account!r} of this store is open in another client; close that one first")
        taken.add(account)
        self._taken = taken
        self._account: str | None = account

    def release(self) -> None:
        """Let others have the account."""
        if self._account is not None:
            self._taken.discard(self._account)
            self._account = None


class FileLease:
    """The right to one account of a database file, held by a lock on `<database>.<account>.lock`."""

    __slots__ = ("_lock",)

    def __init__(self, database: Path, account: str) -> None:
        self._lock = _acquire(lock_path(database, account), database, account)

    def release(self) -> None:
        """Let others have the account."""
        self._lock.release()


def lock_path(database: Path, account: str) -> Path:
    """The lock file of an account; letters that do not suit every file system are written as hex."""
    safe = re.sub(r"[^A-Za-z0-9_-]", lambda found: f"%{ord(found[0]):x}%", account)
    return database.with_name(f"{database.name}.{safe}.lock")


def _acquire(path: Path, database: Path, account: str) -> BaseFileLock:
    # Imported at first use: filelock alone would cost a good part of the time that `import motte` may take.
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise StoreInUse(
            f"{database} (account {account!r}) is open in another client or process; close that one first"
        ) from None
    except OSError as error:
        raise StoreError(f"cannot create the lock file {path}: {error.strerror or error}") from error
    return lock
