"""The names of people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

from motte.model.jid import Jid
from motte.store.batch import Batch
from motte.store.codec import Codec, from_json, to_json
from motte.store.table import Space

CACHED: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactNames:
    """What a person is called: `push_name` by themselves, `verified_name` as a business, `saved_name` by the account.

    Each is empty when it is not known; who has a `saved_name` is one of the account's contacts. `first_name` is the
    short form of that, `username` a name by which they can be found.
    """

    push_name: str = ""
    verified_name: str = ""
    saved_name: str = ""
    first_name: str = ""
    username: str = ""


class Contacts:
    """User → names. Keyed by the JID that showed the name; PN and LID are not merged here."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("contacts", _CODEC, cached=CACHED)

    async def get(self, user: Jid, batch: Batch | None = None) -> ContactNames | None:
        """The names of a user."""
        return await self.table.get(str(user.user_jid), batch)

    async def get_many(self, users: Iterable[Jid], batch: Batch | None = None) -> dict[Jid, ContactNames]:
        """The names of those users of whom any is known, read together."""
        keys = {str(user.user_jid): user for user in users}
        return {keys[key]: names for key, names in (await self.table.get_many(keys, batch)).items()}

    async def saved(self) -> tuple[Jid, ...]:
        """Everybody whom the account has saved. Reads all names."""
        return tuple(Jid.parse(user) for user, names in (await self.table.scan()).items() if names.saved_name)

    def put(self, batch: Batch, user: Jid, names: ContactNames) -> None:
        """Keep the names of a user."""
        self.table.put(batch, str(user.user_jid), names)


def _encode(value: ContactNames) -> bytes:
    return to_json({name: text for name in _FIELDS if (text := getattr(value, name))})


def _decode(data: bytes) -> ContactNames:
    plain = from_json(data)
    return ContactNames(**{name: str(plain[name]) for name in _FIELDS if name in plain})


_FIELDS: Final = tuple(field.name for field in fields(ContactNames))
_CODEC: Final[Codec[ContactNames]] = Codec(_encode, _decode)
