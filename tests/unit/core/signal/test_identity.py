from motte.core.signal import identity


def test_a_first_identity_is_no_change() -> None:
    assert not identity.changed(None, b"a" * 32)
    assert not identity.changed(b"a" * 32, b"a" * 32)
    assert identity.changed(b"a" * 32, b"b" * 32)
