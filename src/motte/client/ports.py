"""What the features need of the engine, and no more. The client puts the real parts behind these."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from motte.core.appstate.collections import Collection
from motte.core.appstate.mutation import Mutation
from motte.core.binary.node import Node
from motte.core.media.kinds import MediaKind
from motte.core.message.secrets import Sealing
from motte.core.stanza.iq import Iq
from motte.errors import MotteError
from motte.events.base import Event
from motte.events.history import HistoryMessage, HistoryPage
from motte.events.pairing import PairingCode
from motte.model.appstate import Action, MessageRange
from motte.model.chat import Chat
from motte.model.content import Content
from motte.model.content.media import RemoteFile, Source
from motte.model.device import DeviceList
from motte.model.group import Group
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.model.picture import PictureSource
from motte.model.presence import Availability
from motte.model.progress import Progress
from motte.model.receipt import Receipt, ReceiptKind
from motte.model.status import StatusPrivacy
from motte.proto.e2e_pb2 import Message

T = TypeVar("T")


class Clock(Protocol):
    """The time of day."""

    def now(self) -> float:
        """Unix seconds."""
        ...


class Requests(Protocol):
    """The connection."""

    def send(self, node: Node) -> None:
        """Queue a stanza."""
        ...

    async def request(self, iq: Iq[T], *, timeout: float | None = None) -> T:
        """The answer to a request."""
        ...


class Account(Protocol):
    """Who we are."""

    @property
    def me(self) -> Me:
        """Our addresses. Raises `NotLoggedIn`."""
        ...


class AcceptedMessage(Protocol):
    """What the server took."""

    @property
    def id(self) -> str:
        """The message's id."""
        ...

    @property
    def chat(self) -> Jid:
        """Where it went."""
        ...

    @property
    def timestamp(self) -> int:
        """The server's time, unix seconds."""
        ...

    @property
    def sender(self) -> Jid:
        """Who we are in that chat: a person's own JID, by PN or LID as the chat does."""
        ...


class Sending(Protocol):
    """The outbox."""

    def new_id(self) -> str:
        """A fresh message id."""
        ...

    async def send(
        self, chat: Jid, message: Message, *, message_id: str, audience: Iterable[Jid] | None = None
    ) -> AcceptedMessage:
        """Send and wait for the ack; `audience` is for a status."""
        ...


class Audiences(Protocol):
    """Who sees the account's status."""

    async def of(self, message_id: str) -> tuple[Jid, ...] | None:
        """For whom an own status was, as long as that is kept."""
        ...

    async def privacy(self) -> StatusPrivacy:
        """What the account has set."""
        ...


class Tracking(Protocol):
    """Receipts of sent messages."""

    async def wait(self, message_id: str, kind: ReceiptKind, by: Jid | None = None, *, own: bool = False) -> Receipt:
        """The first receipt that proves `kind`, of anybody or of one person; of an `own` device if it was for them."""
        ...

    def so_far(self, message_id: str, kind: ReceiptKind, *, own: bool = False) -> Mapping[Jid, Receipt]:
        """Who has proved `kind` until now."""
        ...


class KnownGroups(Protocol):
    """What is known of groups."""

    async def metadata(self, group: Jid, *, fresh: bool = False) -> Group:
        """A group, from the cache or from the server."""
        ...

    async def some(self, groups: Iterable[Jid], *, fresh: bool = False) -> Mapping[Jid, Group]:
        """Those of these groups that the account may see."""
        ...

    async def all(self) -> Sequence[Group]:
        """Every group that the account is in, from the server."""
        ...

    async def keep(self, group: Group) -> None:
        """This is how a group is now."""
        ...

    def forget(self, group: Jid) -> None:
        """Ask again next time."""
        ...


class MessageIds(Protocol):
    """Fresh message ids."""

    def new_id(self) -> str:
        """One of them. Raises `NotLoggedIn`."""
        ...


class Transfers(Protocol):
    """Files, up and down."""

    async def upload(
        self,
        kind: MediaKind,
        source: Source,
        *,
        mime: Callable[[bytes], str] | None = None,
        newsletter: bool = False,
        progress: Progress | None = None,
    ) -> RemoteFile:
        """Upload a source; `mime` tells the type by the first bytes."""
        ...

    async def download(
        self,
        file: RemoteFile,
        kind: MediaKind,
        *,
        to: Path | None = None,
        key: MessageKey | None = None,
        progress: Progress | None = None,
    ) -> Path | bytes:
        """Download a file to a path or into memory."""
        ...

    async def load(self, url: str) -> bytes:
        """What the media servers serve under a URL."""
        ...

    async def read(self, file: RemoteFile, kind: MediaKind, start: int, stop: int) -> bytes:
        """A part of a file."""
        ...


class Preparing(Protocol):
    """Uploads what contents hold."""

    async def prepared(self, content: Content, *, chat: Jid, progress: Progress | None = None) -> Content:
        """The content with every source uploaded."""
        ...


class Acting(Protocol):
    """What is kept for acting on messages."""

    async def sealing(self, target: MessageKey) -> Sealing:
        """The secret of a message. Raises `LocalProtocolError` when it is not known."""
        ...

    async def results(self, poll: MessageKey) -> dict[str, tuple[Jid, ...]] | None:
        """Who chose each option of a poll; None when it is not known."""
        ...

    async def timer(self, chat: Jid) -> int | None:
        """The seconds after which new messages of a direct chat disappear, when they do."""
        ...


class Syncing(Protocol):
    """The account's state."""

    async def sync(self) -> Mapping[Collection, MotteError]:
        """Bring all collections up to date; gives what went wrong."""
        ...

    async def push(self, changes: Sequence[tuple[Collection, Mutation]]) -> None:
        """Set and remove records; returns when the server has them."""
        ...


class Entry(Protocol):
    """An entry of the account's state."""

    @property
    def action(self) -> Action:
        """What is set."""
        ...


class Entries(Protocol):
    """The entries of the account's state that are kept."""

    async def get(self, index: Sequence[str]) -> Entry | None:
        """The entry of an index."""
        ...

    async def all(self, name: str, *about: str) -> Sequence[Entry]:
        """All entries of an action, or those about something."""
        ...


class Chatting(Protocol):
    """What is known of chats."""

    async def get(self, chat: Jid) -> Chat | None:
        """A chat, if anything is known of it."""
        ...

    async def all(self) -> list[Chat]:
        """All of them."""
        ...

    async def range(self, chat: Jid) -> MessageRange:
        """Up to where a chat is known."""
        ...

    async def was_read(self, chat: Jid) -> None:
        """A chat was read."""
        ...


class Demanding(Protocol):
    """Older messages, of the phone."""

    async def fetch(
        self, chat: Jid, *, before: MessageKey | None, timestamp: int | None, count: int, timeout: float
    ) -> HistoryPage:
        """The messages of a chat before one of them, which was sent at `timestamp` (unix seconds)."""
        ...

    async def resend(self, key: MessageKey, *, timeout: float) -> HistoryMessage:
        """One message."""
        ...


class Linking(Protocol):
    """Pairing."""

    async def request_code(self, phone: Jid, code: str | None = None) -> PairingCode:
        """A pairing code for a phone."""
        ...

    async def submit_passkey(self, assertion: str | bytes | Mapping[str, Any]) -> None:
        """The answer to a passkey challenge."""
        ...

    async def confirm_passkey(self) -> None:
        """The phone shows the same code."""
        ...

    def decline_passkey(self) -> None:
        """No answer to a passkey challenge."""
        ...


class Announcing(Protocol):
    """The own presence."""

    def announce(self, availability: Availability) -> bool:
        """Tell the server; False when the account has no name yet."""
        ...


class Tokens(Protocol):
    """Privacy tokens."""

    async def shown_to(self, user: Jid, *, dated: bool = False) -> Node | None:
        """What to show a person who restricts who may reach them, when there is something."""
        ...

    async def for_picture(self, user: Jid) -> Node | None:
        """What to show them when asking for their picture."""
        ...


class DeviceLists(Protocol):
    """Devices of people."""

    async def of(self, users: Iterable[Jid], *, fresh: bool = False) -> Sequence[DeviceList]:
        """The lists of these users."""
        ...


class Mappings(Protocol):
    """PN and LID of people."""

    async def lid_of(self, pn: Jid) -> Jid | None:
        """The LID of a phone number, as far as it is known."""
        ...

    async def pn_of(self, lid: Jid) -> Jid | None:
        """The phone number of a LID, as far as it is known."""
        ...


class Portrait(Protocol):
    """Makes the JPEG that is shown of a picture."""

    async def __call__(self, source: PictureSource) -> bytes:
        """It. Raises `OSError`, `LocalProtocolError`."""
        ...


Handler = Callable[[Any], Awaitable[None] | None]
ErrorHandler = Callable[[Event, Exception], Awaitable[None] | None]
