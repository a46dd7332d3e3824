"""Background work of one client: started, named, watched, and ended with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from motte.errors import Disconnected, MotteError

log = logging.getLogger("motte.tasks")


class Tasks:
    """Work that nobody waits for. What fails is logged; a lost connection is no failure."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self._over = False

    def start(self, work: Coroutine[Any, Any, object], name: str) -> None:
        """Run `work` in the background; after `cancel` nothing is begun any more, whatever timer still goes off."""
        if self._over:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(_watch(work, name), name=f"motte-{name}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def cancel(self) -> None:
        """End everything that still runs, for good."""
        self._over = True
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def idle(self) -> None:
        """Wait until nothing runs; for tests."""
        while self._running:
            await asyncio.wait(self._running)


async def _watch(work: Coroutine[Any, Any, object], name: str) -> None:
    try:
        await work
    except Disconnected as error:
        log.debug("%s stopped: %s", name, error)
    except MotteError as error:
        log.warning("%s failed: %s", name, error)
    except Exception:
        log.exception("%s failed", name)
