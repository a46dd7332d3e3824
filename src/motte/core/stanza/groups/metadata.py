"""A group as the server writes it, and asking for it.

<iq to="1203…01@g.us" xmlns="w:g2" type="get"><query request="interactive"/></iq>                         → <group/>
<iq to="@g.us" xmlns="w:g2" type="get"><participating><participants/><description/></participating></iq>
    → <groups><group/>…</groups>
<iq to="@g.us" xmlns="w:g2" type="get"><query><group jid="1203…01@g.us"/>…</query></iq>
    → <groups><group/>… <group id="1203…02" error="403"/> <group id="1203…03" size="900" truncated="true"/></groups>

<group id="120363000000000001" subject="Chess" s_t="1700000000" s_o="100000000000001@lid" creation="1700000000"
       creator="100000000000001@lid" addressing_mode="lid" size="2">
  <participant jid="100000000000001@lid" phone_number="15550100001@s.whatsapp.net" type="superadmin"/>…
  <description id="…" participant="…" t="…"><body>…</body></description>
  <locked/> <announcement/> <ephemeral expiration="86400"/> <member_add_mode>admin_add</member_add_mode>
  <membership_approval_mode><group_join state="on"/></membership_approval_mode>
  <parent/> <default_sub_group/> <linked_parent jid="120363000000000009@g.us"/>
</group>
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.group import Group, GroupDescription, GroupRole, MemberAddMode, Participant
from motte.model.jid import GROUP, Jid
from motte.model.message import Addressing

XMLNS: Final = "w:g2"
ALL_GROUPS: Final = Jid("", GROUP)
"""Whom requests about no group in particular are addressed to."""
MAX_PARTICIPANTS: Final = 10_000
MAX_QUERIED: Final = 10_000
"""Groups that one request may ask for."""
_ROLES: Final = {GroupRole.ADMIN.value: GroupRole.ADMIN, GroupRole.SUPERADMIN.value: GroupRole.SUPERADMIN}
_ADD_MODES: Final = {mode.value: mode for mode in MemberAddMode}


@dataclass(frozen=True, slots=True)
class GetGroup(Iq[Group]):
    """Fetch a group that the account is in."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "get"
    group: Jid

    @property
    def to(self) -> Jid:
        """The group."""
        return self.group

    def content(self) -> Iterable[Node]:
        """`<query>`."""
        return (element("query", {"request": "interactive"}),)

    def result(self, iq: Reader) -> Group:
        """The group."""
        return read_group(iq.child("group"))


@dataclass(frozen=True, slots=True)
class GetGroups(Iq[tuple[Group, ...]]):
    """Fetch all groups that the account is in, in one request."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "get"

    @property
    def to(self) -> Jid:
        """`@g.us`."""
        return ALL_GROUPS

    def content(self) -> Iterable[Node]:
        """`<participating>`, with participants and descriptions."""
        return (element("participating", body=[element("participants"), element("description")]),)

    def result(self, iq: Reader) -> tuple[Group, ...]:
        """The groups; none when the server lists none."""
        groups = iq.optional_child("groups")
        return tuple(read_group(group) for group in groups.children("group")) if groups else ()


@dataclass(frozen=True, slots=True)
class GetSomeGroups(Iq[tuple[tuple[Group, ...], tuple[Jid, ...]]]):
    """Fetch these groups in one request, at most `MAX_QUERIED` of them."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "get"
    groups: tuple[Jid, ...]

    @property
    def to(self) -> Jid:
        """`@g.us`."""
        return ALL_GROUPS

    def content(self) -> Iterable[Node]:
        """`<query>` with all of them."""
        return (element("query", body=[element("group", {"jid": group}) for group in self.groups]),)

    def result(self, iq: Reader) -> tuple[tuple[Group, ...], tuple[Jid, ...]]:
        """Those that the server tells of, and those that are too large for this and have to be asked for alone."""
        answers = [one for one in iq.child("groups").children("group") if one.optional_text("error") is None]
        large = tuple(group_jid(one) for one in answers if one.flag("truncated"))
        return tuple(read_group(one) for one in answers if not one.flag("truncated")), large


def read_group(group: Reader) -> Group:
    """The value of a `<group>`."""
    participants = read_participants(group)
    approval = group.optional_child("membership_approval_mode")
    parent = group.optional_child("linked_parent")
    timer = group.optional_child("ephemeral")
    return Group(
        jid=group_jid(group),
        subject=group.optional_text("subject") or "",
        addressing=Addressing.LID if group.optional_text("addressing_mode") == Addressing.LID else Addressing.PN,
        participants=participants,
        size=group.optional_integer("size") or len(participants),
        subject_author=group.optional_jid("s_o"),
        subject_set_at=group.optional_integer("s_t"),
        creator=group.optional_jid("creator"),
        created_at=group.optional_integer("creation"),
        description=read_description(group.optional_child("description")),
        is_announcement=group.optional_child("announcement") is not None,
        is_locked=group.optional_child("locked") is not None,
        timer=(timer.optional_integer("expiration") or 0) if timer else 0,
        needs_approval=is_on(approval),
        member_add_mode=read_add_mode(group.optional_child("member_add_mode")),
        is_community=group.optional_child("parent") is not None,
        is_default_subgroup=group.optional_child("default_sub_group") is not None,
        community=parent.optional_jid("jid") if parent else None,
    )


def group_jid(group: Reader) -> Jid:
    """The group's JID; the `id` of a `<group>` comes with or without its server."""
    return group.jid("id") if "@" in group.text("id") else Jid(group.text("id"), GROUP)


def read_participants(parent: Reader, tag: str = "participant") -> tuple[Participant, ...]:
    """The people below a node."""
    found = tuple(read_participant(one) for one in parent.children(tag))
    if len(found) > MAX_PARTICIPANTS:
        raise parent.error(f"lists more than {MAX_PARTICIPANTS} participants")
    return found


def read_participant(participant: Reader) -> Participant:
    """The value of a `<participant>`."""
    jid = participant.jid("jid").user_jid
    pn, lid = participant.optional_jid("phone_number"), participant.optional_jid("lid")
    return Participant(
        jid=jid,
        role=_ROLES.get(participant.optional_text("type") or "", GroupRole.MEMBER),
        pn=jid if jid.is_pn else pn,
        lid=jid if jid.is_lid else lid,
    )


def read_description(description: Reader | None) -> GroupDescription | None:
    """The value of a `<description>`; None when there is none, or it tells of a deletion."""
    if description is None or description.flag("delete"):
        return None
    body = description.optional_child("body")
    return GroupDescription(
        id=description.text("id"),
        text=body.string() if body else "",
        author=description.optional_jid("participant"),
        set_at=description.optional_integer("t"),
    )


def is_on(approval: Reader | None) -> bool:
    """Whether a `<membership_approval_mode>` says on."""
    join = approval.optional_child("group_join") if approval else None
    return join is not None and join.optional_text("state") == "on"


def read_add_mode(mode: Reader | None) -> MemberAddMode | None:
    """The value of a `<member_add_mode>`; None for none, and for one that this version does not know."""
    return _ADD_MODES.get(mode.string()) if mode else None
