"""The `motte` command: its subcommands, its help, its version."""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer

from motte.cli.commands.archive import app as archive_app
from motte.cli.commands.chats import app as chats_app
from motte.cli.commands.contacts import app as contacts_app
from motte.cli.commands.demo import demo
from motte.cli.commands.doctor import doctor
from motte.cli.commands.export import export
from motte.cli.commands.groups import app as groups_app
from motte.cli.commands.import_ import app as import_app
from motte.cli.commands.inspect import app as inspect_app
from motte.cli.commands.listen import listen
from motte.cli.commands.login import login
from motte.cli.commands.logout import logout
from motte.cli.commands.media import app as media_app
from motte.cli.commands.privacy import app as privacy_app
from motte.cli.commands.send import send
from motte.cli.commands.server import server
from motte.cli.exits import MEANING

_CODES: Final = " · ".join(f"{code.value} {meaning}" for code, meaning in MEANING.items())

app = typer.Typer(
    name="motte",
    no_args_is_help=True,
    # A traceback with the values of variables in it would show keys; --debug shows one without.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"Exit codes: {_CODES}",
)
for command in (demo, login, send, listen, server, logout, export, doctor):
    app.command()(command)
app.add_typer(import_app, name="import")
app.add_typer(chats_app, name="chats")
app.add_typer(contacts_app, name="contacts")
app.add_typer(privacy_app, name="privacy")
app.add_typer(groups_app, name="groups")
app.add_typer(media_app, name="media")
app.add_typer(archive_app, name="archive")
app.add_typer(inspect_app, name="inspect")


def _version(wanted: bool) -> None:
    if wanted:
        from motte import __version__

        print(f"motte {__version__}")
        raise typer.Exit


@app.callback()
def motte(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A device of your WhatsApp account on the command line, and a local server to try it on.

    Unofficial: not affiliated with WhatsApp. Start with `motte demo`, which needs no phone and no internet.
    """


def main() -> None:
    """Run the command line."""
    sys.exit(app())
