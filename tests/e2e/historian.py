"""A client in a process of its own, to be killed while history comes: writes ids to a file, and stops in the middle.

Usage: python historian.py URL ROOT_KEY CA_FILE DATABASE LOG
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from motte import Client, Config, events


async def main(url: str, root_key: str, ca_file: str, database: str, log: str) -> None:
    config = Config(url=url, root_key=bytes.fromhex(root_key), ca_file=ca_file, version_url="")
    with Path(log).open("a", buffering=1) as lines:  # noqa: ASYNC230  a test's own file
        async with Client(database, config=config) as client:
            announced = client.expect(events.HistoryAnnounced, lambda event: event.kind == "FULL")

            @client.on(events.QrCode)
            def show(code: events.QrCode) -> None:
                print(code.text, flush=True)

            @client.on(events.HistoryReceived)
            async def note(part: events.HistoryReceived) -> None:
                if part.kind == "RECENT" and part.order == 2:
                    await announced
                    print("in the middle", flush=True)
                    await asyncio.Event().wait()
                lines.writelines(f"{message.key.id}\n" for message in part.messages)

            client.start()
            await asyncio.to_thread(os.read, 0, 1)


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), 60))
