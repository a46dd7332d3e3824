"""motte import, export and doctor."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from motte.cli.exits import Exit
from motte.store.lease import FileLease
from tests.unit.cli.conftest import Motte
from tests.unit.migrate.conftest import FILES, write


@pytest.fixture
def auth(tmp_path: Path) -> Path:
    """A folder of Baileys."""
    return write(tmp_path / "auth", FILES)


@pytest.fixture
def moved(motte: Motte, auth: Path) -> Path:
    """A database with what was in it."""
    assert motte("import", "baileys", "auth").exit_code == Exit.OK
    return auth.parent / "motte.db"


def facts(motte: Motte, *arguments: str) -> object:
    """What `motte inspect` says of the first account."""
    return json.loads(motte("inspect", "--json", *arguments).stdout.splitlines()[0])


def test_import_from_baileys(motte: Motte, auth: Path) -> None:
    result = motte("import", "baileys", "auth")
    assert result.exit_code == Exit.OK, result.stderr
    assert "Imported +1 555 010 0001, device 1 into motte.db" in result.stdout
    assert "Signal sessions 2" in result.stdout and "Do not start Baileys" in result.stdout
    assert stat.S_IMODE(Path("motte.db").stat().st_mode) == 0o600
    assert motte("doctor").exit_code == Exit.OK


def test_import_from_baileys_for_programs(motte: Motte, auth: Path) -> None:
    result = motte("import", "baileys", "auth", "--json", "--account", "second")
    value = json.loads(result.stdout)
    assert (value["event"], value["jid"], value["counts"]["sessions"]) == (
        "imported",
        "15550100001:1@s.whatsapp.net",
        2,
    )


def test_a_damaged_folder_leaves_nothing_behind(motte: Motte, auth: Path) -> None:
    (auth / "pre-key-4.json").write_text("{")
    result = motte("import", "baileys", "auth")
    assert result.exit_code == Exit.FAILURE
    assert result.stderr == "motte: Cannot import pre-key-4.json: it is not whole, or no JSON.\n"
    assert [path.name for path in Path.cwd().iterdir()] == ["auth"]


def test_an_account_that_is_there_is_replaced_on_purpose_only(motte: Motte, moved: Path) -> None:
    before = facts(motte)
    result = motte("import", "baileys", "auth")
    assert result.exit_code == Exit.USAGE and "--replace" in result.stderr
    assert facts(motte) == before
    assert motte("import", "baileys", "auth", "--replace").exit_code == Exit.OK


def test_a_session_goes_out_and_in(motte: Motte, moved: Path) -> None:
    result = motte("export", "ann.motte")
    assert result.exit_code == Exit.OK and "not encrypted" in result.stdout
    assert stat.S_IMODE(Path("ann.motte").stat().st_mode) == 0o600
    for arguments in (("import", "ann.motte"), ("import", "file", "ann.motte"), ("import", "--replace", "ann.motte")):
        assert motte(*arguments, "--db", "other.db", "--replace").exit_code == Exit.OK
        assert facts(motte, "--db", "other.db") == facts(motte)


def test_a_session_goes_through_a_pipe(motte: Motte, moved: Path) -> None:
    text = motte("export", "-").stdout
    assert text.startswith("motte1:") and text.count("\n") == 1
    assert motte("import", "-", "--db", "other.db", input=text).exit_code == Exit.OK
    assert facts(motte, "--db", "other.db") == facts(motte)


def test_an_encrypted_session(motte: Motte, moved: Path) -> None:
    given = {"MOTTE_PASSPHRASE": "tea and toast"}
    result = motte("export", "ann.motte", "--encrypt", env=given)
    assert result.exit_code == Exit.OK and "encrypted." in result.stdout
    wrong = motte("import", "ann.motte", "--db", "other.db", env={"MOTTE_PASSPHRASE": "coffee"})
    assert wrong.exit_code == Exit.FAILURE
    assert wrong.stderr == "motte: Cannot import ann.motte: the passphrase is wrong, or it is damaged.\n"
    unasked = motte("import", "ann.motte", "--db", "other.db")
    assert unasked.exit_code == Exit.USAGE and "set MOTTE_PASSPHRASE" in unasked.stderr
    assert not Path("other.db").exists()
    assert motte("import", "ann.motte", "--db", "other.db", env=given).exit_code == Exit.OK


def test_a_file_is_overwritten_on_purpose_only(motte: Motte, moved: Path) -> None:
    Path("ann.motte").write_text("mine")
    result = motte("export", "ann.motte")
    assert result.exit_code == Exit.USAGE and "--overwrite" in result.stderr
    assert Path("ann.motte").read_text() == "mine"
    assert motte("export", "ann.motte", "--overwrite").exit_code == Exit.OK
    assert stat.S_IMODE(Path("ann.motte").stat().st_mode) == 0o600
    assert not list(Path.cwd().glob(".*"))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("export", "nowhere/ann.motte"), Exit.FAILURE, "Cannot write nowhere/ann.motte"),
        (("export", "x", "--account", "other"), Exit.NOT_LINKED, "no phone is linked to the account 'other'"),
        (("export", "x", "--db", "other.db"), Exit.NOT_LINKED, "no database other.db"),
        (("import", "missing"), Exit.USAGE, "Cannot read missing"),
        (("import", "motte.db"), Exit.FAILURE, "is no exported session"),
        (("import", "baileys", "missing"), Exit.FAILURE, "no such folder"),
        (("import", "baileys", "."), Exit.FAILURE, "not a folder of useMultiFileAuthState"),
        (("doctor", "--db", "other.db"), Exit.STORE, "no database other.db"),
    ],
)
def test_what_cannot_be(motte: Motte, moved: Path, arguments: tuple[str, ...], code: Exit, said: str) -> None:
    result = motte(*arguments)
    assert result.exit_code == code, result.output
    assert said.lower() in result.stderr.lower() and "Traceback" not in result.output


def test_an_account_in_use_is_examined_but_not_moved(motte: Motte, moved: Path) -> None:
    lease = FileLease(moved, "default")
    try:
        assert motte("export", "x").exit_code == Exit.STORE
        assert motte("import", "baileys", "auth", "--replace").exit_code == Exit.STORE
        assert motte("doctor").exit_code == Exit.OK
    finally:
        lease.release()


def test_the_doctor_for_programs(motte: Motte, moved: Path) -> None:
    result = motte("doctor", "--json")
    found = {value["check"]: value for value in map(json.loads, result.stdout.splitlines())}
    assert found["link"] == {
        "check": "link",
        "level": "ok",
        "text": "the account vouches for this device",
        "advice": None,
    }
    assert found["prekeys"]["level"] == "warn" and "login" in found["prekeys"]["advice"]
    creds = json.loads(FILES["creds.json"])
    for secret in (creds["noiseKey"], creds["signedIdentityKey"]):
        assert secret["private"]["data"] not in result.output


def test_the_doctor_says_what_is_broken(motte: Motte, linked_db: Path) -> None:
    """The account of this database has an identity that nobody signed."""
    linked_db.chmod(0o644)
    result = motte("doctor")
    assert result.exit_code == Exit.FAILURE
    assert "does not vouch" in " ".join(result.stdout.split()) and "chmod 600 motte.db" in result.stdout
    Path("text.db").write_text("a shopping list")
    result = motte("doctor", "--db", "text.db")
    assert result.exit_code == Exit.FAILURE and "is not a motte database" in " ".join(result.stdout.split())
