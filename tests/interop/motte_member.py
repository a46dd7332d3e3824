"""`MotteMember`: somebody in groups who uses motte."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from motte import Jid, Text, events
from motte.model import group_change as news
from motte.model.group import Group, MemberAddMode
from motte.model.receipt import ReceiptKind
from motte.testing import LocalServer
from tests.interop.member import Heard, Member, Picture
from tests.interop.motte_peer import MottePeer

_NEWS: Final[dict[str, type]] = {
    "add": news.ParticipantsAdded,
    "remove": news.ParticipantsRemoved,
    "promote": news.ParticipantsPromoted,
    "demote": news.ParticipantsDemoted,
    "subject": news.SubjectChanged,
    "description": news.DescriptionChanged,
    "announcement": news.AnnouncementChanged,
    "locked": news.LockChanged,
    "timer": news.TimerChanged,
    "approval": news.ApprovalModeChanged,
    "all_add": news.MemberAddModeChanged,
}


class MotteMember(Member):
    """Somebody on motte."""

    def __init__(self, server: LocalServer, name: str, mode: str, peer: MottePeer) -> None:
        super().__init__(server, name, mode)
        self.peer = peer

    async def create(self, subject: str, others: Sequence[Member]) -> str:
        created = await self.peer.client.groups.create(subject, [one.jid for one in others])
        assert all(result.ok for result in created.results)
        return str(created.group.jid)

    async def comes(self, group: str) -> None:
        await self._news(group, news.Created)

    async def say(self, group: str, text: str, answering: Heard | None = None) -> str:
        if answering is not None:
            return (await self.peer.client.messages.reply(answering.raw, text)).key.id
        sent = await self.peer.client.messages.send(group, text)
        assert (str(sent.key.chat), str(sent.key.sender)) == (group, self.jid)
        return sent.key.id

    async def hears(self, group: str, text: str, by: Member) -> Heard:
        got = await self.peer.event(
            events.MessageReceived, lambda event: event.text == text and str(event.chat) == group
        )
        key, content = got.message.key, got.message.content
        assert (str(key.sender), str(got.message.sender_alt), key.from_me) == (by.jid, by.other, False)
        assert got.message.push_name == by.name
        quoted = content.quoted if isinstance(content, Text) else None
        if quoted is None:
            return Heard(id=key.id, quoted=None, raw=got)
        assert isinstance(quoted.content, Text)
        return Heard(id=key.id, quoted=(quoted.id, str(quoted.sender), quoted.content.text), raw=got)

    def heard(self, group: str) -> list[str]:
        return [one.text for one in self.peer.seen(events.MessageReceived) if str(one.chat) == group and one.text]

    async def read(self, group: str, got: Heard, by: Member) -> None:
        await got.raw.mark_read()

    async def knows(self, group: str, message_id: str, by: Member, *, read: bool) -> None:
        kinds = {ReceiptKind.READ} if read else {ReceiptKind.DELIVERED, ReceiptKind.INACTIVE}

        def fits(event: events.ReceiptReceived) -> bool:
            one = event.receipt
            return (
                str(one.chat) == group
                and message_id in one.ids
                and str(one.sender.user_jid) == by.jid
                and one.kind in kinds
            )

        await self.peer.event(events.ReceiptReceived, fits)

    async def change(self, group: str, action: str, *people: Member) -> list[int]:
        groups = self.peer.client.groups
        actions = {"add": groups.add, "remove": groups.remove, "promote": groups.promote, "demote": groups.demote}
        return [result.code for result in await actions[action](group, *(one.jid for one in people))]

    async def adjust(self, group: str, kind: str, value: Any) -> None:
        groups = self.peer.client.groups
        calls: dict[str, Callable[[str, Any], Awaitable[None]]] = {
            "all_add": lambda group, on: groups.set_member_add_mode(group, _add_mode(on)),
            "subject": groups.set_subject,
            "description": groups.set_description,
            "announcement": groups.set_announcement,
            "locked": groups.set_locked,
            "timer": groups.set_timer,
            "approval": groups.set_approval,
        }
        await calls[kind](group, value)

    async def told(self, group: str, kind: str, value: Any, by: Member) -> None:
        event = await self._news(group, _NEWS[kind])
        assert (str(event.by), str(event.by_alt)) == (by.jid, by.other)
        assert _value(event.change) == value

    async def _news(self, group: str, kind: type) -> events.GroupChanged:
        return await self.peer.event(
            events.GroupChanged, lambda event: str(event.group) == group and isinstance(event.change, kind)
        )

    async def picture(self, group: str) -> Picture:
        known = await self.peer.client.groups.get(group)
        fresh = await self.peer.client.groups.get(group, fresh=True)
        assert known == fresh  # what news and answers made of it is how it is
        return _picture(fresh)

    async def groups(self) -> set[str]:
        return {str(group.jid) for group in await self.peer.client.groups.all()}

    async def invite_code(self, group: str) -> str:
        return (await self.peer.client.groups.invite_link(group)).rpartition("/")[2]

    async def join(self, code: str) -> str:
        return str((await self.peer.client.groups.join(code)).group)

    async def leave(self, group: str) -> None:
        await self.peer.client.groups.leave(group)

    async def forget_keys(self, group: str) -> None:
        await self.peer.forget_sender_keys(group)

    async def forget_sessions(self, other: Member) -> None:
        assert await self.peer.forget_sessions(other.account.lid)

    async def goes_offline(self) -> None:
        await self.peer.client.disconnect()

    async def comes_back(self) -> None:
        await self.peer.client.connect()


def _add_mode(everybody: bool) -> MemberAddMode:
    return MemberAddMode.EVERYBODY if everybody else MemberAddMode.ADMINS


def _value(change: news.GroupChange) -> object:
    """What `told` compares: people as JIDs, settings as they were set."""
    match change:
        case (
            news.ParticipantsAdded(participants=people)
            | news.ParticipantsRemoved(participants=people)
            | news.ParticipantsPromoted(participants=people)
            | news.ParticipantsDemoted(participants=people)
        ):
            return {str(one.jid) for one in people}
        case news.SubjectChanged(subject=subject):
            return subject
        case news.DescriptionChanged(description=description):
            return description and description.text
        case news.TimerChanged(seconds=seconds):
            return seconds
        case news.MemberAddModeChanged(mode=mode):
            return mode is MemberAddMode.EVERYBODY
        case (
            news.AnnouncementChanged(enabled=enabled)
            | news.LockChanged(enabled=enabled)
            | news.ApprovalModeChanged(enabled=enabled)
        ):
            return enabled
    raise AssertionError(f"no value for {change}")


def _picture(group: Group) -> Picture:
    about = group.description
    return Picture(
        subject=group.subject,
        subject_author=_text(group.subject_author),
        created_at=group.created_at or 0,
        creator=_text(group.creator),
        description=about.text if about else None,
        described_by=_text(about.author) if about else None,
        addressing=group.addressing.value,
        size=group.size,
        roles={str(one.jid): one.role.value for one in group.participants},
        others={str(one.jid): str(one.pn if one.jid.is_lid else one.lid) for one in group.participants},
        announcement=group.is_announcement,
        locked=group.is_locked,
        timer=group.timer,
        approval=group.needs_approval,
        all_add=group.member_add_mode is MemberAddMode.EVERYBODY,
    )


def _text(jid: Jid | None) -> str | None:
    return None if jid is None else str(jid)
