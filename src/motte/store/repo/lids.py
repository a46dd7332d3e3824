"""The two names of a person: which LID belongs to which phone number.

Only the user parts are mapped. The device of a JID is carried over, and a hosted device stays a hosted one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from motte.errors import InvalidJid
from motte.model.jid import HOSTED, HOSTED_LID, LID, PN, Jid
from motte.store.batch import Batch
from motte.store.codec import TEXT
from motte.store.table import Space

CACHED: Final = 8192
"""Both directions of 4096 people: short texts, under 1 MB."""

_OTHER_SERVER: Final = {PN: LID, LID: PN, HOSTED: HOSTED_LID, HOSTED_LID: HOSTED}


class Lids:
    """PN ↔ LID, one to one."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("lids", TEXT, cached=CACHED)

    async def lid_of(self, pn: Jid, batch: Batch | None = None) -> Jid | None:
        """The LID of a phone number (same device), or `None` when we have not learnt it. A LID is its own LID."""
        return pn if pn.is_lid else (await self.others([pn], batch)).get(pn)

    async def pn_of(self, lid: Jid, batch: Batch | None = None) -> Jid | None:
        """The phone number of a LID (same device), or `None` when we have not learnt it. A PN is its own PN."""
        return lid if lid.is_pn else (await self.others([lid], batch)).get(lid)

    async def others(self, jids: Iterable[Jid], batch: Batch | None = None) -> dict[Jid, Jid]:
        """The other name of each JID, for those that are known, read together."""
        names = {jid: _name(jid) for jid in jids if jid.is_user}
        users = await self.table.get_many(dict.fromkeys(names.values()), batch)
        return {
            jid: Jid(users[name], _OTHER_SERVER[jid.server], jid.device) for jid, name in names.items() if name in users
        }

    async def learn(self, batch: Batch, pairs: Iterable[tuple[Jid, Jid]]) -> list[tuple[Jid, Jid]]:
        """Keep pairs of PN and LID; gives those that are news, without devices. Who was mapped otherwise is unmapped.

        Raises:
            InvalidJid: a pair is not a PN and a LID.
        """
        wanted = dict.fromkeys((_checked(pn, lid) for pn, lid in pairs))
        known = await self.table.get_many((_name(jid) for pair in wanted for jid in pair), batch)
        news = [(pn, lid) for pn, lid in wanted if known.get(_name(pn)) != lid.user or known.get(_name(lid)) != pn.user]
        for pn, lid in news:
            if (old_lid := known.get(_name(pn))) is not None:
                self.table.delete(batch, _name(Jid(old_lid, LID)))
            if (old_pn := known.get(_name(lid))) is not None:
                self.table.delete(batch, _name(Jid(old_pn, PN)))
        for pn, lid in news:
            self.table.put(batch, _name(pn), lid.user)
            self.table.put(batch, _name(lid), pn.user)
        return news


def _checked(pn: Jid, lid: Jid) -> tuple[Jid, Jid]:
    if not (pn.is_pn and lid.is_lid and pn.user and lid.user):
        raise InvalidJid(f"{pn} and {lid} are not the phone number and the LID of one person")
    return pn.user_jid, lid.user_jid


def _name(jid: Jid) -> str:
    return f"{'lid' if jid.is_lid else 'pn'}:{jid.user}"
