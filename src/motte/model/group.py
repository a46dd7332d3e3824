"""A group: who is in it, what is set, and what may change.

People are named in the group's own addressing (`Group.addressing`); their other address stands beside, when the server
told it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from motte.model.jid import Jid
from motte.model.message import Addressing


class GroupRole(StrEnum):
    """What a participant may do. The values are the wire's, except `MEMBER`, which the wire leaves out."""

    MEMBER = "member"
    ADMIN = "admin"
    SUPERADMIN = "superadmin"
    """The creator, whom nobody can remove."""


class MemberAddMode(StrEnum):
    """Who may add people."""

    ADMINS = "admin_add"
    EVERYBODY = "all_member_add"


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody in a group; `pn` and `lid` are both addresses as far as they were told, one of them is `jid`."""

    jid: Jid
    role: GroupRole = GroupRole.MEMBER
    pn: Jid | None = None
    lid: Jid | None = None

    @property
    def is_admin(self) -> bool:
        """Whether this is an admin, or the creator."""
        return self.role is not GroupRole.MEMBER

    def is_one(self, jid: Jid) -> bool:
        """Whether `jid` is this person, by either address."""
        return jid.user_jid in (self.jid, self.pn, self.lid)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDescription:
    """The text below a group's name; `id` names this version of it. `set_at` is in unix seconds."""

    id: str
    text: str
    author: Jid | None = None
    set_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All that is known of a group. Times are unix seconds, `timer` is in seconds (0: messages stay).

    `size` is the number of participants, also when not all are listed: an invite link shows some only.
    """

    jid: Jid
    subject: str
    addressing: Addressing
    participants: tuple[Participant, ...]
    size: int
    subject_author: Jid | None = None
    subject_set_at: int | None = None
    creator: Jid | None = None
    created_at: int | None = None
    description: GroupDescription | None = None
    is_announcement: bool = False
    """Only admins may write."""
    is_locked: bool = False
    """Only admins may change subject, description, picture and timer."""
    timer: int = 0
    needs_approval: bool = False
    """Who wants to join has to be let in by an admin."""
    member_add_mode: MemberAddMode | None = None
    is_community: bool = False
    is_default_subgroup: bool = False
    """The announcement group of a community."""
    community: Jid | None = None
    """The community that it belongs to."""

    def find(self, jid: Jid) -> Participant | None:
        """The participant with this address, whichever of the two."""
        return next((one for one in self.participants if one.is_one(jid)), None)

    @property
    def admins(self) -> tuple[Participant, ...]:
        """The admins, creator included."""
        return tuple(one for one in self.participants if one.is_admin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A personal invitation, for somebody who could not be added: `code`, valid until `expires_at` (unix seconds)."""

    code: str
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantResult:
    """What became of one person in a change: `code` 200 is done, anything else the reason why not.

    With 403 (their privacy forbids it) comes an `invitation` to send them.
    """

    participant: Participant
    code: int
    invitation: Invitation | None = None

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return self.code == 200


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequest:
    """Somebody asks to be let in: how (`InviteLink`, `NonAdminAdd`, …), when (unix seconds), through whom."""

    participant: Participant
    method: str
    requested_at: int | None = None
    requestor: Jid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinResult:
    """Where an invite link led; `pending`: an admin has to let you in first."""

    group: Jid
    pending: bool = False
