"""What is written in the names of files: ids, from which slashes and colons are gone.

sender-key          <group>--<user>_1--<device>        the group may itself hold dashes
app-state-sync-key  <key id in base64, / as __>
"""

from __future__ import annotations

import base64
import binascii

from motte.core.signal.address import Address
from motte.errors import ImportFailed, InvalidJid
from motte.migrate.baileys.folder import Item
from motte.model.jid import Jid


def address(item: Item) -> Address:
    """A Signal address, `123_1.0`. Raises: `ImportFailed`."""
    return _address(item, item.id)


def sender(item: Item) -> tuple[Jid, Address]:
    """A group and the address of a sender in it. Raises: `ImportFailed`."""
    group, _, rest = item.id.rpartition("--")
    group, _, user = group.rpartition("--")
    return _jid(item, group), _address(item, f"{user}.{rest}")


def jid(item: Item) -> Jid:
    """A JID. Raises: `ImportFailed`."""
    return _jid(item, item.id)


def key_id(item: Item) -> bytes:
    """The id of an app-state key. Raises: `ImportFailed`."""
    try:
        found = base64.b64decode(item.id.replace("__", "/"), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not found:
        raise ImportFailed(item.path.name, "its name is not that of an app-state key")
    return found


def number(item: Item, highest: int) -> int:
    """A number of at most `highest`. Raises: `ImportFailed`."""
    if not (item.id.isascii() and item.id.isdigit() and len(item.id) < 12 and int(item.id) <= highest):
        raise ImportFailed(item.path.name, "its name has no number that a key can have")
    return int(item.id)


def _address(item: Item, text: str) -> Address:
    try:
        found = Address.parse(text)
        if not (found.jid.user.isascii() and found.jid.user.isdigit()):
            raise InvalidJid(text)
    except InvalidJid:
        raise ImportFailed(item.path.name, "its name is not that of a device") from None
    return found


def _jid(item: Item, text: str) -> Jid:
    try:
        return Jid.parse(text)
    except InvalidJid:
        raise ImportFailed(item.path.name, "its name is not that of a chat") from None
