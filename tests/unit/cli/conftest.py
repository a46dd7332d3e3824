"""A command line to call in this process, and databases to call it on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from motte.cli.main import app
from motte.model.jid import Jid
from motte.store.repo.account import Credentials, Link
from motte.store.store import Store

Motte = Callable[..., Result]

ME = Jid("15550100001", "s.whatsapp.net", 3)
MY_LID = Jid("200000000000001", "lid", 3)


@pytest.fixture
def motte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Motte:
    """Calls a command in an empty folder, without the user's environment."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("MOTTE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")
    runner = CliRunner()

    def call(*arguments: str, env: dict[str, str] | None = None, input: str | None = None) -> Result:  # noqa: A002
        return runner.invoke(app, list(arguments), env=env, input=input)

    return call


@pytest.fixture
def linked_db(tmp_path: Path) -> Path:
    """A database with an account that is linked."""
    path = tmp_path / "motte.db"

    async def make() -> None:
        async with await Store.open(path) as store:
            batch = store.batch()
            link = Link(
                jid=ME,
                lid=MY_LID,
                identity=b"identity",
                platform="android",
                push_name="Ann \x1b[31m",
                linked_at=1.7e9,
            )
            store.account.put(batch, replace(Credentials.fresh(now=1.7e9, rng=os.urandom), link=link))
            await store.commit(batch)

    asyncio.run(make())
    return path
