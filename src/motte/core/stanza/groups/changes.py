"""What the server tells of a group; one notification may hold several changes, and all of them count.

<notification type="w:gp2" from="1203…01@g.us" participant="100000000000001@lid"
              participant_pn="15550100001@s.whatsapp.net" addressing_mode="lid" id="…" t="…">
  <create [reason="invite"]><group/></create>
  <add [reason="invite"]><participant jid="…"/>…</add>  <remove>, <promote>, <demote>, <leave> likewise
  <modify><participant jid="new address"/></modify>
  <subject subject="Chess" s_t="…" s_o="…"/>
  <description id="…"><body>…</body></description>   or   <description delete="true"/>
  <announcement/> <not_announcement/> <locked/> <unlocked/>
  <ephemeral expiration="86400"/> <not_ephemeral/>  <member_add_mode>…</member_add_mode>  <membership_approval_mode/>
  <invite code="…"/> <delete/> <suspended/> <unsuspended/>
  <growth_locked type="invite" expiration="…"/> <growth_unlocked/>
  <link link_type="parent_group|sub_group|sibling_group"><group jid="…@g.us" subject="…"/></link>
  <unlink unlink_type="…" unlink_reason="unlink_group"><group/></unlink>
  <created_membership_requests request_method="…"><requested_user jid="…"/>…</created_membership_requests>
  <revoked_membership_requests><participant jid="…"/>…</revoked_membership_requests>
</notification>
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from motte.core.stanza.groups.metadata import (
    is_on,
    read_add_mode,
    read_description,
    read_group,
    read_participant,
    read_participants,
)
from motte.core.stanza.header import Header
from motte.core.stanza.reader import Reader
from motte.core.stanza.table import Table
from motte.model import group_change as news
from motte.model.group import JoinRequest
from motte.model.group_change import GroupChange
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupNotification:
    """All changes that one notification tells of, in order, and who made them."""

    header: Header
    group: Jid
    changes: tuple[GroupChange, ...]
    by: Jid | None = None
    by_alt: Jid | None = None

    @classmethod
    def read(cls, notification: Reader, header: Header) -> GroupNotification:
        """The value of the notification."""
        by = header.participant
        return cls(
            header=header,
            group=header.source,
            changes=tuple(_change(part, header) for part in notification.children()),
            by=by,
            by_alt=notification.optional_jid("participant_pn" if by and by.is_lid else "participant_lid"),
        )


def _change(part: Reader, header: Header) -> GroupChange:
    parser = _BY_TAG.get(part.tag)
    return parser(part, header) if parser else news.OtherChange(part.tag)


def _created(part: Reader, header: Header) -> GroupChange:
    return news.Created(read_group(part.child("group")), part.optional_text("reason"))


def _modified(part: Reader, header: Header) -> GroupChange:
    participant = part.optional_child("participant")
    return news.ParticipantNumberChanged(header.participant, participant.jid("jid") if participant else None)


def _subject(part: Reader, header: Header) -> GroupChange:
    return news.SubjectChanged(
        part.optional_text("subject") or "", part.optional_jid("s_o"), part.optional_integer("s_t")
    )


def _requested(part: Reader, header: Header) -> GroupChange:
    method = part.optional_text("request_method") or ""
    requests = (
        JoinRequest(
            participant=read_participant(user), method=method, requested_at=header.t, requestor=header.participant
        )
        for user in part.children("requested_user")
    )
    return news.JoinRequested(tuple(requests))


def _linked(part: Reader, header: Header) -> GroupChange:
    other = part.optional_child("group")
    return news.LinkChanged(
        linked=part.tag == "link",
        kind=part.optional_text(f"{part.tag}_type") or "",
        other=other.optional_jid("jid") if other else None,
        subject=other.optional_text("subject") if other else None,
        reason=part.optional_text("unlink_reason"),
    )


def _growth_locked(part: Reader, header: Header) -> GroupChange:
    return news.GrowthLockChanged(True, part.optional_text("type"), part.optional_integer("expiration"))


_Parser: TypeAlias = Callable[[Reader, Header], GroupChange]
_BY_TAG: Final[Table[_Parser]] = Table(
    ("create", _created),
    ("add", lambda part, header: news.ParticipantsAdded(read_participants(part), part.optional_text("reason"))),
    ("remove", lambda part, header: news.ParticipantsRemoved(read_participants(part))),
    ("leave", lambda part, header: news.ParticipantsRemoved(read_participants(part))),
    ("promote", lambda part, header: news.ParticipantsPromoted(read_participants(part))),
    ("demote", lambda part, header: news.ParticipantsDemoted(read_participants(part))),
    ("modify", _modified),
    ("subject", _subject),
    ("description", lambda part, header: news.DescriptionChanged(read_description(part))),
    ("announcement", lambda part, header: news.AnnouncementChanged(True)),
    ("not_announcement", lambda part, header: news.AnnouncementChanged(False)),
    ("locked", lambda part, header: news.LockChanged(True)),
    ("unlocked", lambda part, header: news.LockChanged(False)),
    ("ephemeral", lambda part, header: news.TimerChanged(part.integer("expiration"))),
    ("not_ephemeral", lambda part, header: news.TimerChanged(0)),
    ("member_add_mode", lambda part, header: news.MemberAddModeChanged(read_add_mode(part))),
    ("membership_approval_mode", lambda part, header: news.ApprovalModeChanged(is_on(part))),
    ("invite", lambda part, header: news.InviteLinkChanged(part.optional_text("code"))),
    ("created_membership_requests", _requested),
    ("revoked_membership_requests", lambda part, header: news.JoinRequestsRevoked(read_participants(part))),
    ("growth_locked", _growth_locked),
    ("growth_unlocked", lambda part, header: news.GrowthLockChanged(False)),
    ("link", _linked),
    ("unlink", _linked),
    ("suspended", lambda part, header: news.SuspensionChanged(True)),
    ("unsuspended", lambda part, header: news.SuspensionChanged(False)),
    ("delete", lambda part, header: news.Deleted(part.optional_text("reason"))),
)
