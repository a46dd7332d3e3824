"""Stickers and emojis."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from motte.model.appstate.action import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class StickerFile:
    """A sticker on the media servers."""

    direct_path: str = ""
    url: str = ""
    media_key: bytes | None = field(default=None, repr=False)
    enc_sha256: bytes | None = field(default=None, repr=False)
    mime_type: str = ""
    size: int | None = None
    width: int | None = None
    height: int | None = None
    favorite: bool | None = None
    device: int | None = None
    lottie: bool | None = None
    image_hash: str = ""
    avatar: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FavoriteSticker(Action):
    """A sticker is a favourite if `sticker.favorite`. `hash` is that of its file, base64."""

    hash: str
    sticker: StickerFile


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRecentSticker(Action):
    """A sticker is no longer among the recent ones; `last_sent` in the unit of the phone that wrote it."""

    hash: str
    last_sent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmojiWeight:
    """How much an emoji is used."""

    emoji: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentEmojis(Action):
    """The emojis that are used most."""

    weights: tuple[EmojiWeight, ...]


class AvatarChange(IntEnum):
    """What happened to the account's avatar."""

    UPDATED = 0
    CREATED = 1
    DELETED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AvatarUpdated(Action):
    """The account's avatar changed, and the recent stickers of it."""

    change: AvatarChange | None
    stickers: tuple[StickerFile, ...] = ()
