"""What the pages say beside Python: commands that exist, tables that agree with the code, links, generated pages."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, Final

import pytest
import typer.main

from motte.cli.main import app
from motte.model.disconnect import ROWS, Cause, DisconnectReason, NextAction
from scripts import reference
from tests.docs.fences import BLOCKS, PAGES, ROOT, commands

COMMANDS = sorted({line for block in BLOCKS if block.language in ("sh", "console") for line in commands(block)})
SHELL_WORDS: Final = {"|", ">", "&", "&&"}
BY_PROGRAM = {Cause.CLOSED_LOCALLY, Cause.LOGGED_OUT_LOCALLY}
SAID_AS = {
    NextAction.RECONNECT_NOW: "at once",
    NextAction.BACK_OFF: "backs off",
    NextAction.STOP: "stops",
    NextAction.RELINK: "link again",
}


@pytest.mark.parametrize("line", COMMANDS)
def test_the_command_line_takes(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    words = words[: next((place for place, word in enumerate(words) if word in SHELL_WORDS), None)]
    command: Any = typer.main.get_command(app)
    while words and (found := getattr(command, "commands", {}).get(words[0])) is not None:
        command, words = found, words[1:]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    options = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    assert set(options) - known <= {"--help", "-h"}, command.name
    assert not hasattr(command, "commands") or command.invoke_without_command or options, f"no such command: {words}"


def test_there_are_commands_to_check() -> None:
    assert len(COMMANDS) > 5


def test_the_table_of_the_readme_agrees_with_the_policy() -> None:
    table = re.findall(r"^\| (`[A-Z_`, ]+`) \| (\d+) \| (.+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    told = {int(code): (set(re.findall(r"\w+", names)), text) for names, code, text in table}
    assert set(told) == {int(reason) for reason in DisconnectReason}
    for code, (names, text) in told.items():
        upper = {name for name, reason in DisconnectReason.__members__.items() if reason == code and name.isupper()}
        assert names == upper
        wanted = {SAID_AS[row.action] for cause, row in ROWS.items() if row.code == code and cause not in BY_PROGRAM}
        if "link again" in wanted:
            wanted.add("stops")
        assert {phrase for phrase in SAID_AS.values() if phrase in text} == wanted, code


def test_links_between_pages_lead_somewhere() -> None:
    links = [(page, target) for page in PAGES for target in targets(page)]
    broken = [f"{page.relative_to(ROOT)}: {target}" for page, target in links if not (page.parent / target).exists()]
    assert broken == []
    assert len(links) > 40


def targets(page: Path) -> list[str]:
    """Where the links of a page lead, those to other sites left out."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\((?!https?:|#)([^)#\s]+)", prose)


@pytest.mark.parametrize("page", reference.PAGES)
def test_a_generated_page_is_fresh(page: str) -> None:
    assert (reference.REFERENCE / page).read_text() == reference.PAGES[page](), "run: python -m scripts.reference"
