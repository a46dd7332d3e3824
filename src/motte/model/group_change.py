"""What may change about a group: one value for each kind of news, and what it makes of what was known.

`applied` gives the group after a change. It is the same after the same change twice, so that news which the server told
twice, or which was asked for meanwhile, does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from motte.model.group import Group, GroupDescription, GroupRole, JoinRequest, MemberAddMode, Participant
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True)
class Created:
    """The account is in this group now: somebody made it, or added the account (`reason`, such as `invite`)."""

    group: Group
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ParticipantsAdded:
    """These came; `reason` is `invite` when they came by link."""

    participants: tuple[Participant, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ParticipantsRemoved:
    """These are gone: they left, or somebody removed them."""

    participants: tuple[Participant, ...]


@dataclass(frozen=True, slots=True)
class ParticipantsPromoted:
    """These are admins now."""

    participants: tuple[Participant, ...]


@dataclass(frozen=True, slots=True)
class ParticipantsDemoted:
    """These are admins no more."""

    participants: tuple[Participant, ...]


@dataclass(frozen=True, slots=True)
class ParticipantNumberChanged:
    """A participant is to be found under another address now; None when the server did not say which."""

    old: Jid | None
    new: Jid | None


@dataclass(frozen=True, slots=True)
class SubjectChanged:
    """The group's name is another one; `set_at` in unix seconds."""

    subject: str
    author: Jid | None = None
    set_at: int | None = None


@dataclass(frozen=True, slots=True)
class DescriptionChanged:
    """The description is another one; None: there is none any more."""

    description: GroupDescription | None


@dataclass(frozen=True, slots=True)
class AnnouncementChanged:
    """Only admins may write (True), or everybody."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class LockChanged:
    """Only admins may change subject, description, picture and timer (True), or everybody."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class TimerChanged:
    """New messages disappear after so many seconds (0: they stay)."""

    seconds: int


@dataclass(frozen=True, slots=True)
class MemberAddModeChanged:
    """Other people than before may add members; None: a mode that this version does not know."""

    mode: MemberAddMode | None


@dataclass(frozen=True, slots=True)
class ApprovalModeChanged:
    """Who wants to join has to be let in (True), or not."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class InviteLinkChanged:
    """The invite link was reset; the old one leads nowhere."""

    code: str | None


@dataclass(frozen=True, slots=True)
class JoinRequested:
    """These people ask to be let in; only admins are told."""

    requests: tuple[JoinRequest, ...]


@dataclass(frozen=True, slots=True)
class JoinRequestsRevoked:
    """These people ask no more, or were turned down."""

    participants: tuple[Participant, ...]


@dataclass(frozen=True, slots=True)
class Deleted:
    """The group is gone."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """A community and one of its groups were put together, or no longer are (`linked`).

    `kind` is what `other` is for this group, in the wire's word: `parent_group`, `sub_group` or `sibling_group`.
    """

    linked: bool
    kind: str
    other: Jid | None
    subject: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class GrowthLockChanged:
    """For a while nobody can join in the way that `kind` says (`invite`), until `expires_at` in unix seconds."""

    locked: bool
    kind: str | None = None
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class SuspensionChanged:
    """WhatsApp has suspended the group, or it no longer is."""

    suspended: bool


@dataclass(frozen=True, slots=True)
class OtherChange:
    """A change that this version does not read; `tag` is the wire's word for it."""

    tag: str


GroupChange: TypeAlias = (
    AnnouncementChanged
    | ApprovalModeChanged
    | Created
    | Deleted
    | DescriptionChanged
    | GrowthLockChanged
    | InviteLinkChanged
    | JoinRequested
    | JoinRequestsRevoked
    | LinkChanged
    | LockChanged
    | MemberAddModeChanged
    | OtherChange
    | ParticipantNumberChanged
    | ParticipantsAdded
    | ParticipantsDemoted
    | ParticipantsPromoted
    | ParticipantsRemoved
    | SubjectChanged
    | SuspensionChanged
    | TimerChanged
)


def applied(change: GroupChange, group: Group) -> Group | None:
    """The group after the change; None when what was known says nothing any more and has to be asked for."""
    match change:
        case Created(group=new):
            return new
        case ParticipantsAdded(participants=new_ones):
            return _added(group, new_ones)
        case ParticipantsRemoved(participants=gone):
            return _removed(group, gone)
        case ParticipantsPromoted(participants=those):
            return _with_role(group, those, GroupRole.ADMIN)
        case ParticipantsDemoted(participants=those):
            return _with_role(group, those, GroupRole.MEMBER)
        case SubjectChanged():
            return replace(group, subject=change.subject, subject_author=change.author, subject_set_at=change.set_at)
        case DescriptionChanged(description=description):
            return replace(group, description=description)
        case AnnouncementChanged(enabled=enabled):
            return replace(group, is_announcement=enabled)
        case LockChanged(enabled=enabled):
            return replace(group, is_locked=enabled)
        case TimerChanged(seconds=seconds):
            return replace(group, timer=seconds)
        case MemberAddModeChanged(mode=mode):
            return replace(group, member_add_mode=mode)
        case ApprovalModeChanged(enabled=enabled):
            return replace(group, needs_approval=enabled)
        case InviteLinkChanged() | JoinRequested() | JoinRequestsRevoked() | GrowthLockChanged():
            return group
        case ParticipantNumberChanged() | Deleted() | LinkChanged() | SuspensionChanged() | OtherChange():
            return None


def _added(group: Group, new: tuple[Participant, ...]) -> Group:
    missing = tuple(one for one in new if group.find(one.jid) is None)
    listed = (*group.participants, *missing)
    return replace(group, participants=listed, size=len(listed))


def _removed(group: Group, gone: tuple[Participant, ...]) -> Group:
    left = tuple(one for one in group.participants if not any(one.is_one(other.jid) for other in gone))
    return replace(group, participants=left, size=len(left))


def _with_role(group: Group, those: tuple[Participant, ...], role: GroupRole) -> Group:
    changed = tuple(
        replace(one, role=role) if any(one.is_one(other.jid) for other in those) else one for one in group.participants
    )
    return replace(group, participants=changed)
