"""When to connect again, and whether at all.

The policy (`model.disconnect`) names the action; this adds the time. Back-off is exponential with a cap and full
jitter: a delay is drawn evenly from nothing to the ceiling, so that a thousand clients that lost one server do not come
back in one second. A connection that held for a minute forgets the failures before it.

Two guards against running in circles: a server that keeps asking for an immediate restart is obeyed `MAX_AT_ONCE`
times, then backed off from; a refreshed version that is refused as well ends it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from motte.core.crypto.rng import Rng
from motte.model.disconnect import Cause, DisconnectInfo, NextAction, Policy
from motte.runtime.clock import Clock

MAX_AT_ONCE: Final = 3
"""Immediate reconnects in a row that are granted before back-off sets in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOff:
    """Ceilings of the delay in seconds: `first`, then `factor` times more each time, never above `most`."""

    first: float = 1.0
    factor: float = 2.0
    most: float = 120.0

    def ceiling(self, attempt: int) -> float:
        """The longest delay before attempt number `attempt` (from 1)."""
        # 64 doublings are beyond every cap; without the bound a large power would overflow.
        return min(self.most, self.first * self.factor ** min(attempt - 1, 64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What happens after a disconnect: `delay` seconds from now the next attempt, or none (None).

    `attempt` is how many ends in a row there were without a connection that held.
    """

    action: NextAction
    delay: float | None
    attempt: int

    @property
    def refresh_version(self) -> bool:
        """Whether the client version is to be looked up before the next attempt."""
        return self.action is NextAction.REFRESH_VERSION


class Reconnector:
    """Decides after each disconnect. Pure: time and dice are arguments.

    Args:
        rng: random bytes for the jitter.
        policy: the table of actions.
        back_off: how delays grow.
        stable_after: seconds of being logged in after which earlier failures are forgotten.
    """

    def __init__(
        self, *, rng: Rng, policy: Policy | None = None, back_off: BackOff | None = None, stable_after: float = 60.0
    ) -> None:
        self._rng = rng
        self._policy = policy or Policy()
        self._back_off = back_off or BackOff()
        self._stable_after = stable_after
        self._opened: float | None = None
        self._halted = False
        self._forget()

    def opened(self, now: float) -> None:
        """The server accepted a login at `now` (monotonic seconds)."""
        self._opened = now

    def halt(self) -> None:
        """The user wants no further attempt, whatever the policy says."""
        self._halted = True

    def after(self, info: DisconnectInfo, now: float) -> Plan:
        """The plan after a disconnect at `now` (monotonic seconds)."""
        if self._opened is not None and now - self._opened >= self._stable_after:
            self._forget()
        self._opened = None
        self._attempt += 1
        action = self._granted(self._policy.action(info))
        if info.cause is Cause.RESTART_AFTER_PAIRING:
            self._forget()  # the one end that means that all went well
        return Plan(action=action, delay=self._delay(action, info), attempt=self._attempt)

    def refresh_failed(self) -> float:
        """The version could not be looked up: it counts as not tried. How long to wait before the next attempt."""
        self._refreshed = False
        return self._jittered()

    def _forget(self) -> None:
        self._attempt = 0
        self._at_once = 0
        self._refreshed = False

    def _granted(self, wanted: NextAction) -> NextAction:
        if self._halted:
            return NextAction.RELINK if wanted is NextAction.RELINK else NextAction.STOP
        if wanted is NextAction.RECONNECT_NOW:
            self._at_once += 1
            return wanted if self._at_once <= MAX_AT_ONCE else NextAction.BACK_OFF
        if wanted is NextAction.REFRESH_VERSION:
            refused_again, self._refreshed = self._refreshed, True
            return NextAction.STOP if refused_again else wanted
        return wanted

    def _delay(self, action: NextAction, info: DisconnectInfo) -> float | None:
        if action in (NextAction.STOP, NextAction.RELINK):
            return None
        if action is NextAction.BACK_OFF:
            return max(info.retry_after or 0.0, self._jittered())
        return 0.0

    def _jittered(self) -> float:
        jitter = int.from_bytes(self._rng(4), "big") / 2**32
        return jitter * self._back_off.ceiling(self._attempt)


async def keep_connected(
    attempt: Callable[[], Awaitable[DisconnectInfo]],
    planned: Callable[[DisconnectInfo, Plan], Awaitable[object]],
    reconnector: Reconnector,
    clock: Clock,
) -> DisconnectInfo:
    """Connect again and again until the plan says stop; gives the last end. One loop, so never two attempts at once.

    `attempt` connects, lives and returns how it ended. `planned` hears each end with its plan, before the delay; it
    tells the user and, if the plan asks for it, refreshes the version.
    """
    while True:
        info = await attempt()
        plan = reconnector.after(info, clock.monotonic())
        await planned(info, plan)
        if plan.delay is None:
            return info
        if plan.delay:
            await clock.sleep(plan.delay)
