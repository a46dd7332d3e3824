"""Groups, and who is in them. A group that was told of as a whole replaces what was known."""

from __future__ import annotations

from sqlalchemy import delete, update

from motte.archive.record.book import Book, clean, whole
from motte.archive.tables import groups, members
from motte.events.group import GroupChanged
from motte.model.group import Group, GroupRole, Participant
from motte.model.group_change import (
    AnnouncementChanged,
    Created,
    Deleted,
    DescriptionChanged,
    LockChanged,
    ParticipantsAdded,
    ParticipantsDemoted,
    ParticipantsPromoted,
    ParticipantsRemoved,
    SubjectChanged,
    TimerChanged,
)
from motte.model.history import PastMember


def whole_group(book: Book, group: Group) -> None:
    """All that is known of a group."""
    peer = book.peer(group.jid)
    values = {
        "peer": peer,
        "subject": clean(group.subject),
        "description": clean(group.description.text) if group.description is not None else None,
        "creator": str(group.creator) if group.creator is not None else None,
        "created_at": whole(group.created_at) or None,
        "announcement": group.is_announcement,
        "locked": group.is_locked,
        "timer": whole(group.timer),
        "community": str(group.community) if group.community is not None else None,
        "gone": False,
    }
    book.put(groups, values)
    if len(group.participants) == group.size:
        book.connection.execute(delete(members).where(members.c.group == peer, members.c.left_at.is_(None)))
    _joined(book, peer, group.participants)


def changed(book: Book, event: GroupChanged, now: int) -> None:
    """Something about a group changed."""
    peer, at = book.peer(event.group), event.timestamp or now
    match event.change:
        case Created(group=group):
            whole_group(book, group)
        case ParticipantsAdded(participants=those) | ParticipantsPromoted(participants=those):
            role = GroupRole.ADMIN if isinstance(event.change, ParticipantsPromoted) else None
            _joined(book, peer, those, role)
        case ParticipantsDemoted(participants=those):
            _joined(book, peer, those, GroupRole.MEMBER)
        case ParticipantsRemoved(participants=those):
            for one in those:
                _left(book, peer, one, at)
        case SubjectChanged(subject=subject):
            _set(book, peer, subject=clean(subject))
        case DescriptionChanged(description=description):
            _set(book, peer, description=clean(description.text) if description is not None else None)
        case AnnouncementChanged(enabled=enabled):
            _set(book, peer, announcement=enabled)
        case LockChanged(enabled=enabled):
            _set(book, peer, locked=enabled)
        case TimerChanged(seconds=seconds):
            _set(book, peer, timer=whole(seconds))
        case Deleted():
            _set(book, peer, gone=True)


def was_member(book: Book, past: PastMember) -> None:
    """Somebody left a group at some time; who is in it again stays."""
    values = {"group": book.peer(past.group), "person": book.peer(past.user)}
    row = {**values, "role": GroupRole.MEMBER.value, "left_at": whole(past.left_at)}
    book.connection.execute(book.insert(members).values(row).on_conflict_do_nothing())


def _joined(book: Book, group: int, those: tuple[Participant, ...], role: GroupRole | None = None) -> None:
    rows = {}
    for one in those:
        if one.pn is not None and one.lid is not None:
            book.learn(one.pn, one.lid)
        person = book.peer(one.jid)
        rows[person] = {"group": group, "person": person, "role": (role or one.role).value, "left_at": None}
    book.put(members, list(rows.values()))


def _left(book: Book, group: int, who: Participant, at: int) -> None:
    person = book.peer(who.jid)
    gone = update(members).where(members.c.group == group, members.c.person == person)
    book.connection.execute(gone.values(left_at=whole(at)))
    if book.me.owns(who.jid):
        _set(book, group, gone=True)


def _set(book: Book, group: int, **values: object) -> None:
    book.put(groups, {"peer": group, **values})
