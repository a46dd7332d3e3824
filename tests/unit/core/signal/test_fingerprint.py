from motte.core.crypto.curve import unprefixed
from motte.core.signal.fingerprint import grouped, safety_number

# libsignal's NumericFingerprintGenerator tests: identities, stable identifiers and the displayable text, version 1.
ALICE = unprefixed(bytes.fromhex("0506863bc66d02b40d27b8d49ca7c09e9239236f9d7d25d6fcca5ce13c7064d868"))
BOB = unprefixed(bytes.fromhex("05f781b6fb32fed9ba1cf2de978d4d5da28dc34046ae814402b5c0dbd96fda907b"))
NUMBER = "300354477692869396892869876765458257569162576843440918079131"


def test_the_number_of_libsignal_on_both_sides() -> None:
    assert safety_number("+14152222222", [ALICE], "+14153333333", [BOB]) == NUMBER
    assert safety_number("+14153333333", [BOB], "+14152222222", [ALICE]) == NUMBER


def test_another_key_or_device_changes_it() -> None:
    both = safety_number("1", [ALICE, BOB], "2", [BOB])
    assert both == safety_number("1", [BOB, ALICE], "2", [BOB])
    assert both != safety_number("1", [ALICE], "2", [BOB])


def test_it_is_shown_in_groups() -> None:
    assert grouped(NUMBER) == "30035 44776 92869 39689\n28698 76765 45825 75691\n62576 84344 09180 79131"
