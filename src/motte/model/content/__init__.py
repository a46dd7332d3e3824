"""What a message can say, one module per domain. The same values are sent and received."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from motte.model.content.action import Comment, Edit, Keep, Pin, Reaction, Revoke, Unpin
from motte.model.content.business import (
    ButtonReply,
    Buttons,
    Interactive,
    InteractiveReply,
    List,
    ListReply,
    Order,
    Product,
    Template,
)
from motte.model.content.context import InContext, Quoted
from motte.model.content.encrypted import Encrypted
from motte.model.content.event import Event, EventResponse
from motte.model.content.media import Album, Audio, Document, Image, Sticker, StickerPack, Video, VideoNote, VoiceNote
from motte.model.content.people import (
    Contact,
    Contacts,
    GroupInvite,
    NewsletterInvite,
    RequestPhoneNumber,
    SharePhoneNumber,
)
from motte.model.content.place import LiveLocation, Location
from motte.model.content.poll import Poll, PollResults, PollVote
from motte.model.content.setting import DisappearingTimer, LimitSharing, MemberLabel
from motte.model.content.text import Text


@dataclass(frozen=True, slots=True)
class UnsupportedContent:
    """A kind of content that this version does not read; `kind` is its name in the schema, `imageMessage` and so on."""

    kind: str


Media: TypeAlias = Image | Video | VideoNote | Audio | VoiceNote | Document | Sticker | StickerPack
"""What has a `file`."""
Said: TypeAlias = (
    Text
    | Media
    | Album
    | Contact
    | Contacts
    | GroupInvite
    | NewsletterInvite
    | RequestPhoneNumber
    | Location
    | LiveLocation
    | Poll
    | PollResults
    | Event
    | Product
    | Order
    | Buttons
    | ButtonReply
    | List
    | ListReply
    | Interactive
    | InteractiveReply
    | Template
)
"""What is shown as a message of its own."""
Done: TypeAlias = Reaction | Edit | Revoke | Pin | Unpin | Keep | Comment | PollVote | EventResponse | Encrypted
"""What is done to another message."""
Setting: TypeAlias = DisappearingTimer | LimitSharing | MemberLabel | SharePhoneNumber
"""What is set in the chat, and not said."""
Content: TypeAlias = Said | Done | Setting | UnsupportedContent

__all__ = [
    "Album",
    "Audio",
    "ButtonReply",
    "Buttons",
    "Comment",
    "Contact",
    "Contacts",
    "Content",
    "DisappearingTimer",
    "Document",
    "Done",
    "Edit",
    "Encrypted",
    "Event",
    "EventResponse",
    "GroupInvite",
    "Image",
    "InContext",
    "Interactive",
    "InteractiveReply",
    "Keep",
    "LimitSharing",
    "List",
    "ListReply",
    "LiveLocation",
    "Location",
    "Media",
    "MemberLabel",
    "NewsletterInvite",
    "Order",
    "Pin",
    "Poll",
    "PollResults",
    "PollVote",
    "Product",
    "Quoted",
    "Reaction",
    "RequestPhoneNumber",
    "Revoke",
    "Said",
    "Setting",
    "SharePhoneNumber",
    "Sticker",
    "StickerPack",
    "Template",
    "Text",
    "Unpin",
    "UnsupportedContent",
    "Video",
    "VideoNote",
    "VoiceNote",
]
