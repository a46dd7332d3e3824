"""`client.settings`: settings that the account's devices have in common."""

from __future__ import annotations

from typing import Final, TypeAlias, TypeVar

from motte.client.features.state import State
from motte.client.ports import Entries
from motte.core.appstate import actions
from motte.model.appstate import (
    Action,
    ChannelRecommendations,
    ChatLockSettings,
    DisableLinkPreviews,
    Locale,
    NotificationActivity,
    RelayAllCalls,
    StatusMute,
    StatusPrivacy,
    TimeFormat,
    UnarchiveChats,
)
from motte.model.jid import Jid

Setting: TypeAlias = (
    UnarchiveChats
    | Locale
    | TimeFormat
    | DisableLinkPreviews
    | RelayAllCalls
    | NotificationActivity
    | StatusPrivacy
    | ChannelRecommendations
    | ChatLockSettings
)
S = TypeVar("S", bound=Action)
_NAME_OF: Final = {row.kind: row.name for row in actions.ROWS}


class Settings:
    """Settings, each a value of `motte.model.appstate`.

    await client.settings.get(UnarchiveChats)
    await client.settings.set(UnarchiveChats(unarchive=True))
    """

    def __init__(self, *, state: State, entries: Entries) -> None:
        self._state, self._entries = state, entries

    async def get(self, kind: type[S]) -> S | None:
        """How a setting is; None when no device has set it, as far as this one knows."""
        entry = await self._entries.get((_NAME_OF[kind],))
        return entry.action if entry is not None and isinstance(entry.action, kind) else None

    async def set(self, setting: Setting) -> None:
        """Change a setting. Raises what `State.set` does."""
        await self._state.set(setting)

    async def mute_status(self, user: Jid, muted: bool = True) -> None:
        """Hide the status posts of a person, or show them again. Raises what `State.set` does."""
        await self._state.set(StatusMute(user=user.user_jid, muted=muted))
