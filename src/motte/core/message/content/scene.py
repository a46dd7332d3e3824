"""What builders and readers of content are given beside the content itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from motte.core.crypto.rng import Rng
from motte.core.message.content.fields import jid, text
from motte.core.message.secrets import Sealing
from motte.errors import LocalProtocolError
from motte.model.content import Content
from motte.model.content.encrypted import SecretUse
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.proto.e2e_pb2 import Message, MessageAssociation, MessageContextInfo
from motte.proto.message_key_pb2 import MessageKey as WireKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """For what, when and how content is built.

    `nested` builds content inside content: the table that knows all kinds is above the modules that need it here.
    """

    chat: Jid
    now: float
    rng: Rng
    nested: Callable[[Content, Scene], Message]
    sealing: Sealing | None = field(default=None, repr=False)

    @property
    def now_ms(self) -> int:
        """The time in milliseconds."""
        return int(self.now * 1000)

    def seal(self, plaintext: bytes, use: SecretUse, target: MessageKey) -> tuple[bytes, bytes]:
        """The ciphertext and its IV, under the secret of `target`.

        Raises:
            LocalProtocolError: the secret was not given.
        """
        if self.sealing is None:
            raise LocalProtocolError(f"this is sealed ({use}) with the secret of its message, which is not known")
        return self.sealing.seal(plaintext, use, target.id, self.rng)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """From where content is read: the `key` of the message around it, and who `me` is.

    A key inside a message is written as its sender sees it: `fromMe` means the sender, and the chat of a direct message
    is its other side. `context` stands beside the content; `view_once` is what the wrappers say.
    """

    key: MessageKey
    me: Me
    nested: Callable[[Message, Viewpoint], Content | None]
    context: MessageContextInfo | None = None
    view_once: bool = False
    quoting: bool = True

    @property
    def album(self) -> MessageKey | None:
        """The album that the message belongs to."""
        if self.context is None or not self.context.HasField("messageAssociation"):
            return None
        association = self.context.messageAssociation
        if association.associationType != MessageAssociation.MEDIA_ALBUM or not association.HasField(
            "parentMessageKey"
        ):
            return None
        return self.target(association.parentMessageKey)

    def quoted(self, message: Message) -> Content | None:
        """The content of a quoted message, which is read without what it quotes itself."""
        return self.nested(message, replace(self, quoting=False, context=None, view_once=False))

    def target(self, wire: WireKey) -> MessageKey:
        """The message that a key inside this one names, seen from here.

        The chat is this message's, whatever the key says, except that a status may be named from anywhere. Whether the
        sender may do to it what the message asks for is for the receiver to check.
        """
        named = jid(wire.remoteJid)
        chat = named if named is not None and named.is_status else self.key.chat
        sender = self._author(wire, chat).user_jid
        return MessageKey(chat=chat, id=text(wire.id), sender=sender, from_me=self.me.owns(sender))

    def _author(self, wire: WireKey, chat: Jid) -> Jid:
        if wire.fromMe:
            return self.key.sender
        participant = jid(wire.participant)
        if not chat.is_user:
            return participant or self.key.sender
        return chat if self.key.from_me else self.me.facing(chat)


Builder: TypeAlias = Callable[[Any, Scene], Message]
"""Makes a Message of one kind of content."""
Reader: TypeAlias = Callable[[Message, Viewpoint], Content | None]
"""Reads content from a Message in which its field is set; None when there is nothing to show for it."""


def wire_key(key: MessageKey) -> WireKey:
    """A key as it is sent: seen from here, with the author where a chat has many."""
    foreign = not key.from_me and not key.chat.is_user
    return WireKey(
        remoteJid=str(key.chat),
        fromMe=key.from_me,
        id=key.id,
        participant=str(key.sender.user_jid) if foreign else None,
    )
