"""`motte export`: everything about an account as one text, in a file that is for its owner only."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from motte.cli import options, passphrase, render
from motte.cli.exits import CliError, Exit
from motte.cli.running import run
from motte.migrate import export_session

_STDOUT: Final = "-"
_OWNER_ONLY: Final = 0o600
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to write it; - is standard output.")],
    encrypt: Annotated[
        bool, typer.Option("--encrypt", metavar="", help="With a passphrase: typed, or from MOTTE_PASSPHRASE.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", metavar="", help="The file may exist already.")] = False,
    show: Annotated[
        bool, typer.Option("--show", metavar="", help="Print it even on a terminal, where others may see it.")
    ] = False,
    db: options.Db = options.DEFAULT_DB,
    account: options.AccountName = options.DEFAULT_NAME,
    verbose: options.Verbose = 0,
    debug: options.Debug = False,
) -> None:
    """Write everything about an account as one text, to go on elsewhere with `motte import`.

    It holds private keys: who has it is this device. Only one of the two places may go on with the session.
    """

    async def work() -> None:
        _check(file, overwrite=overwrite, show=show)
        word = (passphrase.from_environment() or passphrase.typed(twice=True)) if encrypt else None
        text = await export_session(db, account=account, passphrase=word)
        if file == _STDOUT:
            print(text)
            return
        _write(Path(file), text)
        how = "encrypted" if word else "not encrypted: whoever reads it is this device"
        render.out.print(f"Exported {account} to {file}, {how}.")
        render.out.print(f"After `motte import {file}` elsewhere, do not use {db} for it again.")

    run(work(), verbose=verbose, debug=debug)


def _check(file: str, *, overwrite: bool, show: bool) -> None:
    if file == _STDOUT and sys.stdout.isatty() and not show:
        raise CliError("the session holds private keys; name a file, or print it here with --show", Exit.USAGE)
    if file != _STDOUT and Path(file).exists() and not overwrite:
        raise CliError(f"{file} exists already; name another one, or use --overwrite", Exit.USAGE)


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and never for a moment readable by others."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with contextlib.suppress(FileNotFoundError):
            partial.unlink()
        with os.fdopen(os.open(partial, _NEW_FILE, _OWNER_ONLY), "w", encoding="ascii") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise CliError(f"cannot write {path}: {error.strerror or error}") from error
