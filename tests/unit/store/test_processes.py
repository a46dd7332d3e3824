"""Several processes on one file: no lock error, one holder per account, and a crash leaves whole batches."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from motte.errors import StoreInUse
from motte.store.sqlite import SqliteBackend
from motte.store.store import Store

TIME_LIMIT = 60.0

WRITER = """
import asyncio, sys
from motte.model.jid import Jid
from motte.store.repo.tokens import Trust
from motte.store.store import Store

async def main(path, account, commits):
    async with await Store.open(path, account) as store:
        for number in range(commits):
            batch = store.batch()
            for row in range(5):
                store.tokens.put(batch, Jid(str(15550100000 + row), "s.whatsapp.net"), Trust(token=b"%d" % number))
            store.tokens.put(batch, Jid(str(15550100100 + number % 50), "s.whatsapp.net"), Trust(token=bytes(2000)))
            await store.commit(batch)
            print(number, flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


def _start(path: Path, account: str, commits: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(path), account, str(commits)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


async def test_processes_open_and_write_one_new_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    running = [_start(path, f"account{number}", 150) for number in range(3)]
    for process in running:
        _, errors = await asyncio.to_thread(process.communicate, timeout=TIME_LIMIT)
        assert process.returncode == 0, errors.decode()
    for number in range(3):
        async with await Store.open(path, f"account{number}") as store:
            assert len(await store.tokens.table.scan()) == 5 + 50


@pytest.mark.parametrize("after", [0, 7, 60])
async def test_a_killed_writer_leaves_whole_batches_and_a_free_account(tmp_path: Path, after: int) -> None:
    path = tmp_path / "bot.db"
    process = _start(path, "default", 1_000_000)
    assert process.stdout is not None and process.stderr is not None
    try:
        last = -1
        while last < after:
            last = int(await asyncio.to_thread(process.stdout.readline))
        with pytest.raises(StoreInUse):
            await Store.open(path)
        process.send_signal(signal.SIGKILL)
        rest = await asyncio.to_thread(process.stdout.read)
    finally:
        process.kill()
        process.wait(TIME_LIMIT)
        process.stdout.close()
        process.stderr.close()
    # The last line may be cut short by the kill; every whole line was a finished commit.
    last = max([last, *(int(line) for line in rest.split(b"\n")[:-1])])
    async with await Store.open(path) as store:
        values = {value.token for key, value in (await store.tokens.table.scan("155501000")).items()}
        assert len(values) == 1
        assert int(values.pop()) in (last, last + 1)
    backend = SqliteBackend(path)
    assert await backend.get_many("tokens", ["default/15550100000@s.whatsapp.net"])
    checked = backend._opened().connection().execute("PRAGMA integrity_check").fetchone()
    assert checked == ("ok",)
    await backend.close()
