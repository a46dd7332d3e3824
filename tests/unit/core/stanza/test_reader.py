import pytest

from motte.core.binary.node import Node
from motte.core.stanza.build import element, number
from motte.core.stanza.reader import Reader
from motte.errors import RemoteProtocolError
from motte.model.jid import Jid
from tests.unit.core.stanza.wire import xml


def fails(reader: Reader, method: str, *args: object, **kwargs: object) -> str:
    with pytest.raises(RemoteProtocolError) as caught:
        getattr(reader, method)(*args, **kwargs)
    return caught.value.path


STANZA = Reader(xml("iq", xml("pair-success", xml("device", jid="nobody", n="12", zero="0", big="9" * 30, minus="-1"))))


def test_the_error_names_the_way_to_the_attribute() -> None:
    device = STANZA.child("pair-success").child("device")
    assert fails(device, "jid", "jid") == "iq/pair-success/device@jid"
    assert fails(device, "text", "lid") == "iq/pair-success/device@lid"
    assert fails(device, "child", "key") == "iq/pair-success/device"


def test_an_error_keeps_the_value_to_itself() -> None:
    secret = Reader(xml("a", jid="secret"))
    with pytest.raises(RemoteProtocolError) as caught:
        secret.jid("jid")
    assert "secret" not in str(caught.value)


def test_numbers() -> None:
    device = STANZA.child("pair-success").child("device")
    assert device.integer("n") == 12
    assert device.integer("zero") == 0
    assert device.optional_integer("absent") is None
    assert device.integer("minus", low=-5) == -1
    for attr in ("big", "minus", "jid", "absent"):
        assert fails(device, "integer", attr).endswith(f"@{attr}")
    assert fails(device, "integer", "n", high=11).endswith("@n")


@pytest.mark.parametrize("text", ["1.5", "0x10", "１２", "", " 1", "1e3", "+1", "-"])
def test_what_is_no_number(text: str) -> None:
    fails(Reader(Node("a", {"n": text})), "integer", "n")


def test_optional_values_are_checked_when_present() -> None:
    empty = Reader(Node("a", {"jid": "", "n": ""}))
    assert empty.optional_jid("jid") is None
    assert empty.optional_integer("n") is None
    assert empty.optional_text("n") is None
    bad = Reader(Node("a", {"jid": "x", "n": "y"}))
    assert fails(bad, "optional_jid", "jid") == "a@jid"
    assert fails(bad, "optional_integer", "n") == "a@n"


def test_jids_and_flags() -> None:
    node = Reader(
        Node("a", {"pn": "15550100001:3@s.whatsapp.net", "server": "s.whatsapp.net", "yes": "true", "no": "x"})
    )
    assert node.jid("pn") == Jid("15550100001", "s.whatsapp.net", 3)
    assert node.jid("server") == Jid("", "s.whatsapp.net")
    assert (node.flag("yes"), node.flag("no"), node.flag("absent")) == (True, False, False)


def test_data() -> None:
    key = Reader(xml("key", b"12345"))
    assert key.data() == key.data(5) == key.data(limit=5) == b"12345"
    assert fails(key, "data", 4) == fails(key, "data", limit=4) == "key"
    assert fails(Reader(Node("key")), "data") == "key"
    assert fails(Reader(xml("key", xml("a"))), "data") == "key"
    assert Reader(xml("id", b"\0\1\2")).number(3) == 258


def test_strings() -> None:
    assert Reader(Node("ref", {}, "token")).string() == "token"
    assert Reader(Node("ref")).string() == ""
    assert fails(Reader(xml("ref", b"\xff")), "string") == "ref"
    assert fails(Reader(xml("ref", xml("a"))), "string") == "ref"


def test_elements_drop_what_is_none() -> None:
    jid = Jid.parse("15550100001@s.whatsapp.net")
    built = element("a", {"x": None, "n": 3, "jid": jid}, [None, number("id", 258, 3)])
    assert built == Node("a", {"n": "3", "jid": str(jid)}, (Node("id", {}, b"\0\1\2"),))
    assert element("a", {"x": None}, []) == Node("a", {}, None)
