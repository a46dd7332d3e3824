"""The archive's tables, the same on SQLite and PostgreSQL.

    accounts ── peers          everybody and everything that has an address: people (by phone number and LID), groups, …
                  ├── chats ── settings        a chat, and what is set for it; of each setting the newest
                  ├── contacts                 what a person is called
                  ├── groups ── members
                  └── messages                 named by (chat, id, sender)
                        ├── marks              star, pin, keep; of each the newest
                        ├── reactions, votes   one for each person, the newest
                        └── receipts           one for each person, the earliest times

A row of `messages` may be there before its message (`kind` is NULL then): a deletion that comes first is kept, and the
message that follows stays deleted. Times are unix seconds, except `*_ms`. A change of this file needs a migration.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
)

METADATA: Final = MetaData()
_ID: Final = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in a column that is called INTEGER."""
_KEY: Final[dict[str, Any]] = {"primary_key": True, "autoincrement": False}


def _to(name: str, column: str, **options: Any) -> Column[int]:
    """A reference; what it refers to takes it along when it goes."""
    return Column(name, _ID, ForeignKey(column, ondelete="CASCADE"), nullable=False, **options)


accounts: Final = Table(
    "accounts",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("jid", Text, nullable=False, unique=True),
)
peers: Final = Table(
    "peers",
    METADATA,
    Column("id", _ID, primary_key=True),
    _to("account", "accounts.id"),
    Column("jid", Text, nullable=False),  # the phone number as soon as it is known
    Column("lid", Text),
    UniqueConstraint("account", "jid"),
    UniqueConstraint("account", "lid"),
)
chats: Final = Table(
    "chats",
    METADATA,
    _to("peer", "peers.id", **_KEY),
    Column("name", Text),
    Column("unread", Integer, nullable=False, server_default="0"),
    Column("active_at", BigInteger, nullable=False, server_default="0"),
    Column("cleared_until", BigInteger, nullable=False, server_default="0"),
    Column("deleted", Boolean, nullable=False, server_default=false()),
)
settings: Final = Table(
    "settings",
    METADATA,
    _to("chat", "peers.id", **_KEY),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger),
    Column("set_at", BigInteger, nullable=False),
)
contacts: Final = Table(
    "contacts",
    METADATA,
    _to("peer", "peers.id", **_KEY),
    Column("saved_name", Text),
    Column("first_name", Text),
    Column("push_name", Text),
    Column("verified_name", Text),
    Column("username", Text),
    Column("saved_at", BigInteger, nullable=False, server_default="0"),
    Column("named_at", BigInteger, nullable=False, server_default="0"),
)
groups: Final = Table(
    "groups",
    METADATA,
    _to("peer", "peers.id", **_KEY),
    Column("subject", Text),
    Column("description", Text),
    Column("creator", Text),
    Column("created_at", BigInteger),
    Column("announcement", Boolean, nullable=False, server_default=false()),
    Column("locked", Boolean, nullable=False, server_default=false()),
    Column("timer", BigInteger, nullable=False, server_default="0"),
    Column("community", Text),
    Column("gone", Boolean, nullable=False, server_default=false()),
)
members: Final = Table(
    "members",
    METADATA,
    _to("group", "peers.id", **_KEY),
    _to("person", "peers.id", **_KEY),
    Column("role", Text, nullable=False),
    Column("left_at", BigInteger),
    Index("members_by_person", "person"),
)
messages: Final = Table(
    "messages",
    METADATA,
    Column("number", _ID, primary_key=True),
    _to("chat", "peers.id"),
    Column("id", Text, nullable=False),
    _to("sender", "peers.id"),
    Column("from_me", Boolean, nullable=False),
    Column("timestamp", BigInteger, nullable=False, server_default="0"),
    Column("kind", Text),
    Column("text", Text),
    Column("raw", LargeBinary),
    Column("origin", Text),
    Column("push_name", Text),
    Column("edited", LargeBinary),
    Column("edited_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("revoked_by", _ID, ForeignKey("peers.id", ondelete="SET NULL")),
    Column("hidden", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("chat", "id", "sender"),
    Index("messages_by_time", "chat", "timestamp", "number"),
    Index("messages_by_sender", "sender"),
)
marks: Final = Table(
    "marks",
    METADATA,
    _to("message", "messages.number", **_KEY),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger),
    Column("set_at", BigInteger, nullable=False),
)
reactions: Final = Table(
    "reactions",
    METADATA,
    _to("message", "messages.number", **_KEY),
    _to("person", "peers.id", **_KEY),
    Column("emoji", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("reactions_by_person", "person"),
)
votes: Final = Table(
    "votes",
    METADATA,
    _to("message", "messages.number", **_KEY),
    _to("person", "peers.id", **_KEY),
    Column("chosen", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("votes_by_person", "person"),
)
receipts: Final = Table(
    "receipts",
    METADATA,
    _to("message", "messages.number", **_KEY),
    _to("person", "peers.id", **_KEY),
    Column("delivered_at", BigInteger),
    Column("read_at", BigInteger),
    Column("played_at", BigInteger),
    Index("receipts_by_person", "person"),
)
