"""Ways into a group: its link, an invitation to one person, the approval of admins.

<iq to="1203…01@g.us" xmlns="w:g2" type="get|set"><invite/></iq>        → <invite code="…"/>      (set: a new one)
<iq to="@g.us" xmlns="w:g2" type="get"><invite code="…"/></iq>          → <group/>
<iq to="@g.us" xmlns="w:g2" type="set"><invite code="…"/></iq>
    → <group jid="1203…01@g.us"/>  or, when an admin has to agree,  <membership_approval_request jid="1203…01@g.us"/>
<iq to="1203…01@g.us" xmlns="w:g2" type="set"><accept code="…" expiration="…" admin="…"/></iq> → <group jid="…"/>
<iq to="1203…01@g.us" xmlns="w:g2" type="get"><query><add_request code="…" expiration="…" admin="…"/></query></iq>
    → <group/>
<iq to="1203…01@g.us" xmlns="w:g2" type="set"><revoke><participant jid="…"/></revoke></iq>
<iq to="1203…01@g.us" xmlns="w:g2" type="get"><membership_approval_requests/></iq>
    → <membership_approval_requests><membership_approval_request jid="…" request_time="…" request_method="…"/>…
<iq to="1203…01@g.us" xmlns="w:g2" type="set"><membership_requests_action><approve|reject><participant jid="…"/>…
    → <membership_requests_action><approve><participant jid="…" [error="404"]/>…
<iq to="1203…01@g.us" xmlns="w:g2" type="set"><cancel_membership_requests><participant jid="our own"/>…
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import Attrs, element
from motte.core.stanza.groups.members import people, read_results
from motte.core.stanza.groups.metadata import ALL_GROUPS, XMLNS, read_group, read_participant
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.group import Group, JoinRequest, JoinResult, ParticipantResult
from motte.model.jid import Jid

Decision = Literal["approve", "reject"]


@dataclass(frozen=True, slots=True)
class GetInviteCode(Iq[str]):
    """Fetch the code of a group's invite link."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "get"
    group: Jid

    @property
    def to(self) -> Jid:
        """The group."""
        return self.group

    def content(self) -> Iterable[Node]:
        """`<invite>`."""
        return (element("invite"),)

    def result(self, iq: Reader) -> str:
        """The code."""
        return iq.child("invite").text("code")


@dataclass(frozen=True, slots=True)
class ResetInviteCode(GetInviteCode):
    """Make a new code; the old one leads nowhere from now on."""

    kind: ClassVar[Literal["get", "set"]] = "set"


@dataclass(frozen=True, slots=True)
class GetInvitedGroup(Iq[Group]):
    """See where an invite code leads."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "get"
    code: str

    @property
    def to(self) -> Jid:
        """`@g.us`."""
        return ALL_GROUPS

    def content(self) -> Iterable[Node]:
        """`<invite>` with the code."""
        return (element("invite", {"code": self.code}),)

    def result(self, iq: Reader) -> Group:
        """The group, with some of its participants."""
        return read_group(iq.child("group"))


@dataclass(frozen=True, slots=True)
class JoinByCode(Iq[JoinResult]):
    """Join the group that an invite code leads to, or ask to be let in."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "set"
    code: str

    @property
    def to(self) -> Jid:
        """`@g.us`."""
        return ALL_GROUPS

    def content(self) -> Iterable[Node]:
        """`<invite>` with the code."""
        return (element("invite", {"code": self.code}),)

    def result(self, iq: Reader) -> JoinResult:
        """The group, joined or not yet."""
        return _joined(iq)


@dataclass(frozen=True, slots=True)
class AcceptInvitation(Iq[JoinResult]):
    """Join by a personal invitation of `inviter`, whose `code` is valid until `expires_at` (unix seconds)."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "set"
    group: Jid
    code: str
    expires_at: int
    inviter: Jid

    @property
    def to(self) -> Jid:
        """The group."""
        return self.group

    def content(self) -> Iterable[Node]:
        """`<accept>`."""
        return (element("accept", {"code": self.code, "expiration": self.expires_at, "admin": self.inviter}),)

    def result(self, iq: Reader) -> JoinResult:
        """The group, joined or not yet."""
        return _joined(iq)


@dataclass(frozen=True, slots=True)
class GetInvitingGroup(Iq[Group]):
    """See where a personal invitation leads."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "get"
    group: Jid
    code: str
    expires_at: int
    inviter: Jid

    @property
    def to(self) -> Jid:
        """The group."""
        return self.group

    def content(self) -> Iterable[Node]:
        """`<query>` with the invitation."""
        invitation: Attrs = {"code": self.code, "expiration": self.expires_at, "admin": self.inviter}
        return (element("query", body=[element("add_request", invitation)]),)

    def result(self, iq: Reader) -> Group:
        """The group, with some of its participants."""
        return read_group(iq.child("group"))


@dataclass(frozen=True, slots=True)
class RevokeInvitations(Iq[tuple[ParticipantResult, ...]]):
    """Take back personal invitations."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "set"
    group: Jid
    people: tuple[Jid, ...]

    @property
    def to(self) -> Jid:
        """The group."""
        return self.group

    def content(self) -> Iterable[Node]:
        """`<revoke>`."""
        return (element("revoke", body=people(self.people)),)

    def result(self, iq: Reader) -> tuple[ParticipantResult, ...]:
        """What became of each, as far as the server says."""
        revoked = iq.optional_child("revoke")
        return read_results(revoked) if revoked else ()


@dataclass(frozen=True, slots=True)
class GetJoinRequests(Iq[tuple[JoinRequest, ...]]):
    """Fetch who asks to be let in."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "get"
    group: Jid

    @property
    def to(self) -> Jid:
        """The group."""
        return self.group

    def content(self) -> Iterable[Node]:
        """`<membership_approval_requests>`."""
        return (element("membership_approval_requests"),)

    def result(self, iq: Reader) -> tuple[JoinRequest, ...]:
        """The requests."""
        listed = iq.optional_child("membership_approval_requests")
        return tuple(map(_request, listed.children("membership_approval_request"))) if listed else ()


@dataclass(frozen=True, slots=True)
class DecideJoinRequests(Iq[tuple[ParticipantResult, ...]]):
    """Let people in, or turn them down."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "set"
    group: Jid
    decision: Decision
    people: tuple[Jid, ...]

    @property
    def to(self) -> Jid:
        """The group."""
        return self.group

    def content(self) -> Iterable[Node]:
        """`<membership_requests_action>`."""
        return (element("membership_requests_action", body=[element(self.decision, body=people(self.people))]),)

    def result(self, iq: Reader) -> tuple[ParticipantResult, ...]:
        """What became of each."""
        return read_results(iq.child("membership_requests_action").child(self.decision))


@dataclass(frozen=True, slots=True)
class CancelJoinRequest(Iq[None]):
    """Take back that one asked to be let in; `me` is the own account."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "set"
    group: Jid
    me: Jid

    @property
    def to(self) -> Jid:
        """The group."""
        return self.group

    def content(self) -> Iterable[Node]:
        """`<cancel_membership_requests>`."""
        return (element("cancel_membership_requests", body=people((self.me,))),)

    def result(self, iq: Reader) -> None:
        """Nothing."""


def _joined(iq: Reader) -> JoinResult:
    group = iq.optional_child("group")
    if group is not None:
        return JoinResult(group=group.jid("jid"))
    return JoinResult(group=iq.child("membership_approval_request").jid("jid"), pending=True)


def _request(request: Reader) -> JoinRequest:
    return JoinRequest(
        participant=read_participant(request),
        method=request.optional_text("request_method") or "",
        requested_at=request.optional_integer("request_time"),
        requestor=request.optional_jid("requestor"),
    )
