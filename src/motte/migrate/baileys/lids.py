"""Which LID belongs to which phone number: `lid-mapping-<number>` holds the LID, `lid-mapping-<LID>_reverse` the other.

Where the two disagree the LID of a number is right: when a mapping changes, Baileys leaves the old reverse file behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from motte.errors import ImportFailed
from motte.migrate.baileys.folder import Item
from motte.model.jid import LID, PN, Jid

_REVERSE: Final = "_reverse"


def read_lids(found: Iterable[Item]) -> list[tuple[Jid, Jid]]:
    """Pairs of PN and LID, one for each number and each LID.

    Raises:
        ImportFailed: a file is damaged.
    """
    lid_of: dict[str, str] = {}
    pn_of: dict[str, str] = {}
    for item in found:
        other = item.read().text()
        user = item.id.removesuffix(_REVERSE)
        if not (_is_user(user) and _is_user(other)):
            raise ImportFailed(item.path.name, "it does not map a phone number to a LID, or back")
        (pn_of if item.id.endswith(_REVERSE) else lid_of)[user] = other
    known = set(lid_of.values())
    lid_of |= {pn: lid for lid, pn in pn_of.items() if pn not in lid_of and lid not in known}
    # Two numbers with one LID: the person changed the number, and the reverse file tells the present one.
    once = {lid: pn for pn, lid in lid_of.items() if pn_of.get(lid, pn) == pn}
    return [(Jid(pn, PN), Jid(lid, LID)) for lid, pn in once.items()]


def _is_user(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20
