"""Who is available, who watches whom, and which short-lived states are held for absent devices. `presence` moves it."""

from __future__ import annotations

from dataclasses import dataclass, field

from motte.core.binary.node import Node
from motte.model.jid import Jid
from motte.testing.server.accounts import Account, Device
from motte.testing.server.groups import Group


@dataclass(frozen=True, slots=True)
class Held:
    """A state that waits for an absent device until `expires` (unix seconds)."""

    node: Node
    expires: float


@dataclass(slots=True)
class Whereabouts:
    """The state behind presence: each watcher is kept with the JID it asked for, the addressing it hears of."""

    available: set[Device] = field(default_factory=set)
    last_seen: dict[Account, int] = field(default_factory=dict)
    watchers: dict[Account, dict[Device, Jid]] = field(default_factory=dict)
    group_watchers: dict[Group, set[Device]] = field(default_factory=dict)
    held: dict[Device, dict[tuple[str, str], Held]] = field(default_factory=dict)

    def is_available(self, account: Account) -> bool:
        """Whether any device of the account is."""
        return any(device.account is account for device in self.available)
