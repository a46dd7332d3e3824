"""Pictures, for `client.profile`, `client.contacts` and `client.groups`."""

from __future__ import annotations

from motte.client.ports import Account, Portrait, Requests, Tokens
from motte.core.stanza.pictures import GetPicture, RemovePicture, SetPicture
from motte.errors import ItemNotFound
from motte.model.jid import Jid
from motte.model.picture import Picture, PictureSource


class Pictures:
    """Asks for, sets and removes pictures."""

    def __init__(self, *, wire: Requests, account: Account, trusted: Tokens, portrait: Portrait) -> None:
        self._wire, self._account, self._trusted, self._portrait = wire, account, trusted, portrait

    async def get(self, owner: Jid | None, *, full: bool, known: Picture | None) -> Picture | None:
        """The picture of a person or a group, None: our own; the same object as `known` when that is still right."""
        owner = owner or self._account.me.pn
        token = await self._trusted.for_picture(owner) if owner.is_user else None
        same_size = known if known is not None and known.is_full == full else None
        request = GetPicture(owner=owner, full=full, known=same_size.id if same_size else None, token=token)
        try:
            return await self._wire.request(request) or same_size
        except ItemNotFound:
            return None

    async def set(self, group: Jid | None, source: PictureSource) -> str:
        """Set a group's picture, or our own; gives its id."""
        return await self._wire.request(SetPicture(await self._portrait(source), group))

    async def remove(self, group: Jid | None) -> None:
        """Take a group's picture away, or our own."""
        await self._wire.request(RemovePicture(group))
