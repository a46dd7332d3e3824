"""Trusted-contact tokens on the wire, and the weeks in which they count."""

import pytest

from motte.core.binary.node import Node
from motte.core.message import trust
from motte.core.stanza import notification
from motte.core.stanza.reader import Reader
from motte.core.stanza.tokens import GivenToken, IssueToken, TokensGiven
from motte.errors import RemoteProtocolError
from motte.model.jid import Jid
from tests.unit.core.stanza.wire import plain, xml

ADA, ADA_LID = Jid.parse("15550100002@s.whatsapp.net"), Jid.parse("100000000000002@lid")
WEEK = 7 * 86400


def token(content: bytes = b"token", **attrs: str) -> Node:
    return xml(
        "token", content, **{"jid": "15550100001:3@s.whatsapp.net", "t": "5", "type": "trusted_contact", **attrs}
    )


def read(*tokens: Node, **attrs: str) -> TokensGiven:
    head = {"id": "1", "type": "privacy_token", "from": str(ADA), "t": "9", **attrs}
    value = notification.read(Reader(Node("notification", head, (xml("tokens", *tokens),))))
    assert isinstance(value, TokensGiven)
    return value


def test_who_gave_them_is_the_sender_and_not_the_jid_inside() -> None:
    assert read(token()).user == ADA
    value = read(token(), sender_lid=str(ADA_LID))
    assert (value.user, value.tokens) == (ADA_LID, (GivenToken(b"token", 5),))


def test_other_kinds_and_tokens_without_time_or_content_do_not_count() -> None:
    others = [token(type="other"), token(t="0"), token(b""), xml("token", type="trusted_contact")]
    assert read(*others, token(b"good")).tokens == (GivenToken(b"good", 5),)


@pytest.mark.parametrize("time", ["soon", "9" * 19])
def test_malformed_times_are_errors(time: str) -> None:
    with pytest.raises(RemoteProtocolError):
        read(token(t=time))


def test_issuing() -> None:
    request = IssueToken(ADA.with_device(2), 77)
    expected = ("token", {"jid": str(ADA), "t": "77", "type": "trusted_contact"}, None)
    node = request.build("ID")
    assert (node.attrs["xmlns"], node.attrs["type"]) == ("privacy", "set")
    assert plain(node)[2] == [("tokens", {}, [expected])]
    assert request.parse(xml("iq", type="result")) == ()
    assert request.parse(xml("iq", xml("tokens", token()), type="result")) == (GivenToken(b"token", 5),)


def test_a_token_is_good_in_its_week_and_three_more() -> None:
    now = 100 * WEEK + 5.0
    assert [trust.is_good(at, now) for at in (101 * WEEK, 97 * WEEK, 97 * WEEK - 1, 0)] == [True, True, False, False]


def test_a_new_one_is_due_in_each_week() -> None:
    now = 100 * WEEK + 5.0
    assert [trust.is_due(at, now) for at in (None, 100 * WEEK - 1, 100 * WEEK, 101 * WEEK)] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("user", "exchanged"),
    [
        ("15550100002@s.whatsapp.net", True),
        ("100000000000002@lid", True),
        ("0@s.whatsapp.net", False),
        ("13135550001@s.whatsapp.net", False),
        ("13165550002@s.whatsapp.net", False),
        ("867051314767696@bot", False),
        ("120363000000000001@g.us", False),
    ],
)
def test_with_whom_tokens_are_exchanged(user: str, exchanged: bool) -> None:
    assert trust.is_person(Jid.parse(user)) is exchanged
