"""`client.status`: post to the status list.

Others' posts come as `MessageReceived` whose chat is `status@broadcast`; a reply to one goes to its author.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from motte.client.features.messages import Messages, SentMessage, Target, address
from motte.client.features.state import State
from motte.client.ports import Audiences
from motte.model.appstate import StatusAudience
from motte.model.appstate import StatusPrivacy as Entry
from motte.model.jid import STATUS_JID, Jid
from motte.model.message import Content, Text
from motte.model.progress import Progress
from motte.model.status import StatusPost, StatusPrivacy, StatusRule

_AUDIENCE: Final = {
    StatusRule.CONTACTS: StatusAudience.CONTACTS,
    StatusRule.EXCEPT: StatusAudience.DENY_LIST,
    StatusRule.ONLY: StatusAudience.ALLOW_LIST,
}


class Status:
    """The own status."""

    def __init__(self, *, messages: Messages, audiences: Audiences, state: State) -> None:
        self._messages, self._audiences, self._state = messages, audiences, state

    async def post(
        self, content: Content | str, *, audience: Iterable[Jid | str] | None = None, progress: Progress | None = None
    ) -> SentMessage:
        """Post a text (with colours and a font, if you like), a picture, a video, a voice note.

        Its `delivered` and `read` wait for the first person, or for the one that you name.

        Args:
            content: what to post.
            audience: the people who see it. Without one it is for whom the account's privacy names: its saved contacts
                as far as they are known here, those except some, or some alone.
            progress: as in `client.messages.send`.

        Raises:
            LocalProtocolError: nobody would see it.
            MotteError: as `client.messages.send` does.
        """
        people = None if audience is None else tuple(address(one) for one in audience)
        said = Text(text=content) if isinstance(content, str) else content
        return await self._messages.send(STATUS_JID, StatusPost(content=said, audience=people), progress=progress)

    async def revoke(self, target: Target) -> SentMessage:
        """Delete an own post, for those who saw it.

        Raises:
            LocalProtocolError: it is not an own post, or so old that it is not known for whom it was.
            MotteError: as `client.messages.send` does.
        """
        return await self._messages.revoke(target)

    async def privacy(self) -> StatusPrivacy:
        """Who sees what is posted without naming an audience.

        Raises:
            Disconnected, RequestTimeout, ServerError: the server did not answer.
        """
        return await self._audiences.privacy()

    async def set_privacy(self, rule: StatusRule, people: Iterable[Jid | str] = ()) -> None:
        """Have other people see what is posted without naming an audience, on all devices of the account.

        Args:
            rule: all saved contacts, those except `people`, or `people` alone.
            people: whom the rule leaves out, or names.

        Raises:
            MotteError: what `State.set` raises.
        """
        users = tuple(address(one).user_jid for one in people)
        await self._state.set(Entry(audience=_AUDIENCE[rule], users=users))
