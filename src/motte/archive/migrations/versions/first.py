"""The first tables, and on SQLite an index of all texts by any three letters.

FTS5 may be missing in a SQLite that was built without it; then every text is looked through.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT_INDEX: Final = (
    "CREATE VIRTUAL TABLE messages_text USING fts5"
    "(text, content='messages', content_rowid='number', tokenize='trigram')",
    "CREATE TRIGGER messages_text_added AFTER INSERT ON messages WHEN new.text IS NOT NULL BEGIN"
    " INSERT INTO messages_text(rowid, text) VALUES (new.number, new.text); END",
    "CREATE TRIGGER messages_text_gone AFTER DELETE ON messages WHEN old.text IS NOT NULL BEGIN"
    " INSERT INTO messages_text(messages_text, rowid, text) VALUES ('delete', old.number, old.text); END",
    # One trigger for both, since of two nobody says which comes first.
    "CREATE TRIGGER messages_text_changed AFTER UPDATE OF text ON messages WHEN old.text IS NOT new.text BEGIN"
    " INSERT INTO messages_text(messages_text, rowid, text)"
    " SELECT 'delete', old.number, old.text WHERE old.text IS NOT NULL;"
    " INSERT INTO messages_text(rowid, text) SELECT new.number, new.text WHERE new.text IS NOT NULL; END",
)


def upgrade() -> None:
    """From nothing to the first tables."""
    op.create_table(
        "accounts",
        sa.Column("id", ID, nullable=False),
        sa.Column("jid", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("jid"),
    )
    op.create_table(
        "peers",
        sa.Column("id", ID, nullable=False),
        sa.Column("account", ID, nullable=False),
        sa.Column("jid", sa.Text(), nullable=False),
        sa.Column("lid", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account", "jid"),
        sa.UniqueConstraint("account", "lid"),
    )
    op.create_table(
        "chats",
        sa.Column("peer", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("unread", sa.Integer(), server_default="0", nullable=False),
        sa.Column("active_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cleared_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("deleted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["peer"], ["peers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("peer"),
    )
    op.create_table(
        "contacts",
        sa.Column("peer", ID, autoincrement=False, nullable=False),
        sa.Column("saved_name", sa.Text(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("push_name", sa.Text(), nullable=True),
        sa.Column("verified_name", sa.Text(), nullable=True),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("saved_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("named_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["peer"], ["peers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("peer"),
    )
    op.create_table(
        "groups",
        sa.Column("peer", ID, autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("creator", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        sa.Column("announcement", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("locked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("timer", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("community", sa.Text(), nullable=True),
        sa.Column("gone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["peer"], ["peers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("peer"),
    )
    op.create_table(
        "members",
        sa.Column("group", ID, autoincrement=False, nullable=False),
        sa.Column("person", ID, autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["group"], ["peers.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person"], ["peers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("group", "person"),
    )
    op.create_index("members_by_person", "members", ["person"], unique=False)
    op.create_table(
        "messages",
        sa.Column("number", ID, nullable=False),
        sa.Column("chat", ID, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sender", ID, nullable=False),
        sa.Column("from_me", sa.Boolean(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("push_name", sa.Text(), nullable=True),
        sa.Column("edited", sa.LargeBinary(), nullable=True),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_by", ID, nullable=True),
        sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["chat"], ["peers.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["revoked_by"], ["peers.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["sender"], ["peers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("chat", "id", "sender"),
    )
    op.create_index("messages_by_sender", "messages", ["sender"], unique=False)
    op.create_index("messages_by_time", "messages", ["chat", "timestamp", "number"], unique=False)
    op.create_table(
        "settings",
        sa.Column("chat", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["chat"], ["peers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chat", "name"),
    )
    op.create_table(
        "marks",
        sa.Column("message", ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["messages.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message", "name"),
    )
    op.create_table(
        "reactions",
        sa.Column("message", ID, autoincrement=False, nullable=False),
        sa.Column("person", ID, autoincrement=False, nullable=False),
        sa.Column("emoji", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["messages.number"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person"], ["peers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message", "person"),
    )
    op.create_index("reactions_by_person", "reactions", ["person"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("message", ID, autoincrement=False, nullable=False),
        sa.Column("person", ID, autoincrement=False, nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("played_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["message"], ["messages.number"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person"], ["peers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message", "person"),
    )
    op.create_index("receipts_by_person", "receipts", ["person"], unique=False)
    op.create_table(
        "votes",
        sa.Column("message", ID, autoincrement=False, nullable=False),
        sa.Column("person", ID, autoincrement=False, nullable=False),
        sa.Column("chosen", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["messages.number"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person"], ["peers.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message", "person"),
    )
    op.create_index("votes_by_person", "votes", ["person"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        _index_texts()


def _index_texts() -> None:
    options = {row[0] for row in op.get_bind().execute(sa.text("PRAGMA compile_options"))}
    if "ENABLE_FTS5" in options:
        for statement in TEXT_INDEX:
            op.execute(statement)
