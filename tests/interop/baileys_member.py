"""`BaileysMember`: somebody in groups who uses real Baileys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from motte.testing import LocalServer
from tests.interop.member import PEOPLE, Heard, Member, Picture
from tests.interop.peer import BaileysPeer

_FIELDS: Final = {
    "description": "desc",
    "announcement": "announce",
    "locked": "restrict",
    "approval": "joinApprovalMode",
    "all_add": "memberAddMode",
}
"""What Baileys calls those settings that it has other names for."""


class BaileysMember(Member):
    """Somebody on real Baileys."""

    def __init__(self, server: LocalServer, name: str, mode: str, peer: BaileysPeer) -> None:
        super().__init__(server, name, mode)
        self.peer = peer

    async def create(self, subject: str, others: Sequence[Member]) -> str:
        made = await self.peer.call("groupCreate", subject, [one.jid for one in others])
        return str(made["id"])

    async def comes(self, group: str) -> None:
        await self.peer.event("groups.upsert", lambda found: found[0]["id"] == group)

    async def say(self, group: str, text: str, answering: Heard | None = None) -> str:
        extra = {"quoted": answering.raw} if answering else {}
        return str((await self.peer.send(group, {"text": text}, **extra))["id"])

    async def hears(self, group: str, text: str, by: Member) -> Heard:
        got = await self.peer.message(lambda message: message["text"] == text and message["key"]["remoteJid"] == group)
        assert got["key"]["participant"] == by.jid
        assert got["key"]["participantAlt"] == by.other
        assert got["pushName"] == by.name
        context = (got["message"].get("extendedTextMessage") or {}).get("contextInfo") or {}
        return Heard(id=got["key"]["id"], quoted=_quoted(context), raw=got)

    def heard(self, group: str) -> list[str]:
        messages = [one for batch in self.peer.seen("messages.upsert") for one in batch["messages"]]
        of_others = [one for one in messages if one["key"]["remoteJid"] == group and not one["key"]["fromMe"]]
        return [one["text"] for one in of_others if one["text"]]

    async def read(self, group: str, got: Heard, by: Member) -> None:
        await self.peer.read({"remoteJid": group, "id": got.id, "participant": by.jid, "fromMe": False})

    async def knows(self, group: str, message_id: str, by: Member, *, read: bool) -> None:
        field = "readTimestamp" if read else "receiptTimestamp"
        await self.peer.until(
            lambda: any(one["userJid"] == by.jid and one.get(field) for one in self._receipts(group, message_id))
        )

    def _receipts(self, group: str, message_id: str) -> list[Any]:
        """Told by themselves, or within the message, when that was still held back."""
        updates = [one for batch in self.peer.seen("message-receipt.update") for one in batch]
        messages = [one for batch in self.peer.seen("messages.upsert") for one in batch["messages"]]
        of_message = {"id": message_id, "remoteJid": group}.items()
        alone = [one["receipt"] for one in updates if one["key"].items() >= of_message]
        within = [one.get("userReceipt") or [] for one in messages if one["key"].items() >= of_message]
        return [*alone, *(receipt for receipts in within for receipt in receipts)]

    async def change(self, group: str, action: str, *people: Member) -> list[int]:
        answers = await self.peer.call("groupParticipantsUpdate", group, [one.jid for one in people], action)
        return [int(one["status"]) for one in answers]

    async def adjust(self, group: str, kind: str, value: Any) -> None:
        calls = {
            "subject": ("groupUpdateSubject", value),
            "description": ("groupUpdateDescription", value),
            "announcement": ("groupSettingUpdate", "announcement" if value else "not_announcement"),
            "locked": ("groupSettingUpdate", "locked" if value else "unlocked"),
            "timer": ("groupToggleEphemeral", value),
            "approval": ("groupJoinApprovalMode", "on" if value else "off"),
            "all_add": ("groupMemberAddMode", "all_member_add" if value else "admin_add"),
        }
        name, argument = calls[kind]
        await self.peer.call(name, group, argument)

    async def told(self, group: str, kind: str, value: Any, by: Member) -> None:
        if kind in PEOPLE:
            await self._told_of_people(group, kind, value, by)
        elif kind == "timer":
            got = await self.peer.message(
                lambda message: message["key"]["remoteJid"] == group and bool(_timer(message))
            )
            assert _timer(got) == (value,)
        else:
            field = _FIELDS.get(kind, kind)
            news = await self.peer.event("groups.update", lambda found: found[0]["id"] == group and field in found[0])
            assert (news[0][field], news[0]["author"]) == (value, by.jid)

    async def _told_of_people(self, group: str, kind: str, value: set[str], by: Member) -> None:
        update = await self.peer.event(
            "group-participants.update", lambda update: (update["id"], update["action"]) == (group, kind)
        )
        assert {one["id"] for one in update["participants"]} == value
        assert update["author"] == by.jid

    async def picture(self, group: str) -> Picture:
        found = await self.peer.call("groupMetadata", group)
        other = "phoneNumber" if found["addressingMode"] == "lid" else "lid"
        return Picture(
            subject=found["subject"],
            subject_author=found.get("subjectOwner"),
            created_at=found["creation"],
            creator=found.get("owner"),
            description=found.get("desc"),
            described_by=found.get("descOwner"),
            addressing=found["addressingMode"],
            size=found["size"],
            roles={one["id"]: one["admin"] or "member" for one in found["participants"]},
            others={one["id"]: one[other] for one in found["participants"]},
            announcement=found["announce"],
            locked=found["restrict"],
            timer=found.get("ephemeralDuration") or 0,
            approval=found["joinApprovalMode"],
            all_add=found["memberAddMode"],
        )

    async def groups(self) -> set[str]:
        return set(await self.peer.call("groupFetchAllParticipating"))

    async def invite_code(self, group: str) -> str:
        return str(await self.peer.call("groupInviteCode", group))

    async def join(self, code: str) -> str:
        return str(await self.peer.call("groupAcceptInvite", code))

    async def leave(self, group: str) -> None:
        await self.peer.call("groupLeave", group)

    async def forget_keys(self, group: str) -> None:
        assert await self.peer.call("forgetKeys", "sender-key", group)

    async def forget_sessions(self, other: Member) -> None:
        assert await self.peer.forget_sessions(f"{other.account.lid.user}_1")

    async def goes_offline(self) -> None:
        await self.peer.close()
        await self.peer.closed()

    async def comes_back(self) -> None:
        await self.peer.reconnect()
        await self.peer.open()


def _quoted(context: Mapping[str, Any]) -> tuple[str, str, str] | None:
    if not (quoted := context.get("quotedMessage")):
        return None
    text = quoted.get("conversation") or quoted["extendedTextMessage"]["text"]
    return context["stanzaId"], context["participant"], text


def _timer(message: Mapping[str, Any]) -> tuple[int] | None:
    protocol = (message.get("message") or {}).get("protocolMessage") or {}
    return (protocol["ephemeralExpiration"],) if "ephemeralExpiration" in protocol else None
