"""The status list: what is posted there, and who sees it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from motte.model.content import Content
from motte.model.jid import Jid


class StatusRule(StrEnum):
    """Who sees the account's status: all saved contacts, those except some, or nobody but some."""

    CONTACTS = "contacts"
    EXCEPT = "blacklist"
    ONLY = "whitelist"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPrivacy:
    """Who sees what the account posts, as set on the phone; `people` are those that the rule leaves out, or names."""

    rule: StatusRule
    people: tuple[Jid, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPost:
    """Something for the status list, and for whom: these people, or None for whom the account's privacy names."""

    content: Content
    audience: tuple[Jid, ...] | None = None
