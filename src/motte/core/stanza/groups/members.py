"""Making a group, leaving it, and who is in it with which role.

<iq to="@g.us" xmlns="w:g2" type="set"><create subject="Chess" key="3EB0…"><participant jid="…"/>…</create></iq>
    → <group/>, with error="403" on those who could not be added
<iq to="@g.us" xmlns="w:g2" type="set"><leave><group id="1203…01@g.us"/></leave></iq>
    → <leave><group id="1203…01@g.us" [error="403"]/></leave>
<iq to="1203…01@g.us" xmlns="w:g2" type="set"><add|remove|promote|demote><participant jid="…"/>…</add></iq>
    → <add><participant jid="…" [error="403"] [type]>[<add_request code="…" expiration="…"/>]</participant>…</add>
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.groups.metadata import ALL_GROUPS, XMLNS, read_group, read_participant
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.errors import ServerError
from motte.model.group import Group, Invitation, ParticipantResult
from motte.model.jid import Jid

Action = Literal["add", "remove", "promote", "demote"]
DONE = 200
MAX_CODE = 99_999


@dataclass(frozen=True, slots=True)
class CreatedGroup:
    """A new group, and what became of each person who was to be in it."""

    group: Group
    results: tuple[ParticipantResult, ...]


@dataclass(frozen=True, slots=True)
class CreateGroup(Iq[CreatedGroup]):
    """Make a group; `key` is a fresh message id, by which the server knows a repeated request."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "set"
    subject: str
    people: tuple[Jid, ...]
    key: str

    @property
    def to(self) -> Jid:
        """`@g.us`."""
        return ALL_GROUPS

    def content(self) -> Iterable[Node]:
        """`<create>`."""
        return (element("create", {"subject": self.subject, "key": self.key}, people(self.people)),)

    def result(self, iq: Reader) -> CreatedGroup:
        """The group without those who could not be added."""
        answer = iq.child("group")
        results = read_results(answer)
        refused = {result.participant.jid for result in results if not result.ok}
        group = read_group(answer)
        joined = tuple(one for one in group.participants if one.jid not in refused)
        return CreatedGroup(replace(group, participants=joined), results)


@dataclass(frozen=True, slots=True)
class LeaveGroup(Iq[None]):
    """Leave a group."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "set"
    group: Jid

    @property
    def to(self) -> Jid:
        """`@g.us`."""
        return ALL_GROUPS

    def content(self) -> Iterable[Node]:
        """`<leave>`."""
        return (element("leave", body=[element("group", {"id": self.group})]),)

    def result(self, iq: Reader) -> None:
        """Nothing; the error of the one group is raised as that of the request."""
        leave = iq.optional_child("leave")
        for group in leave.children("group") if leave else ():
            code = group.optional_integer("error", high=MAX_CODE)
            if code is not None and code != DONE:
                raise ServerError.of(code)


@dataclass(frozen=True, slots=True)
class ChangeParticipants(Iq[tuple[ParticipantResult, ...]]):
    """Add, remove, promote or demote people."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "set"
    group: Jid
    action: Action
    people: tuple[Jid, ...]

    @property
    def to(self) -> Jid:
        """The group."""
        return self.group

    def content(self) -> Iterable[Node]:
        """The action with its people."""
        return (element(self.action, body=people(self.people)),)

    def result(self, iq: Reader) -> tuple[ParticipantResult, ...]:
        """What became of each."""
        return read_results(iq.child(self.action))


def people(jids: Iterable[Jid]) -> list[Node]:
    """A `<participant>` for each."""
    return [element("participant", {"jid": jid}) for jid in jids]


def read_results(parent: Reader) -> tuple[ParticipantResult, ...]:
    """What a node says of each `<participant>` below it."""
    return tuple(_result(one) for one in parent.children("participant"))


def _result(participant: Reader) -> ParticipantResult:
    asked = participant.optional_child("add_request")
    invitation = Invitation(code=asked.text("code"), expires_at=asked.integer("expiration")) if asked else None
    code = participant.optional_integer("error", high=MAX_CODE)
    return ParticipantResult(
        participant=read_participant(participant), code=DONE if code is None else code, invitation=invitation
    )
