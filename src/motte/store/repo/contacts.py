"""The names of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from motte.model.jid import Jid
from motte.store.batch import Batch
from motte.store.codec import Codec, from_json, to_json
from motte.store.table import Space

CACHED: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactNames:
    """What a person is called: `push_name` by themselves, `verified_name` as a business, `saved_name` by the account.

    Each is empty when it is not known; who has a `saved_name` is one of the account's contacts.
    """

    push_name: str = ""
    verified_name: str = ""
    saved_name: str = ""


class Contacts:
    """User → names. Keyed by the JID that showed the name; PN and LID are not merged here."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("contacts", _CODEC, cached=CACHED)

    async def get(self, user: Jid, batch: Batch | None = None) -> ContactNames | None:
        """The names of a user."""
        return await self.table.get(str(user.user_jid), batch)

    async def saved(self) -> tuple[Jid, ...]:
        """Everybody whom the account has saved. Reads all names."""
        return tuple(Jid.parse(user) for user, names in (await self.table.scan()).items() if names.saved_name)

    def put(self, batch: Batch, user: Jid, names: ContactNames) -> None:
        """Keep the names of a user."""
        self.table.put(batch, str(user.user_jid), names)


def _encode(value: ContactNames) -> bytes:
    names = {"push_name": value.push_name, "verified_name": value.verified_name}
    return to_json(names | {"saved_name": value.saved_name} if value.saved_name else names)


def _decode(data: bytes) -> ContactNames:
    plain = from_json(data)
    return ContactNames(
        push_name=str(plain["push_name"]),
        verified_name=str(plain["verified_name"]),
        saved_name=str(plain.get("saved_name", "")),
    )


_CODEC: Final[Codec[ContactNames]] = Codec(_encode, _decode)
