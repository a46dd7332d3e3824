"""A client in a process of its own, to be killed: writes what it is told to a file, until its standard input closes.

Usage: python listener.py URL ROOT_KEY DATABASE LOG
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from motte import Client, Config, events


async def main(url: str, root_key: str, database: str, log: str) -> None:
    config = Config(url=url, root_key=bytes.fromhex(root_key), version_url="")
    with Path(log).open("a", buffering=1) as lines:  # noqa: ASYNC230  a test's own file
        async with Client(database, config=config) as client:

            @client.on(events.MessageReceived)
            def note(event: events.MessageReceived) -> None:
                lines.write(json.dumps({"text": event.text}) + "\n")

            @client.on(events.MessageUndecryptable)
            def complain(event: events.MessageUndecryptable) -> None:
                lines.write(json.dumps({"undecryptable": event.reason}) + "\n")

            await client.connect(timeout=10)
            print("ready", flush=True)
            await asyncio.to_thread(os.read, 0, 1)


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), 60))
