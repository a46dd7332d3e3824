"""The archive: chats, messages, people and groups in a database of their own. Needs the extra `archive`.

async with Archive.open("archive.db") as archive, Client("bot.db") as client:
    archive.attach(client)
    await client.run()
    print(await archive.search("lunch"))
"""

try:
    from motte.archive.archive import Archive
except ModuleNotFoundError as error:
    if error.name not in ("sqlalchemy", "alembic"):
        raise
    raise ModuleNotFoundError("the archive needs the extra: pip install 'motte[archive]'", name=error.name) from None
from motte.archive.values import (
    ArchivedChat,
    ArchivedContact,
    ArchivedGroup,
    ArchivedMember,
    ArchivedMessage,
    ArchivedPoll,
    ArchivedReaction,
    ArchivedReceipt,
)

__all__ = [
    "Archive",
    "ArchivedChat",
    "ArchivedContact",
    "ArchivedGroup",
    "ArchivedMember",
    "ArchivedMessage",
    "ArchivedPoll",
    "ArchivedReaction",
    "ArchivedReceipt",
]
