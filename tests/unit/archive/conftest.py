"""Archives in memory, in a file and, where a server can be started, in PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from motte.archive import Archive
from tests.unit.archive.happenings import Teller


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server without a database name; the test is left out where none can be started."""
    if given := os.environ.get("MOTTE_TEST_POSTGRES"):
        yield given
        return
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("no PostgreSQL: neither MOTTE_TEST_POSTGRES nor initdb and pg_ctl are there")
    if os.getuid() == 0 and shutil.which("runuser") is None:
        pytest.skip("no PostgreSQL: it does not run as the superuser, and there is no runuser")
    place = Path("/tmp") / f"motte-pg-{uuid4().hex[:8]}"  # its socket's path has to be short
    place.mkdir(mode=0o755)
    become = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if become and subprocess.run([*become, "true"], capture_output=True, check=False).returncode:
        place.rmdir()
        pytest.skip("no PostgreSQL: it does not run as the superuser, and there is no user postgres")
    if become:
        shutil.chown(place, "postgres")
    data = place / "data"
    settings = f"-c listen_addresses='' -c unix_socket_directories={place} -c fsync=off"
    try:
        _run(*become, "initdb", "-D", str(data), "-U", "motte", "-A", "trust", "-E", "UTF8")
        _run(*become, "pg_ctl", "-D", str(data), "-l", str(place / "log"), "-w", "-t", "30", "-o", settings, "start")
        try:
            yield f"postgresql://motte@/postgres?unix_sock={place}/.s.PGSQL.5432"
        finally:
            _run(*become, "pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _run(*command: str) -> None:
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, timeout=60, cwd="/")


@pytest.fixture
def postgres_database(postgres: str) -> Iterator[str]:
    """The URL of an empty database."""
    from sqlalchemy import create_engine, make_url, text

    name = f"motte_{uuid4().hex}"
    url = make_url(postgres).set(drivername="postgresql+pg8000")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["memory", "file", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path | None:
    """Where an archive is kept: each of the ways."""
    if request.param == "memory":
        return None
    if request.param == "file":
        return tmp_path / "archive.db"
    url: str = request.getfixturevalue("postgres_database")
    return url


@pytest.fixture
async def archive(place: str | Path | None) -> AsyncIterator[Archive]:
    """An open archive."""
    async with Archive.open(place) as opened:
        yield opened


@pytest.fixture
def client(archive: Archive) -> Teller:
    """A client whose events go into the archive."""
    teller = Teller()
    archive.attach(teller)
    return teller
