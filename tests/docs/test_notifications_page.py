"""The page on notifications has a row for every type that is read, and names events that there are."""

from __future__ import annotations

import re
from pathlib import Path

from motte import events
from motte.core.stanza import notification

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "notifications.md"
ROWS = [row.split("|") for row in PAGE.read_text().splitlines() if row.startswith("| `")]


def test_every_type_has_a_row() -> None:
    listed = {name for row in ROWS for name in re.findall(r"`([a-z_:0-9]+)`", row[1])}
    assert listed == set(notification._BY_TYPE)


def test_the_events_exist() -> None:
    named = {name for row in ROWS for name in re.findall(r"`([A-Z]\w+)`", row[4])}
    assert named <= set(events.__all__)
    assert len(named) > 20
