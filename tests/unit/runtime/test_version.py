"""Which version counts."""

from __future__ import annotations

import pytest

from motte.core.session.payload import ClientVersion
from motte.runtime.config import Config
from motte.runtime.version import current_version, newest

OURS = ClientVersion(2, 3000, 100)


@pytest.mark.parametrize(
    ("kept", "counts"),
    [
        ("", OURS),
        ("2.3000.99", OURS),
        ("2.3000.101", ClientVersion(2, 3000, 101)),
        ("2.2999.500", OURS),
        ("3.0.0", ClientVersion(3, 0, 0)),
        ("nonsense", OURS),
        ("2.3000.99999999999", OURS),
    ],
)
def test_the_newer_one_counts(kept: str, counts: ClientVersion) -> None:
    assert newest(OURS, kept) == counts


async def test_without_an_address_nothing_is_looked_up() -> None:
    assert await current_version(Config(version_url=""), OURS) is OURS


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://127.0.0.1:1/sw.js"])
async def test_an_address_that_does_not_answer_leaves_it_open(url: str, caplog: pytest.LogCaptureFixture) -> None:
    assert await current_version(Config(version_url=url), OURS) is None
    assert "could not be looked up" in caplog.text
