"""`motte media get`: the files of messages that `motte listen --json` printed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from motte.cli import mediafile
from motte.cli.exits import CliError, failure
from motte.cli.linked import while_connected
from motte.cli.mediafile import Wanted
from motte.cli.online import Online, online
from motte.cli.transfer import Transfer
from motte.errors import Disconnected, MotteError

app = typer.Typer(no_args_is_help=True, help="Files of messages.")

STDIN: Final = "-"


class Files(tuple[Wanted, ...]):
    """The files to fetch."""


def _files(text: str) -> Files:
    lines = (sys.stdin.read() if text == STDIN else text).splitlines()
    try:
        messages = [json.loads(line) for line in lines if line.strip()]
        found = Files(mediafile.wanted(one) for one in messages if isinstance(one, dict) and one.get("media"))
    except ValueError:
        raise typer.BadParameter("this is not what `motte listen --json` prints") from None
    if not found:
        raise typer.BadParameter("there is no message with a file in it")
    return found


@app.command()
@online
async def get(
    here: Online,
    messages: Annotated[
        Files,
        typer.Argument(
            metavar="MESSAGE", parser=_files, help="A line that `motte listen --json` printed; - reads standard input."
        ),
    ],
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", file_okay=False, help="The folder for the files; made if missing.")
    ] = Path(),
) -> None:
    """Download the files of received messages, checked against their hashes; prints where each is.

    A file that the servers have lost is asked for at the phone that sent it. One that cannot be had does not keep the
    others from coming; the command fails in the end. `motte listen --save-media DIR` downloads files as they come.
    """
    to.mkdir(parents=True, exist_ok=True)
    failed = 0
    for one in messages:
        try:
            await _fetch(here, one, to / one.name)
        except Disconnected:
            raise  # the others would fare no better
        except (MotteError, OSError) as error:
            if len(messages) == 1:
                raise
            failed += 1
            typer.echo(f"motte: {one.name}: {failure(error).sentence}", err=True)
    if failed:
        raise CliError(f"{failed} of {len(messages)} files could not be had")


async def _fetch(here: Online, one: Wanted, path: Path) -> None:
    with Transfer(one.name, quiet=here.as_json) as transfer:
        work = here.client.media.download(one.file, to=path, kind=one.kind, key=one.key, progress=transfer)
        late = f"nothing came for {here.timeout:g} s; try again, or allow more --timeout"
        await while_connected(here.client, work, timeout=here.timeout, late=late, transfer=transfer)
    here.tell({"event": "media_saved", "id": one.key.id, "chat": str(one.key.chat), "path": str(path)}, str(path))
