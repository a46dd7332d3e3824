import pytest

from motte.core.signal.address import Address
from motte.errors import InvalidJid
from motte.model.jid import Jid


@pytest.mark.parametrize(
    ("jid", "text"),
    [
        ("15550100001@s.whatsapp.net", "15550100001.0"),
        ("15550100001:3@s.whatsapp.net", "15550100001.3"),
        ("123:7@lid", "123_1.7"),
        ("15550100001:99@hosted", "15550100001_128.99"),
        ("123:99@hosted.lid", "123_129.99"),
    ],
)
def test_a_person_s_device_has_an_address_and_back(jid: str, text: str) -> None:
    address = Address.of(Jid.parse(jid))
    assert str(address) == text
    assert Address.parse(text) == address
    assert address.jid == Jid.parse(jid)


@pytest.mark.parametrize("jid", ["120363000000000000@g.us", "status@broadcast", "@s.whatsapp.net", "123@newsletter"])
def test_others_have_none(jid: str) -> None:
    with pytest.raises(InvalidJid):
        Address.of(Jid.parse(jid))


@pytest.mark.parametrize("text", ["", "123", ".1", "123.", "123.x", "123.-1", "123.65536", "123.1²"])
def test_texts_that_are_no_address(text: str) -> None:
    with pytest.raises(InvalidJid):
        Address.parse(text)


def test_an_unknown_domain_has_no_jid() -> None:
    with pytest.raises(InvalidJid):
        _ = Address("123_7", 0).jid
