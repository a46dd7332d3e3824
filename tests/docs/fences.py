"""The code blocks of the documentation, as its reader sees them.

    ```python                 a fragment: `test_examples` runs those of a page one after the other
    ```python title="bot.py"  a whole file: a scenario of `test_examples` runs it
    ```sh                     commands: those of `motte` are checked against the command line's own parser
    ```                       anything else is text

A comment `<!-- shown only: why -->` before a block says that nothing runs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = tuple(sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]))

_FENCE = re.compile(
    r"(?:<!-- shown only: (?P<reason>[^\n]+) -->\n+)?"
    r"^```(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One code block: where it stands, what it is, and its text. `line` is that of its first line of code."""

    page: str
    line: int
    language: str
    title: str | None
    reason: str | None
    code: str

    @property
    def name(self) -> str:
        """What a test calls it."""
        return f"{self.page}:{self.title or self.line}"

    @property
    def runs(self) -> bool:
        """Whether it is meant to run."""
        return self.reason is None

    @property
    def numbered(self) -> str:
        """The code with as many empty lines before it as the page has, so that a traceback points into the page."""
        return "\n" * (self.line - 1) + self.code


def blocks_of(page: Path) -> Iterator[Block]:
    """The code blocks of a page, in order."""
    text = page.read_text()
    for match in _FENCE.finditer(text):
        yield Block(
            page=str(page.relative_to(ROOT)),
            line=text.count("\n", 0, match.start("code")) + 1,
            language=match["language"],
            title=match["title"],
            reason=match["reason"],
            code=match["code"],
        )


BLOCKS: Final = tuple(block for page in PAGES for block in blocks_of(page))


def commands(block: Block) -> list[str]:
    """The lines of a `sh` block that run `motte`, continued lines joined."""
    lines = block.code.replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip().startswith("motte ")]
