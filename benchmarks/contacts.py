"""Memory of an idle client that knows 10,000 people by name and by both addresses. Needs the local server.

    python -m benchmarks.contacts       prints one JSON line; `baileys/contacts.mjs` is its twin

A first client is linked before, so that what all share is not counted. Each person is then looked up once, as a program
does that shows its chats. motte has people in its SQLite file; Baileys has their addresses in its key store, which is
in memory here, and leaves their names to the program, which is a Map here.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.idle import rss_kb
from benchmarks.linked import Linked
from motte.model.jid import Jid
from motte.store.repo.contacts import ContactNames
from motte.store.store import Store

CONTACTS = 10_000
PEOPLE = [
    (Jid.parse(f"1555012{number:05}@s.whatsapp.net"), Jid.parse(f"{200_000_000_000_000 + number}@lid"))
    for number in range(CONTACTS)
]


async def _fill(where: Path, account: str) -> None:
    async with await Store.open(where, account) as store:
        batch = store.batch()
        await store.lids.learn(batch, PEOPLE)
        for number, (pn, _) in enumerate(PEOPLE):
            name = f"Friend {number}"
            store.contacts.put(batch, pn, ContactNames(saved_name=name, push_name=name))
        await store.commit(batch)


async def measure(where: Path) -> None:
    first, second = Linked("First", "wss", where), Linked("Second", "wss", where)
    await first.link()
    await second.link()
    await second.client.close()
    # In a process of its own, so that its memory is not there to be used again.
    filling = [sys.executable, "-m", "benchmarks.contacts", str(where), second.name]
    assert await (await asyncio.create_subprocess_exec(*filling)).wait() == 0
    gc.collect()
    before = rss_kb()
    await second.link()
    contacts = second.client.contacts
    for pn, lid in PEOPLE:
        assert await contacts.lid_of(pn) == lid
    assert (await contacts.get(PEOPLE[-1][0])).saved_name == f"Friend {CONTACTS - 1}"
    gc.collect()
    print(json.dumps({"task": "idle.contacts", "side": "motte", "kb": rss_kb() - before}))
    await first.close()
    await second.close()


if __name__ == "__main__":
    if sys.argv[1:]:
        asyncio.run(_fill(Path(sys.argv[1]), sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(measure(Path(folder) / "contacts.db"))
