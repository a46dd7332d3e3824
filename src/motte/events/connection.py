"""The life of the connection: connecting, open, lost."""

from __future__ import annotations

from dataclasses import dataclass

from motte.events.base import Event
from motte.model.disconnect import Cause, DisconnectInfo, DisconnectReason, NextAction
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting(Event):
    """An attempt to connect begins; `attempt` counts from 1 since the start or the last login."""

    url: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(Event):
    """The server accepted the login: requests and messages flow from here on.

    `jid` is this device by phone number, `lid` by LID when the server named one.
    """

    jid: Jid
    lid: Jid | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(Event):
    """What a client owes the server after a login is done: it is active and has supplied its prekeys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected(Event):
    """The connection ended, or an attempt failed.

    `info` has everything about why. `action` is what the client does next, `delay` in how many seconds it does it
    (None: it does nothing more), `attempt` how many attempts in a row have failed.
    """

    info: DisconnectInfo
    action: NextAction
    delay: float | None
    attempt: int

    @property
    def code(self) -> int:
        """The number: one of `DisconnectReason`, or another that the server sent."""
        return self.info.code

    @property
    def reason(self) -> DisconnectReason | None:
        """The named reason; None when the code has no name."""
        return self.info.reason

    @property
    def cause(self) -> Cause:
        """What exactly happened."""
        return self.info.cause

    @property
    def text(self) -> str:
        """One sentence for people."""
        return self.info.text

    @property
    def raw(self) -> str:
        """The stanza that ended the connection, as XML; empty when there was none."""
        return self.info.raw

    @property
    def will_reconnect(self) -> bool:
        """Whether another attempt follows by itself."""
        return self.delay is not None
