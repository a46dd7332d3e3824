"""`motte import`: take over a session, from Baileys or from another place of motte."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from motte.cli import eventjson, options, passphrase, render
from motte.cli.exits import CliError, Exit
from motte.cli.running import run
from motte.migrate import Imported, import_baileys, import_session
from motte.migrate.portable import is_sealed

_STDIN: Final = "-"
_FILE: Final = "file"
_NAMES: Final = {
    "sessions": "Signal sessions",
    "prekeys": "one-time prekeys",
    "sender_keys": "sender keys",
    "lids": "phone number ↔ LID entries",
    "identities": "known identities",
    "tokens": "trusted-contact tokens",
    "appstate": "app-state entries",
    "sent": "sent messages kept for retries",
    "inbox": "messages not yet shown",
}
"""Tables worth telling of, and what their rows are."""


class _FileByDefault(TyperGroup):
    """`motte import session.motte` is `motte import file session.motte`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments with the command that is meant in front."""
        named = not args or args[0] in (*self.commands, *ctx.help_option_names)
        return super().parse_args(ctx, args if named else [_FILE, *args])


app = typer.Typer(cls=_FileByDefault, no_args_is_help=True)

Replace = Annotated[bool, typer.Option("--replace", metavar="", help="Forget an account that is linked there already.")]


@app.callback()
def import_() -> None:
    """Take over a session: a file that `motte export` wrote, or (`import baileys`) a folder of Baileys.

    The device stays linked, so no phone is needed. Only one of the two places may go on with it.
    """


@app.command()
def baileys(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What useMultiFileAuthState was given.")],
    replace: Replace = False,
    as_json: options.AsJson = False,
    db: options.Db = options.DEFAULT_DB,
    account: options.AccountName = options.DEFAULT_NAME,
    verbose: options.Verbose = 0,
    debug: options.Debug = False,
) -> None:
    """Take over the device of a Baileys folder, of version 6 or 7. Stop Baileys first; the folder stays as it is."""

    async def work() -> None:
        _tell(await import_baileys(db, folder, account=account, replace=replace), db, as_json)
        if not as_json:
            render.out.print("Do not start Baileys with that folder again: it would destroy the sessions of both.")

    run(work(), verbose=verbose, debug=debug)


@app.command()
def file(
    session: Annotated[
        str, typer.Argument(metavar="FILE", help="What `motte export` wrote; - reads it from standard input.")
    ],
    replace: Replace = False,
    as_json: options.AsJson = False,
    db: options.Db = options.DEFAULT_DB,
    account: options.AccountName = options.DEFAULT_NAME,
    verbose: options.Verbose = 0,
    debug: options.Debug = False,
) -> None:
    """Take over a session that `motte export` wrote. An encrypted one asks for its passphrase, or MOTTE_PASSPHRASE."""

    async def work() -> None:
        text, source = _read(session)
        sealed = is_sealed(text, source=source)
        word = (passphrase.from_environment() or passphrase.typed(twice=False)) if sealed else None
        imported = await import_session(db, text, account=account, passphrase=word, replace=replace, source=source)
        _tell(imported, db, as_json)

    run(work(), verbose=verbose, debug=debug)


def _read(session: str) -> tuple[str, str]:
    """The text, and what an error calls it."""
    if session == _STDIN:
        return sys.stdin.read(), "the session"
    path = Path(session)
    try:
        return path.read_text(encoding="ascii"), path.name
    except UnicodeDecodeError:
        raise CliError(f"{path} is no exported session") from None
    except OSError as error:
        raise CliError(f"cannot read {path}: {error.strerror or error}", Exit.USAGE) from error


def _tell(imported: Imported, db: Path, as_json: bool) -> None:
    if as_json:
        value = {
            "event": "imported",
            "jid": str(imported.jid),
            "lid": str(imported.lid) if imported.lid else None,
            "counts": dict(imported.counts),
            "notes": list(imported.notes),
            "db": str(db),
        }
        print(eventjson.dumps(value))
        return
    named = [f"{name} {imported.counts[table]}" for table, name in _NAMES.items() if imported.counts.get(table)]
    who = f"{render.person(imported.jid)}, device {imported.jid.device}"
    render.out.print(f"Imported {who} into {db}; keep that file to yourself.")
    render.out.print(f"It brought: {', '.join(named)}.")
    for note in imported.notes:
        render.out.print(note)
    render.out.print("`motte doctor` checks it, `motte listen` goes on.")
