"""The name under which Signal state is kept: a user and one of its devices.

A JID's server becomes part of the user, so that the PN and the LID of one person, and hosted devices, never share a
session: `15550100001.3`, `123_1.0` (LID), `15550100001_128.99` (hosted), `123_129.99` (hosted LID).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from motte.errors import InvalidJid
from motte.model.jid import HOSTED, HOSTED_LID, LID, MAX_DEVICE, PN, Jid

_DOMAINS: Final = {PN: "", LID: "_1", HOSTED: "_128", HOSTED_LID: "_129"}
_SERVERS: Final = {domain: server for server, domain in _DOMAINS.items()}


class Address(NamedTuple):
    """A Signal address: `user` with its domain (`"123_1"`), and the `device` number. A tuple, because it is a dict key
    on every path."""

    user: str
    device: int

    @classmethod
    def of(cls, jid: Jid) -> Address:
        """The address of a person's device.

        Raises:
            InvalidJid: the JID is not a person's (a group, a newsletter, the server).
        """
        domain = _DOMAINS.get(jid.server)
        if domain is None or not jid.user:
            raise InvalidJid(f"{str(jid)!r} has no Signal address; only a person's device has one")
        return cls(jid.user + domain, jid.device)

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address that `str()` of an address gave.

        Raises:
            InvalidJid: the text is not an address.
        """
        user, dot, device = text.rpartition(".")
        if not (dot and user and device.isascii() and device.isdigit() and int(device) <= MAX_DEVICE):
            raise InvalidJid(f"{text[:80]!r} is not a Signal address; expected something like 12345_1.0")
        return cls(user, int(device))

    @property
    def jid(self) -> Jid:
        """The JID that this address belongs to.

        Raises:
            InvalidJid: the domain in `user` is unknown.
        """
        user, mark, domain = self.user.partition("_")
        server = _SERVERS.get(mark + domain)
        if server is None:
            raise InvalidJid(f"{self.user[:80]!r} names an unknown Signal domain")
        return Jid(user, server, self.device)

    def __str__(self) -> str:
        return f"{self.user}.{self.device}"
