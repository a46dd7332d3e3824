"""Bringing a database up to the tables of this version."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect

from motte.errors import ArchiveError

_STEPS: Final = Path(__file__).with_name("migrations")


def upgrade(connection: Connection, place: str) -> None:
    """Run the steps that are missing, all or none; nothing when it is up to date.

    Raises:
        ArchiveError: a newer motte wrote it, or it is another program's.
    """
    current = version(connection)
    if current == newest():
        return
    if current is None and inspect(connection).get_table_names():
        raise ArchiveError(f"{place} is not an archive of motte; choose another, it was left as it is")
    config = Config()
    # A percent sign begins a reference in the configuration's language.
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise ArchiveError(f"{place} was written by a newer version of motte (step {current}); update motte") from None


def version(connection: Connection) -> str | None:
    """The last step that was run; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The last step that this version knows."""
    head = ScriptDirectory(str(_STEPS)).get_current_head()
    assert head is not None
    return head
