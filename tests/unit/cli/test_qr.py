"""QR codes on a terminal."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import segno
from rich.console import Console

from motte.cli import qr

KEY = base64.b64encode(bytes(range(32))).decode()
REAL = (
    f"https://wa.me/settings/linked_devices#2@{base64.b64encode(bytes(range(100, 148))).decode()},{KEY},{KEY},{KEY},1"
)
"""As long as a real one."""


def modules(lines: list[str]) -> list[list[bool]]:
    """What a camera sees: True for dark."""
    upper = [[letter in " ▄" for letter in line] for line in lines]
    lower = [[letter in " ▀" for letter in line] for line in lines]
    return [row for pair in zip(upper, lower, strict=True) for row in pair]


def test_the_drawing_is_the_code_with_its_quiet_zone() -> None:
    code = segno.make_qr(REAL, error="L", boost_error=False)
    wanted = [[bool(module) for module in row] for row in code.matrix_iter(border=qr.QUIET_ZONE)]
    seen = modules(qr.drawn(REAL))
    assert seen[: len(wanted)] == wanted
    assert len(seen) - len(wanted) <= 1


def test_a_real_code_fits_eighty_columns() -> None:
    lines = qr.drawn(REAL)
    assert {len(line) for line in lines} == {len(lines[0])}
    assert len(lines[0]) <= 80 and len(lines) <= 40


def test_a_picture_is_written(tmp_path: Path) -> None:
    qr.save(REAL, tmp_path / "code.png")
    assert (tmp_path / "code.png").read_bytes().startswith(b"\x89PNG")


def board(*, terminal: bool, width: int = 80, height: int = 60) -> tuple[qr.Board, io.StringIO]:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=width, height=height, color_system=None)
    return qr.Board(console), file


def test_on_a_terminal_each_code_takes_the_place_of_the_last() -> None:
    drawing, file = board(terminal=True)
    drawing.show(REAL, "first")
    assert "\x1b[" not in file.getvalue()
    drawing.show(REAL, "second")
    assert f"\x1b[{len(qr.drawn(REAL)) + 1}A\x1b[J" in file.getvalue()
    drawing.clear()
    assert file.getvalue().count("\x1b[J") == 2
    drawing.clear()
    assert file.getvalue().count("\x1b[J") == 2


def test_in_a_file_or_a_low_terminal_codes_follow_each_other() -> None:
    for drawing, file in (board(terminal=False), board(terminal=True, height=24)):
        drawing.show(REAL, "first")
        drawing.show(REAL, "second")
        drawing.clear()
        assert "\x1b[J" not in file.getvalue()
        assert file.getvalue().count("▄▄▄▄▄") >= 6


def test_a_code_that_does_not_fit_is_not_drawn_but_said() -> None:
    drawing, file = board(terminal=True, width=40)
    drawing.show(REAL, "first")
    assert "█" not in file.getvalue()
    assert "--qr-png" in file.getvalue()
