"""QR codes on a terminal: two rows of modules per line, and each new code in the place of the last.

A light module is a filled half block. With colours that is white on black; without, it is right on dark terminals.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import segno
from rich.console import Console
from rich.text import Text

QUIET_ZONE: Final = 2
"""Light modules around the code. The standard says four; phones are content with two, and 80 columns are few."""
PNG_SCALE: Final = 8
_HALVES: Final = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
_STYLE: Final = "bright_white on black"


def drawn(text: str) -> list[str]:
    """The lines of a QR code, all of one width."""
    light = [[not module for module in row] for row in _code(text).matrix_iter(border=QUIET_ZONE)]
    if len(light) % 2:
        light.append([False] * len(light[0]))
    return [
        "".join(_HALVES[upper, lower] for upper, lower in zip(first, second, strict=True))
        for first, second in zip(light[::2], light[1::2], strict=True)
    ]


def save(text: str, path: Path) -> None:
    """Write a QR code as a PNG. Raises `OSError`."""
    _code(text).save(str(path), kind="png", scale=PNG_SCALE)


def _code(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="L", boost_error=False)


class Board:
    """The place on a terminal where codes are shown, one at a time."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._height = 0

    def show(self, text: str, caption: str) -> None:
        """Draw a code with a line below it, over the last one if it is still in view."""
        self.clear()
        console, lines = self._console, drawn(text)
        if console.is_terminal and len(lines[0]) > console.width:
            console.print(f"The code needs {len(lines[0])} columns; make the terminal wider, or use --qr-png.")
            return
        for line in lines:
            console.print(Text(line, style=_STYLE))
        console.print(caption)
        self._height = len(lines) + 1 + len(caption) // max(console.width, 1)

    def clear(self) -> None:
        """Take the last code away; on anything but a terminal it stays."""
        if self._height and self._console.is_terminal and self._height < self._console.height:
            self._console.file.write(f"\x1b[{self._height}A\x1b[J")
            self._console.file.flush()
        self._height = 0
