"""People, groups and history, on every database."""

from __future__ import annotations

from motte.archive import Archive
from motte.errors import ItemNotFound
from motte.events.connection import Connected
from motte.events.group import GroupChanged
from motte.model.appstate import ContactEntry, ContactRemoved, LidContact
from motte.model.content.poll import option_hash
from motte.model.group import Group, GroupDescription, GroupRole, Participant
from motte.model.group_change import (
    Created,
    Deleted,
    DescriptionChanged,
    ParticipantsAdded,
    ParticipantsDemoted,
    ParticipantsPromoted,
    ParticipantsRemoved,
    SubjectChanged,
)
from motte.model.history import HistoryContact, PastMember
from motte.model.message import Addressing
from motte.proto.e2e_pb2 import KEEP_FOR_ALL
from motte.proto.message_key_pb2 import MessageKey as WireKey
from motte.proto.web_message_pb2 import KeepInChat, PollUpdate, Reaction, UserReceipt, WebMessageInfo
from tests.unit.archive.happenings import (
    BEN,
    BEN_LID,
    CHESS,
    CLEO,
    NOON,
    OWN,
    OWN_LID,
    POLL,
    Teller,
    history,
    key,
    received,
    remembered,
    state,
)


async def test_people_are_called_what_the_account_calls_them(archive: Archive, client: Teller) -> None:
    await client.tell(received("A", "hello", push_name="benny"))
    assert [one.name for one in await archive.contacts()] == ["benny"]
    await client.tell(
        state(ContactEntry(user=BEN, full_name="Ben Miller", first_name="Ben", lid=BEN_LID)),
        received("B", "older", NOON - 5, push_name="b."),
        history(contacts=[HistoryContact(jid=BEN, name="Someone", push_name="x", verified_name="Ben & Co")]),
    )
    contact = await archive.contact(BEN_LID)
    assert contact is not None
    assert (contact.jid, contact.name, contact.push_name) == (BEN, "Ben Miller", "benny")
    assert (contact.first_name, contact.verified_name) == ("Ben", "Ben & Co")
    chat = await archive.chat(BEN)
    assert chat is not None and chat.name == "Ben Miller"
    await client.tell(
        state(ContactEntry(user=BEN, full_name="Too late"), NOON - 1), state(ContactRemoved(user=BEN), NOON + 1)
    )
    contact = await archive.contact(BEN)
    assert contact is not None and contact.saved_name is None


async def test_contacts_are_found_by_name_and_number(archive: Archive, client: Teller) -> None:
    await client.tell(
        state(ContactEntry(user=BEN, full_name="Ben Miller")),
        state(LidContact(user=BEN_LID, full_name="Zoë")),
        received(key("A", chat=CLEO), "hi", push_name="Cleo"),
    )
    assert [one.name for one in await archive.contacts()] == ["Ben Miller", "Cleo", "Zoë"]
    assert [one.name for one in await archive.contacts(saved=True)] == ["Ben Miller", "Zoë"]
    assert [one.name for one in await archive.contacts("mill")] == ["Ben Miller"]
    assert [one.name for one in await archive.contacts("0100003")] == ["Cleo"]
    assert [one.name for one in await archive.contacts(limit=1, offset=1)] == ["Cleo"]


def chess(*participants: Participant, subject: str = "Chess") -> Group:
    return Group(
        jid=CHESS, subject=subject, addressing=Addressing.LID, participants=participants, size=len(participants)
    )


BEN_IN_IT = Participant(jid=BEN_LID, pn=BEN, lid=BEN_LID)
ME_IN_IT = Participant(jid=OWN_LID, role=GroupRole.SUPERADMIN, pn=OWN, lid=OWN_LID)
CLEO_IN_IT = Participant(jid=CLEO)


async def test_groups_follow_their_changes(archive: Archive, client: Teller) -> None:
    def news(change: object, at: int = NOON) -> GroupChanged:
        return GroupChanged(group=CHESS, change=change, timestamp=at)  # type: ignore[arg-type]

    await client.tell(
        news(Created(chess(ME_IN_IT, BEN_IN_IT))),
        news(ParticipantsAdded((CLEO_IN_IT,))),
        news(ParticipantsPromoted((CLEO_IN_IT,))),
        news(SubjectChanged(subject="Chess on Mondays")),
        news(DescriptionChanged(GroupDescription(id="1", text="Bring a clock."))),
        news(ParticipantsRemoved((BEN_IN_IT,)), NOON + 5),
    )
    group = await archive.group(CHESS)
    assert group is not None
    assert (group.subject, group.description, group.gone) == ("Chess on Mondays", "Bring a clock.", False)
    assert [(one.jid, one.role) for one in group.members] == [(OWN, GroupRole.SUPERADMIN), (CLEO, GroupRole.ADMIN)]
    assert [(one.jid, one.left_at) for one in group.past_members] == [(BEN, NOON + 5)]
    await client.tell(
        news(ParticipantsDemoted((CLEO_IN_IT,))),
        news(ParticipantsAdded((BEN_IN_IT,))),
        history(past_members=[PastMember(group=CHESS, user=BEN, left_at=1, removed=True)]),
        news(Deleted()),
    )
    (group,) = await archive.groups()
    assert {one.jid: one.role for one in group.members}[CLEO] is GroupRole.MEMBER
    assert (len(group.members), group.past_members, group.gone) == (3, (), True)


async def test_a_group_that_was_not_told_of_is_asked_for(archive: Archive, client: Teller) -> None:
    await client.tell(received(key("A", chat=CHESS, sender=BEN), "hello"))  # it cannot be had, and nothing is lost
    assert [one.text for one in await archive.messages(CHESS)] == ["hello"]
    client.people.known[CHESS] = chess(ME_IN_IT, BEN_IN_IT)
    await client.tell(Connected(jid=OWN, lid=OWN_LID))
    chat = await archive.chat(CHESS)
    assert chat is not None and chat.name == "Chess"
    client.people.known[CHESS] = chess(ME_IN_IT, subject="Go")
    await client.tell(Connected(jid=OWN, lid=OWN_LID))
    (group,) = await archive.groups()
    assert (group.subject, [one.jid for one in group.members]) == ("Go", [OWN])


async def test_groups_that_cannot_be_had_stop_nothing(archive: Archive, client: Teller) -> None:
    async def refuse() -> list[Group]:
        raise ItemNotFound(404, "item-not-found")

    client.people.all = refuse  # type: ignore[method-assign]
    await client.tell(Connected(jid=OWN, lid=OWN_LID), received("A", "hello"))
    assert len(await archive.messages(BEN)) == 1


async def test_history_brings_what_others_did_to_its_messages(archive: Archive, client: Teller) -> None:
    mine, poll, gone = key("A", from_me=True), key("P", from_me=True), key("D")
    by_ben, by_me = WireKey(remoteJid=str(BEN), fromMe=False), WireKey(remoteJid=str(BEN), fromMe=True)
    vote = PollUpdate(pollUpdateMessageKey=by_ben, senderTimestampMs=5)
    vote.vote.selectedOptions.append(option_hash("soup"))
    part = history(
        remembered(gone, "", NOON + 3, messageStubType=WebMessageInfo.REVOKE, revokeMessageTimestamp=NOON + 9),
        remembered(poll, POLL, NOON + 2, pollUpdates=[vote]),
        remembered(
            mine,
            "hello",
            NOON,
            starred=True,
            userReceipt=[UserReceipt(userJid=str(BEN), receiptTimestamp=NOON + 1, readTimestamp=NOON + 2)],
            reactions=[
                Reaction(key=by_ben, text="👍", senderTimestampMs=1),
                Reaction(key=by_me, text="❤️", senderTimestampMs=2),
            ],
            keepInChat=KeepInChat(keepType=KEEP_FOR_ALL, serverTimestamp=NOON),
        ),
    )
    await client.tell(part, part)
    deleted, asked, said = await archive.messages(BEN)
    assert (said.text, said.starred, said.kept) == ("hello", True, True)
    assert (deleted.key.id, deleted.revoked_at, deleted.content) == ("D", NOON + 9, None)
    assert [(one.person, one.emoji) for one in await archive.reactions(mine)] == [(BEN, "👍"), (OWN, "❤️")]
    (reached,) = await archive.receipts(mine)
    assert (reached.delivered_at, reached.read_at) == (NOON + 1, NOON + 2)
    found = await archive.poll(asked.key)
    assert found is not None and found.results["soup"] == (BEN,)


async def test_a_long_history_keeps_the_order_of_messages_within_a_second(archive: Archive, client: Teller) -> None:
    newest_first = [remembered(key(f"M{n:04}"), f"text {n}", NOON + n // 10) for n in reversed(range(1_200))]
    await client.tell(history(*newest_first[:600]), history(*newest_first[600:]))
    seen: list[str] = []
    last = None
    while page := await archive.messages(BEN, before=last, limit=100):
        seen += [one.key.id for one in page]
        last = page[-1]
    assert len(seen) == len(set(seen)) == 1_200
    assert seen == [f"M{n:04}" for n in reversed(range(1_200))]
