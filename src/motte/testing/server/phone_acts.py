"""What the owner of a phone does to messages: react, edit, revoke, make polls and vote in them.

A message is named by its id; the phone must have received or sent it. Votes are encrypted with the poll's secret:

    key  = HKDF-SHA256(secret, info = poll id ‖ its author ‖ voter ‖ "Poll Vote")
    vote = AES-256-GCM(key, iv, SHA-256 of each option, aad = poll id ‖ 0 ‖ voter)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from motte.core.crypto.aead import gcm_encrypt
from motte.core.crypto.kdf import hkdf, sha256
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.proto.message_key_pb2 import MessageKey
from motte.testing.server.accounts import Account, Device
from motte.testing.server.hub import Hub
from motte.testing.server.phone_mail import PhoneMail
from motte.testing.server.reader import Refused

_EDITED: Final = "1"
_REVOKED: Final = "7"
_REVOKED_BY_ADMIN: Final = "8"
_SECRET_SIZE: Final = 32
_IV_SIZE: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """A message that something is done to."""

    id: str
    chat: Jid
    author: Account
    message: Message


class PhoneActs:
    """Acts of one phone; each gives the id of the message that it sends."""

    def __init__(self, hub: Hub, device: Device, mail: PhoneMail) -> None:
        self._hub = hub
        self._account = device.account
        self._mail = mail

    def react(self, message_id: str, emoji: str) -> str:
        """React to a message; an empty emoji takes the reaction back."""
        target = self._target(message_id)
        reaction = Message.ReactionMessage(key=self._key(target), text=emoji, senderTimestampMs=self._hub.now * 1000)
        return self._mail.send_message(target.chat, Message(reactionMessage=reaction), kind="reaction")

    def edit(self, message_id: str, text: str) -> str:
        """Change the text of an own message."""
        target = self._target(message_id)
        protocol = Message.ProtocolMessage(
            key=self._key(target),
            type=Message.ProtocolMessage.MESSAGE_EDIT,
            editedMessage=Message(conversation=text),
            timestampMs=self._hub.now * 1000,
        )
        edited = Message(editedMessage=Message.FutureProofMessage(message=Message(protocolMessage=protocol)))
        return self._mail.send_message(target.chat, edited, edit=_EDITED)

    def revoke(self, message_id: str) -> str:
        """Delete a message for everybody: an own one, or another's as an admin of the group."""
        target = self._target(message_id)
        protocol = Message.ProtocolMessage(key=self._key(target), type=Message.ProtocolMessage.REVOKE)
        edit = _REVOKED if target.author is self._account else _REVOKED_BY_ADMIN
        return self._mail.send_message(target.chat, Message(protocolMessage=protocol), edit=edit)

    def poll(self, to: str | Jid, question: str, options: Iterable[str], *, choices: int = 1) -> str:
        """Ask a question in a chat; `choices` is how many options one may pick, 0 any number."""
        poll = Message.PollCreationMessage(name=question, selectableOptionsCount=choices)
        for option in options:
            poll.options.add(optionName=option)
        message = Message(pollCreationMessageV3=poll) if choices == 1 else Message(pollCreationMessage=poll)
        message.messageContextInfo.messageSecret = self._hub.rng(_SECRET_SIZE)
        return self._mail.send_message(self._mail.chat(to), message, kind="poll")

    def vote(self, poll_id: str, *options: str) -> str:
        """Vote in a poll for options by name; none takes the vote back. `Refused(406)`: no poll with a secret."""
        target = self._target(poll_id)
        secret = target.message.messageContextInfo.messageSecret
        if len(secret) != _SECRET_SIZE:
            raise Refused(406, "the message is no poll that one can vote in")
        like = self._hub.addressing(target.chat) if target.chat.is_group else target.chat
        author, voter = str(target.author.jid(like=like)), str(self._account.jid(like=like))
        key = hkdf(secret, _SECRET_SIZE, info=f"{poll_id}{author}{voter}Poll Vote".encode())
        chosen = Message.PollVoteMessage(selectedOptions=[sha256(option.encode()) for option in options])
        iv = self._hub.rng(_IV_SIZE)
        payload = gcm_encrypt(key, iv, chosen.SerializeToString(), f"{poll_id}\0{voter}".encode())
        vote = Message.PollUpdateMessage(
            pollCreationMessageKey=self._key(target),
            vote=Message.PollEncValue(encPayload=payload, encIv=iv),
            senderTimestampMs=self._hub.now * 1000,
        )
        return self._mail.send_message(target.chat, Message(pollUpdateMessage=vote), kind="poll")

    def _target(self, message_id: str) -> _Target:
        """`Refused(404)` when the phone knows no such message."""
        if sent := self._mail.sent.get(message_id):
            return _Target(id=message_id, chat=sent.chat, author=self._account, message=sent.message)
        for got in self._mail.messages:
            author = self._hub.directory.account(got.sender)
            if got.id == message_id and author is not None:
                return _Target(id=message_id, chat=got.chat, author=author, message=got.message)
        raise Refused(404, f"the phone knows no message {message_id[:40]!r}")

    def _key(self, target: _Target) -> MessageKey:
        """The message's key, as the phone sees it."""
        mine = target.author is self._account
        key = MessageKey(remoteJid=str(target.chat), fromMe=mine, id=target.id)
        if target.chat.is_group and not mine:
            key.participant = str(target.author.jid(like=self._hub.addressing(target.chat)))
        return key
