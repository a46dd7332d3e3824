"""`client.profile`: what others see of the account."""

from __future__ import annotations

from motte.client.features.pictures import Pictures
from motte.client.features.state import State
from motte.client.ports import Account, Requests
from motte.client.ports_people import Known
from motte.core.stanza.status import SetAbout
from motte.model.appstate import PushName
from motte.model.picture import Picture, PictureSource


class Profile:
    """The own name, picture and about text.

    Every method asks the server, and raises what that brings: `Disconnected`, `RequestTimeout`, a `ServerError`.
    """

    def __init__(self, *, wire: Requests, account: Account, people: Known, pictures: Pictures, state: State) -> None:
        self._wire, self._account, self._people = wire, account, people
        self._pictures, self._state = pictures, state

    async def set_name(self, name: str) -> None:
        """Go by another name, which the people that we write to see. Raises what `State.set` does."""
        await self._state.set(PushName(name=name))

    async def picture(self, *, full: bool = True, known: Picture | None = None) -> Picture | None:
        """The own picture, in full size or small; None when there is none.

        Give the one that you have as `known`: it is given back when it is still right.
        """
        return await self._pictures.get(None, full=full, known=known)

    async def set_picture(self, picture: PictureSource) -> str:
        """Show another picture, a path or bytes; gives its id.

        With the `media` extra any picture is cropped to a square of 640 pixels; without it a JPEG is sent as it is.

        Raises:
            OSError: the file cannot be read.
            LocalProtocolError: it is no picture, it is too large, or without the extra no JPEG.
        """
        return await self._pictures.set(None, picture)

    async def remove_picture(self) -> None:
        """Show no picture."""
        await self._pictures.remove(None)

    async def about(self) -> str:
        """The own about text; empty when there is none."""
        return next((one.text for one in await self._people.abouts([self._account.me.pn])), "")

    async def set_about(self, text: str) -> None:
        """Show another about text. `NotAcceptable`: it is too long."""
        await self._wire.request(SetAbout(text))
