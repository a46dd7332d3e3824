"""The archive as the commands open it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from motte.cli.exits import CliError, Exit

if TYPE_CHECKING:
    from motte.archive import Archive


def archive(place: str, *, made: bool) -> Archive:
    """The archive in a file or at a URL, not open yet; `made` if it may be made.

    Raises:
        CliError: there is none, or what it needs is not installed.
    """
    try:
        from motte.archive import Archive  # SQLAlchemy is heavy, and may not be installed
    except ModuleNotFoundError as error:
        raise CliError(str(error), Exit.USAGE) from None
    if not made and "://" not in place and not Path(place).exists():
        raise CliError(f"there is no archive {place}; `motte listen --archive {place}` begins one", Exit.STORE)
    return Archive.open(place)
