"""What the owner of a phone does to chats, contacts, labels and the own name: each is a patch of the app state."""

from __future__ import annotations

from motte.model.jid import Jid
from motte.proto.sync_action_pb2 import SyncActionValue
from motte.testing.server.accounts import Account
from motte.testing.server.hub import Hub
from motte.testing.server.phone_mail import PhoneMail
from motte.testing.server.phone_state import PhoneState
from motte.testing.server.reader import Refused

Who = str | Jid
"""A name, a number, a JID; also of a group."""


class PhoneChats:
    """The chats of one phone. Chats are named by LID in the app state, contacts by phone number."""

    def __init__(self, hub: Hub, account: Account, mail: PhoneMail, state: PhoneState) -> None:
        self._hub = hub
        self._account = account
        self._mail = mail
        self._state = state

    def mute(self, chat: Who, *, until: int | None = None) -> None:
        """Mute a chat until then (unix seconds), or for good; 0 ends it."""
        end = -1 if until is None else until * 1000
        action = SyncActionValue.MuteAction(muted=bool(end), muteEndTimestamp=end)
        self._state.set(("mute", self._chat(chat)), SyncActionValue(muteAction=action))

    def pin(self, chat: Who, pinned: bool = True) -> None:
        """Pin a chat, or no more."""
        action = SyncActionValue.PinAction(pinned=pinned)
        self._state.set(("pin_v1", self._chat(chat)), SyncActionValue(pinAction=action))

    def archive(self, chat: Who, archived: bool = True) -> None:
        """Archive a chat, or no more."""
        action = SyncActionValue.ArchiveChatAction(archived=archived, messageRange=self._range())
        self._state.set(("archive", self._chat(chat)), SyncActionValue(archiveChatAction=action))

    def read(self, chat: Who, read: bool = True) -> None:
        """Mark a chat as read or unread."""
        action = SyncActionValue.MarkChatAsReadAction(read=read, messageRange=self._range())
        self._state.set(("markChatAsRead", self._chat(chat)), SyncActionValue(markChatAsReadAction=action))

    def star(self, message_id: str, starred: bool = True) -> None:
        """Star a message that the phone received or sent. `Refused(404)`: it knows none with this id."""
        index = ("star", *self._message(message_id))
        self._state.set(index, SyncActionValue(starAction=SyncActionValue.StarAction(starred=starred)))

    def delete_for_me(self, message_id: str) -> None:
        """Delete a message for the own account, likewise."""
        action = SyncActionValue.DeleteMessageForMeAction(deleteMedia=False, messageTimestamp=self._hub.now)
        index = ("deleteMessageForMe", *self._message(message_id))
        self._state.set(index, SyncActionValue(deleteMessageForMeAction=action))

    def clear(self, chat: Who) -> None:
        """Delete the messages of a chat."""
        action = SyncActionValue.ClearChatAction(messageRange=self._range())
        self._state.set(("clearChat", self._chat(chat), "1", "0"), SyncActionValue(clearChatAction=action))

    def delete(self, chat: Who) -> None:
        """Delete a chat."""
        action = SyncActionValue.DeleteChatAction(messageRange=self._range())
        self._state.set(("deleteChat", self._chat(chat), "1"), SyncActionValue(deleteChatAction=action))

    def lock(self, chat: Who, locked: bool = True) -> None:
        """Lock a chat, or no more."""
        action = SyncActionValue.LockChatAction(locked=locked)
        self._state.set(("lock", self._chat(chat)), SyncActionValue(lockChatAction=action))

    def contact(self, who: str, full_name: str, *, first_name: str = "") -> None:
        """Save a contact; without a name, remove it."""
        account = self._hub.account(who)
        index = ("contact", str(account.pn))
        if not full_name:
            self._state.remove(index)
            return
        action = SyncActionValue.ContactAction(
            fullName=full_name, firstName=first_name or full_name.split()[0], lidJid=str(account.lid)
        )
        self._state.set(index, SyncActionValue(contactAction=action))

    def label(self, label_id: str, name: str, *, color: int = 0, deleted: bool = False) -> None:
        """Make, change or delete a label."""
        action = SyncActionValue.LabelEditAction(name=name, color=color, deleted=deleted)
        self._state.set(("label_edit", label_id), SyncActionValue(labelEditAction=action))

    def label_chat(self, label_id: str, chat: Who, labeled: bool = True) -> None:
        """Put a label on a chat, or take it off."""
        action = SyncActionValue.LabelAssociationAction(labeled=labeled)
        self._state.set(("label_jid", label_id, self._chat(chat)), SyncActionValue(labelAssociationAction=action))

    def push_name(self, name: str) -> None:
        """Change the name that the account shows."""
        action = SyncActionValue.PushNameSetting(name=name)
        self._state.set(("setting_pushName",), SyncActionValue(pushNameSetting=action))

    def _chat(self, chat: Who) -> str:
        return str(self._mail.chat(chat))

    def _range(self) -> SyncActionValue.SyncActionMessageRange:
        return SyncActionValue.SyncActionMessageRange(lastMessageTimestamp=self._hub.now)

    def _message(self, message_id: str) -> tuple[str, str, str, str]:
        """How an index names a message: chat, id, whether it is the own account's, who wrote it in a group."""
        if sent := self._mail.sent.get(message_id):
            return str(sent.chat), message_id, "1", "0"
        for got in self._mail.messages:
            if got.id == message_id:
                mine = self._hub.directory.account(got.sender) is self._account
                author = str(got.sender.user_jid) if got.chat.is_group and not mine else "0"
                return str(got.chat), message_id, str(int(mine)), author
        raise Refused(404, f"the phone knows no message {message_id[:40]!r}")
