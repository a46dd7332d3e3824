"""What an examination says: one thing that was looked at, how it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How bad something is: as it should be, worth knowing, or broken."""

    OK = 0
    WARN = 1
    BAD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`check` names what was looked at, `text` says how it is, `advice` what to do, empty when there is nothing to do.

    None of them ever holds a key, a secret or a message.
    """

    check: str
    level: Level
    text: str
    advice: str = ""


def ok(check: str, text: str) -> Finding:
    """All is well."""
    return Finding(check=check, level=Level.OK, text=text)


def warn(check: str, text: str, advice: str = "") -> Finding:
    """It works, and somebody should know."""
    return Finding(check=check, level=Level.WARN, text=text, advice=advice)


def bad(check: str, text: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(check=check, level=Level.BAD, text=text, advice=advice)


def worst(findings: Iterable[Finding]) -> Level:
    """The level of the worst one."""
    return max((finding.level for finding in findings), default=Level.OK)
