"""The table of handlers, accounts and addresses."""

from __future__ import annotations

import pytest

from motte.model.jid import Jid
from motte.testing import LocalServer
from motte.testing.server.accounts import FIRST_PHONE, Directory
from motte.testing.server.registry import IQS, STANZAS, joined


def test_a_key_that_two_domains_claim_is_an_error() -> None:
    assert joined({"a": 1}, {"b": 2}) == {"a": 1, "b": 2}
    with pytest.raises(ValueError, match="a"):
        joined({"a": 1}, {"a": 2})


def test_the_domains_are_in_the_table() -> None:
    assert {"message", "receipt", "ack", "presence", "chatstate", "ib", "call"} <= set(STANZAS)
    assert {"encrypt", "usync", "md", "privacy", "blocklist", "abt", "w:p", "passive"} <= {xmlns for xmlns, _ in IQS}


def test_names_and_numbers() -> None:
    directory = Directory()
    ann, nameless = directory.create("Ann"), directory.create("")
    chosen = directory.create("Ann", "15550100003")
    after = directory.create("Dan")
    assert [account.name for account in directory] == ["Ann", "user 2", "15550100003", "Dan"]
    assert [int(account.pn.user) - FIRST_PHONE for account in directory] == [0, 1, 2, 3]
    assert len({account.lid for account in directory}) == 4
    for spelling in ("Ann", "15550100001", "+15550100001", "15550100001:3@s.whatsapp.net", str(ann.lid)):
        assert directory.find(spelling) is ann
    assert directory.find("Eve") is None
    assert directory.account(Jid.parse("15550100001@g.us")) is None
    assert directory.account(after.lid.with_device(9)) is after
    assert nameless is not chosen


async def test_an_account_is_made_when_it_is_first_named(server: LocalServer) -> None:
    assert server.account("Ann") is server.account("Ann")
    assert server.phone("Ann") is server.account("15550100001").phone
