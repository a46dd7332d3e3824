"""Memory of an idle client whose account has 10,000 contacts, against one that has none. Connects nowhere.

    python -m benchmarks.contacts       prints one JSON line

Each contact has a phone number, a LID, a push name, a saved name and a chat. They are in the store; in memory is what
its bounded caches hold. Baileys keeps no contacts: they are the user's business there, so there is no ratio.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.idle import rss_kb
from motte import Client
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.store.repo.chats import ChatRow
from motte.store.repo.contacts import ContactNames
from motte.store.store import Store

CONTACTS = 10_000
PORTION = 500


def _pair(number: int) -> tuple[Jid, Jid]:
    return Jid(f"1555{number:07}", "s.whatsapp.net"), Jid(f"90{number:07}", "lid")


async def _fill(path: Path) -> None:
    store = await Store.open(path)
    for start in range(0, CONTACTS, PORTION):
        batch = store.batch()
        people = [_pair(number) for number in range(start, start + PORTION)]
        await store.lids.learn(batch, people)
        for pn, _ in people:
            store.contacts.put(batch, pn, ContactNames(push_name=f"~{pn.user}", saved_name=f"Person {pn.user}"))
            newest = MessageKey(chat=pn, id="3EB0", sender=pn, from_me=False)
            store.chats.put(batch, ChatRow(jid=pn, newest=newest, timestamp=1_780_000_000))
        await store.commit(batch)
    await store.close()


async def _idle(path: Path) -> None:
    """An open client that has looked at everybody once."""
    async with Client(path) as client:
        assert client._store is not None
        for start in range(0, CONTACTS, PORTION):
            people = [_pair(number)[0] for number in range(start, start + PORTION)]
            await client._store.lids.others(people)
            await client._store.contacts.get_many(people)
        print(rss_kb())


def measure(path: Path) -> float:
    """The memory of such a client in a process of its own, in KB."""
    command = [sys.executable, "-m", "benchmarks.contacts", str(path)]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(_idle(Path(sys.argv[1])))
    else:
        with tempfile.TemporaryDirectory() as folder:
            none = measure(Path(folder) / "none.db")
            asyncio.run(_fill(Path(folder) / "many.db"))
            many = measure(Path(folder) / "many.db")
            result = {"task": "idle.contacts", "side": "motte", "contacts": CONTACTS}
            print(json.dumps({**result, "base_mb": none / 1024, "more_kb": many - none}))
