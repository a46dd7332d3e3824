"""Every example in the documentation runs, as it is printed.

Fragments run here, in the order of their page, with these names: `client` (Ann's, linked and connected), `server` (the
local server), `bob` (a phone), `asyncio`. They may await. Whole files run as programs of their own; `SCENARIOS` says
what each must do.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from motte.core.binary.node import Node
from motte.store.store import Store
from motte.testing import Authenticator, LocalServer
from motte.testing.server.accounts import Device
from tests.docs.conftest import PATIENCE, link
from tests.docs.fences import BLOCKS, ROOT, Block

PYTHON: Final = [block for block in BLOCKS if block.language == "python" and block.runs]
FILES: Final = [block for block in PYTHON if block.title is not None]
PAGES: Final = sorted({block.page for block in PYTHON if block.title is None})


# --- fragments -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
async def test_the_fragments_of(
    page: str,
    server: LocalServer,
    pointed: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.chdir(tmp_path)
    client = await link(server, None)
    names = {"client": client, "server": server, "bob": server.phone("Bob"), "asyncio": asyncio}
    try:
        async with asyncio.timeout(PATIENCE):
            for block in PYTHON:
                if block.page == page and block.title is None:
                    await run(block, names)
    finally:
        await client.close()
    # What a handler of the page raises does not reach this test otherwise.
    assert [record.getMessage() for record in caplog.records if record.name == "motte.events"] == []


async def run(block: Block, names: dict[str, Any]) -> None:
    """Run a fragment; what it defines stays in `names`."""
    code = compile(block.numbered, ROOT / block.page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, names)
    if inspect.isawaitable(result):
        await result


# --- whole files -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def running(server: LocalServer, folder: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Python with these arguments, in `folder`; killed when the block ends before it does."""
    environment = os.environ | {
        "DOCS_URL": server.ws_url,
        "DOCS_ROOT_KEY": server.root_key.hex(),
        "MOTTE_URL": server.ws_url,
        "MOTTE_ROOT_KEY": "root.key",
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "PYTHONUNBUFFERED": "1",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=None,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def linked_file(server: LocalServer, path: Path, **options: str) -> None:
    """A database that is linked to Ann's phone, closed again."""
    await (await link(server, path, **options)).close()


async def ends_well(server: LocalServer, folder: Path, *arguments: str) -> str:
    """Python with these arguments ends with exit code 0; gives what it printed."""
    async with running(server, folder, *arguments) as process:
        printed, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0, printed.decode()
    return printed.decode()


async def passes(server: LocalServer, folder: Path, block: Block) -> None:
    """pytest passes the file, and there are tests in it."""
    options = ("-p", "no:cacheprovider", "-o", "asyncio_mode=auto", "-q")
    printed = await ends_well(server, folder, "-m", "pytest", *options, str(block.title))
    assert " passed" in printed


async def imports(server: LocalServer, folder: Path, block: Block) -> None:
    """A module that another file of its page uses: it can be imported."""
    await ends_well(server, folder, "-c", f"import {str(block.title).removesuffix('.py')}")


async def echoes(server: LocalServer, folder: Path, block: Block) -> None:
    """The bot of the README."""
    await linked_file(server, folder / "bot.db")
    bob = server.phone("Bob")
    async with running(server, folder, "-m", "tests.docs.pointed", str(block.title)):
        await bob.send_text("Ann", "hello")
        answer = await asyncio.wait_for(bob.wait_for_text("hello"), PATIENCE)
        assert answer.sender.user == server.account("Ann").jid(like=answer.sender).user


async def sells_and_survives(server: LocalServer, folder: Path, block: Block) -> None:
    """The bot of the tutorial finds the server by the environment, and answers what waited while it was away."""
    await linked_file(server, folder / "bot.db")
    bob = server.phone("Bob")
    for asked, expected in (("tea", "That is 3 coins."), ("coffee", "That is 4 coins.")):
        await bob.send_text("Ann", asked)
        async with running(server, folder, str(block.title)):
            await asyncio.wait_for(bob.wait_for_text(expected), PATIENCE)


async def links(server: LocalServer, folder: Path, block: Block) -> None:
    """A program that prints a QR code's text last in a line, or a pairing code, and then who it is."""
    number = server.account("Ann").pn.user
    async with (
        running(server, folder, "-m", "tests.docs.pointed", str(block.title)) as process,
        asyncio.timeout(PATIENCE),
    ):
        assert process.stdout is not None
        async for line in process.stdout:
            text = line.decode()
            if found := re.search(r"https://wa\.me/\S+", text):
                server.scan_qr(found[0], phone="Ann")
            elif found := re.search(r"phone: (\S+) ", text):
                server.confirm_code(number, found[1])
            elif text.startswith("Linked as"):
                assert number in text
                break
        else:
            raise AssertionError("it ended before it was linked")
        assert await process.wait() == 0
    async with await Store.open(folder / "bot.db") as store:
        assert await store.prekeys.not_uploaded() == []


async def links_with_a_passkey(server: LocalServer, folder: Path, block: Block) -> None:
    """A program that prints a QR code's text, then a challenge as JSON, reads an assertion, and says who it is."""
    passkey = Authenticator()
    server.phone("Ann").protect(passkey.credential_id, passkey.public_key)
    async with (
        running(server, folder, "-m", "tests.docs.pointed", str(block.title)) as process,
        asyncio.timeout(PATIENCE),
    ):
        assert process.stdout is not None
        assert process.stdin is not None
        async for line in process.stdout:
            text = line.decode()
            if found := re.search(r"https://wa\.me/\S+", text):
                server.scan_qr(found[0], phone="Ann")
            elif text.startswith("{"):
                process.stdin.write(json.dumps(passkey.answer(text)).encode() + b"\n")
            elif "Linked as" in text:
                assert server.account("Ann").pn.user in text
                break
        else:
            raise AssertionError("it ended before it was linked")
        assert await process.wait() == 0


async def serves_two(server: LocalServer, folder: Path, block: Block) -> None:
    """Two accounts in one file, each with its own answer."""
    await linked_file(server, folder / "bots.db", account="sales", name="Ann")
    await linked_file(server, folder / "bots.db", account="support", name="Cleo")
    bob = server.phone("Bob")
    async with running(server, folder, "-m", "tests.docs.pointed", str(block.title)):
        for name, account in (("Ann", "sales"), ("Cleo", "support")):
            await bob.send_text(name, "who is it?")
            await asyncio.wait_for(bob.wait_for_text(f"This is {account}."), PATIENCE)


async def moves(server: LocalServer, folder: Path, block: Block) -> None:
    """A second database goes on with the account."""
    await linked_file(server, folder / "bot.db")
    assert "has moved with 812 prekeys" in await ends_well(server, folder, str(block.title))
    async with await Store.open(folder / "bot.db") as old, await Store.open(folder / "other.db") as new:
        assert await new.rows() == await old.rows()


async def notices_that_it_is_unlinked(server: LocalServer, folder: Path, block: Block) -> None:
    """The phone unlinks it while it runs: it says so and forgets."""
    await linked_file(server, folder / "bot.db")
    online: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def watch(incoming: bool, device: Device, node: Node) -> None:
        if not incoming and node.tag == "presence" and not online.done():
            online.set_result(None)

    server.watch(watch)
    async with running(server, folder, "-m", "tests.docs.pointed", str(block.title)) as process:
        await asyncio.wait_for(online, PATIENCE)
        server.faults.unlink("Ann")
        printed, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert "Link it again." in printed.decode()
    async with await Store.open(folder / "bot.db") as store:
        credentials = await store.account.get()
        assert credentials is None or credentials.link is None


Scenario = Callable[[LocalServer, Path, Block], Awaitable[None]]
SCENARIOS: Final[dict[str, Scenario]] = {
    "README.md:bot.py": echoes,
    "README.md:test_echo.py": passes,
    "docs/how-to/accounts.md:bots.py": serves_two,
    "docs/how-to/backend.md:filebackend.py": imports,
    "docs/how-to/backend.md:test_filebackend.py": passes,
    "docs/how-to/disconnects.md:supervised.py": notices_that_it_is_unlinked,
    "docs/how-to/link.md:link.py": links,
    "docs/how-to/move.md:move.py": moves,
    "docs/how-to/link.md:link_by_code.py": links,
    "docs/how-to/link.md:link_with_passkey.py": links_with_a_passkey,
    "docs/how-to/testing.md:shop.py": imports,
    "docs/how-to/testing.md:test_shop.py": passes,
    "docs/tutorial/bot.md:bot.py": sells_and_survives,
    "docs/tutorial/test.md:test_bot.py": passes,
}


@pytest.mark.parametrize("block", FILES, ids=lambda block: block.name)
async def test_the_file(block: Block, server: LocalServer, tmp_path: Path) -> None:
    (tmp_path / "root.key").write_text(server.root_key.hex())
    for other in FILES:  # what one chapter says is in one folder
        if Path(other.page).parent == Path(block.page).parent:
            (tmp_path / str(other.title)).write_text(other.code)
    await SCENARIOS[block.name](server, tmp_path, block)


def test_every_file_has_a_scenario_and_every_scenario_a_file() -> None:
    assert {block.name for block in FILES} == set(SCENARIOS)
