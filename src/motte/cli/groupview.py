"""Groups as people and programs read them, and why somebody was not added."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from rich.table import Table

from motte.cli import eventjson, render
from motte.model.group import Group, GroupRole, JoinRequest, MemberAddMode, Participant, ParticipantResult
from motte.model.jid import Jid
from motte.model.me import Me

ROLES: Final = {GroupRole.MEMBER: "", GroupRole.ADMIN: "admin", GroupRole.SUPERADMIN: "creator"}
REASONS: Final = {
    401: "has blocked you",
    403: "may only be invited: send them the link of `motte groups invite`",
    404: "is not in the group, or not on WhatsApp",
    408: "has left a short while ago",
    409: "is in the group already",
    500: "does not fit in: the group is full",
}
_DAY: Final = 24 * 3600
_ADDERS: Final = {MemberAddMode.ADMINS: "admins", MemberAddMode.EVERYBODY: "everybody"}


def as_json(group: Group) -> eventjson.Json:
    """All of a group, as one object; the keys are the fields of `motte.model.group.Group`."""
    return eventjson.fields(group)


def listing(groups: list[Group], mine: Me) -> Table:
    """A table of groups; `mine` are the own addresses."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("group", no_wrap=True)
    table.add_column("people", justify="right")
    table.add_column("you are", no_wrap=True)
    table.add_column("subject", overflow="fold")
    for group in groups:
        me = group.find(mine.pn) or (group.find(mine.lid) if mine.lid else None)
        table.add_row(str(group.jid), str(group.size), ROLES[me.role] if me else "", render.plain(group.subject))
    return table


def card(group: Group) -> Table:
    """Everything about one group, one row a fact; its people are in `people`."""
    table = Table(title=render.plain(group.subject), title_justify="left", show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in _facts(group):
        table.add_row(name, text)
    return table


def _facts(group: Group) -> list[tuple[str, str]]:
    facts = [("group", str(group.jid))]
    if group.description is not None:
        facts.append(("description", render.plain(group.description.text)))
    made = f", {_day(group.created_at)}" if group.created_at else ""
    facts.append(("made by", _by(group, group.creator) + made))
    facts.append(("who may write", "admins" if group.is_announcement else "everybody"))
    facts.append(("who may change it", "admins" if group.is_locked else "everybody"))
    if group.member_add_mode is not None:
        facts.append(("who may add people", _ADDERS[group.member_add_mode]))
    facts.append(("joining", "an admin has to agree" if group.needs_approval else "with an invite link"))
    facts.append(("messages disappear", f"after {group.timer / _DAY:g} days" if group.timer else "never"))
    if group.community is not None:
        facts.append(("community", str(group.community)))
    facts.append(("people", str(group.size)))
    return facts


def _by(group: Group, jid: Jid | None) -> str:
    if jid is None:
        return "unknown"
    found = group.find(jid)
    return person(found) if found else render.person(jid)


def people(group: Group) -> Table:
    """A table of who is in a group, admins first."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("person", "role", "address"):
        table.add_column(title, no_wrap=True)
    for one in sorted(group.participants, key=lambda one: not one.is_admin):
        table.add_row(person(one), ROLES[one.role], str(one.jid))
    return table


def person(participant: Participant) -> str:
    """By phone number if it is known."""
    return render.person(participant.pn or participant.jid)


def outcome(result: ParticipantResult, done: str) -> str:
    """One line on what became of one person; `done` is the word for success."""
    reason = done if result.ok else REASONS.get(result.code, f"could not be {done} ({result.code})")
    return f"{person(result.participant)}  {reason}"


def request(asked: JoinRequest) -> str:
    """One line on somebody who asks to be let in."""
    since = f"  since {_day(asked.requested_at)}" if asked.requested_at else ""
    return f"{person(asked.participant)}{since}"


def _day(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp).strftime("%Y-%m-%d")  # in the reader's own time zone
