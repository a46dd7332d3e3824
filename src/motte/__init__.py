"""motte: the multi-device client of WhatsApp Web in typed Python.

    from motte import Client, events

    async with Client("bot.db") as client:
        await client.connect()
        await client.messages.send("+1 555 010 0001", "hello")

A name is loaded when it is first asked for (PEP 562), so that a program which needs an error or a JID does not load the
schema, the crypto libraries and asyncio with it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from motte import errors, events
    from motte.client.client import Client
    from motte.client.conversation import Conversation
    from motte.client.features.messages import SentMessage
    from motte.client.filters import F, Filter
    from motte.client.router import Router
    from motte.core.media.kinds import MediaKind
    from motte.core.session.payload import ClientInfo, ClientVersion
    from motte.core.session.timers import Timing
    from motte.errors import MotteError
    from motte.model.content import (
        Album,
        Audio,
        Comment,
        Contact,
        Contacts,
        Document,
        Edit,
        EventResponse,
        GroupInvite,
        Image,
        Keep,
        LiveLocation,
        Location,
        Pin,
        Poll,
        PollVote,
        Reaction,
        Revoke,
        Sticker,
        StickerPack,
        Unpin,
        Video,
        VideoNote,
        VoiceNote,
    )
    from motte.model.content.media import RemoteFile, UrlSource
    from motte.model.content.text import LinkPreview
    from motte.model.disconnect import Cause, DisconnectInfo, DisconnectReason, NextAction, Policy
    from motte.model.group import Group, GroupRole, MemberAddMode, Participant
    from motte.model.jid import Jid
    from motte.model.message import Message, MessageKey, Origin, Text
    from motte.model.picture import Picture
    from motte.model.presence import Activity
    from motte.model.privacy import PrivacyCategory, PrivacyValue
    from motte.model.status import StatusPost, StatusPrivacy, StatusRule
    from motte.model.user import User
    from motte.runtime.config import Config, HistoryOptions, LinkPreviews
    from motte.runtime.outbound.pacing import Pacing
    from motte.runtime.reconnect import BackOff

__all__ = [
    "Activity",
    "Album",
    "Audio",
    "BackOff",
    "Cause",
    "Client",
    "ClientInfo",
    "ClientVersion",
    "Comment",
    "Config",
    "Contact",
    "Contacts",
    "Conversation",
    "DisconnectInfo",
    "DisconnectReason",
    "Document",
    "Edit",
    "EventResponse",
    "F",
    "Filter",
    "Group",
    "GroupInvite",
    "GroupRole",
    "HistoryOptions",
    "Image",
    "Jid",
    "Keep",
    "LinkPreview",
    "LinkPreviews",
    "LiveLocation",
    "Location",
    "MediaKind",
    "MemberAddMode",
    "Message",
    "MessageKey",
    "MotteError",
    "NextAction",
    "Origin",
    "Pacing",
    "Participant",
    "Picture",
    "Pin",
    "Policy",
    "Poll",
    "PollVote",
    "PrivacyCategory",
    "PrivacyValue",
    "Reaction",
    "RemoteFile",
    "Revoke",
    "Router",
    "SentMessage",
    "StatusPost",
    "StatusPrivacy",
    "StatusRule",
    "Sticker",
    "StickerPack",
    "Text",
    "Timing",
    "Unpin",
    "UrlSource",
    "User",
    "Video",
    "VideoNote",
    "VoiceNote",
    "errors",
    "events",
]
__version__ = "0.1.0"

_HOMES: Final = {
    "motte.client.client": ("Client",),
    "motte.client.conversation": ("Conversation",),
    "motte.client.features.messages": ("SentMessage",),
    "motte.client.filters": ("F", "Filter"),
    "motte.client.router": ("Router",),
    "motte.core.media.kinds": ("MediaKind",),
    "motte.core.session.payload": ("ClientInfo", "ClientVersion"),
    "motte.core.session.timers": ("Timing",),
    "motte.errors": ("MotteError", "errors"),
    "motte.events": ("events",),
    "motte.model.content": (
        "Album",
        "Audio",
        "Comment",
        "Contact",
        "Contacts",
        "Document",
        "Edit",
        "EventResponse",
        "GroupInvite",
        "Image",
        "Keep",
        "LiveLocation",
        "Location",
        "Pin",
        "Poll",
        "PollVote",
        "Reaction",
        "Revoke",
        "Sticker",
        "StickerPack",
        "Unpin",
        "Video",
        "VideoNote",
        "VoiceNote",
    ),
    "motte.model.content.media": ("RemoteFile", "UrlSource"),
    "motte.model.content.text": ("LinkPreview",),
    "motte.model.disconnect": ("Cause", "DisconnectInfo", "DisconnectReason", "NextAction", "Policy"),
    "motte.model.group": ("Group", "GroupRole", "MemberAddMode", "Participant"),
    "motte.model.jid": ("Jid",),
    "motte.model.message": ("Message", "MessageKey", "Origin", "Text"),
    "motte.model.picture": ("Picture",),
    "motte.model.presence": ("Activity",),
    "motte.model.privacy": ("PrivacyCategory", "PrivacyValue"),
    "motte.model.status": ("StatusPost", "StatusPrivacy", "StatusRule"),
    "motte.model.user": ("User",),
    "motte.runtime.config": ("Config", "HistoryOptions", "LinkPreviews"),
    "motte.runtime.outbound.pacing": ("Pacing",),
    "motte.runtime.reconnect": ("BackOff",),
}
"""The imports above once more, for the moment when they are needed. A test compares this with `__all__`."""
_HOME: Final = {name: home for home, names in _HOMES.items() for name in names}

if not TYPE_CHECKING:  # A type checker must not take every name for one that exists.

    def __getattr__(name: str) -> Any:
        """Load a public name at its first use."""
        if name not in _HOME:
            raise AttributeError(f"module 'motte' has no attribute {name!r}")
        module = import_module(_HOME[name])
        value = module if module.__name__ == f"motte.{name}" else getattr(module, name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """Every public name, loaded or not."""
    return sorted({*globals(), *__all__})
