"""Who this client is: the account's two JIDs with this device's number."""

from __future__ import annotations

from dataclasses import dataclass

from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """This device: its PN JID and, since the server told it, its LID JID. Both carry the same device number."""

    pn: Jid
    lid: Jid | None = None

    def owns(self, jid: Jid) -> bool:
        """Whether `jid` is this account, on whatever device and by whichever of its two addresses."""
        if jid.is_lid:
            return self.lid is not None and jid.user == self.lid.user
        return jid.is_pn and jid.user == self.pn.user

    def is_this_device(self, jid: Jid) -> bool:
        """Whether `jid` is this very device, in its PN or its LID form."""
        return self.owns(jid) and jid.device == self.pn.device

    def facing(self, peer: Jid) -> Jid:
        """The own JID in the addressing that `peer` uses: the LID towards LIDs when it is known, else the PN."""
        return self.lid if peer.is_lid and self.lid is not None else self.pn
