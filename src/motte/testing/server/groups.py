"""Groups as the server keeps them: members and their roles, settings, invitations, requests to join.

State and rules without any stanza: `groups_nodes` writes groups; `groups_queries`, `groups_members` and
`groups_invites` change them; `groups_mail` passes their messages on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from motte.core.crypto.rng import Rng
from motte.model.jid import GROUP, LID, PN, Jid
from motte.testing.server.accounts import Account, Device
from motte.testing.server.reader import Refused

FIRST_GROUP: Final = 120_363_000_000_000_001
MEMBER: Final = ""
ADMIN: Final = "admin"
SUPERADMIN: Final = "superadmin"
MAX_MEMBERS: Final = 1024
MAX_SUBJECT: Final = 100
MAX_DESCRIPTION: Final = 2048
CODE_LENGTH: Final = 22
_CODE_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A group's name, who set it and when."""

    text: str
    by: Account
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A group's description; `id` is chosen by who wrote it."""

    id: str
    text: str
    by: Account
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRequest:
    """An invitation to one person (v4), made when an admin could not add them. `expires` is in unix seconds."""

    code: str
    by: Account
    expires: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequest:
    """Somebody asks to be let in: by the invite link, or through a member (`by`)."""

    method: str
    by: Account
    at: int


@dataclass(slots=True, eq=False)
class Group:
    """One group. Mutable: its members change it.

    `mode` is `lid` or `pn`, how its members are addressed; `members` maps accounts to roles in the order of joining.
    """

    jid: Jid
    mode: str
    creator: Account
    created_at: int
    subject: Subject
    code: str
    description: Description | None = None
    members: dict[Account, str] = field(default_factory=dict)
    locked: bool = False
    announcement: bool = False
    default_subgroup: bool = False
    """The announcement group of a community, where those who may not write react all the same."""
    approval: bool = False
    member_add_mode: str = "all_member_add"
    ephemeral: int = 0
    version: int = 1
    old_codes: set[str] = field(default_factory=set)
    invited: dict[Account, AddRequest] = field(default_factory=dict)
    requests: dict[Account, JoinRequest] = field(default_factory=dict)
    left_at: dict[Account, int] = field(default_factory=dict)

    @property
    def like(self) -> Jid:
        """A JID in the group's addressing, for `Account.jid` and `Device.jid`."""
        return Jid("", LID if self.mode == "lid" else PN)

    @property
    def admins(self) -> list[Account]:
        """Its admins, the superadmin included."""
        return [account for account, role in self.members.items() if role]

    @property
    def devices(self) -> Iterator[Device]:
        """Every device of every member."""
        return (device for account in self.members for device in account.devices.values())

    def jid_of(self, account: Account) -> Jid:
        """A member in the group's addressing."""
        return account.jid(like=self.like)

    def require_member(self, account: Account) -> None:
        """`Refused(403)` for everybody else."""
        if account not in self.members:
            raise Refused(403, "only members may do this")

    def require_admin(self, account: Account) -> None:
        """`Refused(403)` for everybody else."""
        if not self.members.get(account):
            raise Refused(403, "only admins may do this")

    def require_editor(self, account: Account) -> None:
        """Who may change subject, description and timer: every member, of a locked group only admins."""
        self.require_member(account)
        if self.locked:
            self.require_admin(account)

    def join(self, account: Account, role: str = MEMBER) -> None:
        """Make somebody a member; what they asked or were asked is settled."""
        self.members[account] = role
        self.invited.pop(account, None)
        self.requests.pop(account, None)
        self.left_at.pop(account, None)
        self.version += 1

    def part(self, account: Account) -> Account | None:
        """Somebody is a member no more; gives whom the group promoted when its last admin went."""
        del self.members[account]
        self.version += 1
        if self.admins or not self.members:
            return None
        heir = next(iter(self.members))
        self.members[heir] = ADMIN
        return heir


class Groups:
    """All groups, found by JID or invite code."""

    def __init__(self) -> None:
        self._by_jid: dict[Jid, Group] = {}

    def __iter__(self) -> Iterator[Group]:
        return iter(self._by_jid.values())

    def create(self, subject: str, creator: Account, *, mode: str, now: int, rng: Rng) -> Group:
        """A new group with its creator as superadmin."""
        jid = Jid(str(FIRST_GROUP + len(self._by_jid)), GROUP)
        named = Subject(text=subject, by=creator, at=now)
        group = Group(jid, mode, creator, now, named, new_code(rng), members={creator: SUPERADMIN})
        self._by_jid[jid] = group
        return group

    def get(self, jid: Jid) -> Group | None:
        """The group with this JID; one that everybody left is there no more."""
        group = self._by_jid.get(jid)
        return group if group and group.members else None

    def require(self, jid: Jid) -> Group:
        """The group with this JID; `Refused(404)` when there is none."""
        group = self.get(jid)
        if group is None:
            raise Refused(404, f"there is no group {jid}")
        return group

    def with_code(self, code: str) -> Group:
        """The group that an invite code leads to; `Refused(410)` for a revoked code, `Refused(406)` for none."""
        for group in self:
            if group.members and group.code == code:
                return group
            if code in group.old_codes:
                raise Refused(410, "this invite code was revoked")
        raise Refused(406, "there is no such invite code")

    def of(self, account: Account) -> list[Group]:
        """The groups that somebody is a member of."""
        return [group for group in self if account in group.members]


def new_code(rng: Rng) -> str:
    """A fresh invite code."""
    return "".join(_CODE_ALPHABET[byte % len(_CODE_ALPHABET)] for byte in rng(CODE_LENGTH))
