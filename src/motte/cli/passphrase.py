"""The passphrase of an exported session: from the environment, or typed without being shown, never an argument.

What stands on a command line is there for every user of the machine to see, and stays in the shell's history.
"""

from __future__ import annotations

import os
import sys
from typing import Final

import typer

from motte.cli.exits import CliError, Exit

VARIABLE: Final = "MOTTE_PASSPHRASE"


def from_environment() -> str | None:
    """The passphrase that the environment has, if it has one."""
    return os.environ.get(VARIABLE) or None


def typed(*, twice: bool) -> str:
    """The passphrase that somebody types.

    Raises:
        CliError: nobody can.
    """
    if not sys.stdin.isatty():
        raise CliError(f"it takes a passphrase, and there is no terminal to ask at; set {VARIABLE}", Exit.USAGE)
    return str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=twice, err=True))
