"""Every kind of content: by its type how it is built, by its field how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motte.core.message.content import action, business, event, media, media_read, people, place, poll, setting, text
from motte.core.message.content.fields import merged
from motte.core.message.content.scene import Builder, Reader

BUILDERS: Final[Mapping[type, Builder]] = merged(
    text.BUILDERS,
    media.BUILDERS,
    people.BUILDERS,
    place.BUILDERS,
    poll.BUILDERS,
    event.BUILDERS,
    action.BUILDERS,
    business.BUILDERS,
    setting.BUILDERS,
)
READERS: Final[Mapping[str, Reader]] = merged(
    text.READERS,
    media_read.READERS,
    people.READERS,
    place.READERS,
    poll.READERS,
    event.READERS,
    action.READERS,
    business.READERS,
    setting.READERS,
)
