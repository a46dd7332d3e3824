"""What will go wrong next: faults that wait for a connection, a login or a message to strike.

Each is used up when it strikes. Faults of a connection that already stands are in `wire.FrameFaults`; the calls that
set both are in `faults`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from motte.testing.server.accounts import Account
from motte.testing.server.appstate_faults import StateFaults
from motte.testing.server.history_faults import HistoryFaults

PAIRING_FAULTS: Final = frozenset({"hmac", "account_signature"})
"""The proofs of a phone's vouching that can be made to fail."""
PASSKEY_FAULTS: Final = frozenset({"challenge", "continuation"})
"""The parts of linking with a passkey that can come unreadable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginFailure:
    """The `<failure/>` that the next login gets: of `account`, or of anybody."""

    account: Account | None
    attrs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AckFault:
    """What happens to the next message ack of `account`, or of anybody: it carries `error`, or is never sent."""

    account: Account | None
    error: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IqFault:
    """The next IQ of `account`, or of anybody, in this namespace is refused with `code`."""

    account: Account | None
    xmlns: str
    code: int


@dataclass(slots=True)
class Conflict:
    """The next pushes of app state by `account`, or by anybody, find that the phone was faster."""

    account: Account | None
    times: int


@dataclass(slots=True)
class FaultPlan:
    """The faults that wait, in the order in which they strike."""

    upgrades: deque[int] = field(default_factory=deque)
    silent_handshakes: int = 0
    certificates: deque[str] = field(default_factory=deque)
    pairings: deque[str] = field(default_factory=deque)
    passkeys: deque[str] = field(default_factory=deque)
    logins: list[LoginFailure] = field(default_factory=list)
    acks: list[AckFault] = field(default_factory=list)
    iqs: list[IqFault] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    state: StateFaults = field(default_factory=StateFaults)
    history: HistoryFaults = field(default_factory=HistoryFaults)

    def next_upgrade(self) -> int | None:
        """The HTTP status that refuses the next WebSocket, if any."""
        return self.upgrades.popleft() if self.upgrades else None

    def handshake_is_silent(self) -> bool:
        """Whether the next handshake is never answered."""
        if not self.silent_handshakes:
            return False
        self.silent_handshakes -= 1
        return True

    def next_certificate(self) -> str | None:
        """Which check of the next certificate chain must fail, if any."""
        return self.certificates.popleft() if self.certificates else None

    def next_pairing(self) -> str | None:
        """Which proof of the next phone's vouching must fail, if any."""
        return self.pairings.popleft() if self.pairings else None

    def passkey_is_spoilt(self, part: str) -> bool:
        """Whether this part of a linking with a passkey is to be unreadable now."""
        if part not in self.passkeys:
            return False
        self.passkeys.remove(part)
        return True

    def next_login(self, account: Account | None) -> LoginFailure | None:
        """The failure that this login meets, if any."""
        for fault in self.logins:
            if fault.account in (None, account):
                self.logins.remove(fault)
                return fault
        return None

    def next_ack(self, account: Account) -> AckFault | None:
        """The fault that this message's ack meets, if any."""
        for fault in self.acks:
            if fault.account in (None, account):
                self.acks.remove(fault)
                return fault
        return None

    def next_iq(self, account: Account, xmlns: str) -> IqFault | None:
        """The fault that this IQ meets, if any."""
        for fault in self.iqs:
            if fault.account in (None, account) and fault.xmlns == xmlns:
                self.iqs.remove(fault)
                return fault
        return None

    def next_conflict(self, account: Account) -> bool:
        """Whether this push of app state meets a conflict."""
        for fault in self.conflicts:
            if fault.account in (None, account):
                fault.times -= 1
                if not fault.times:
                    self.conflicts.remove(fault)
                return True
        return False
