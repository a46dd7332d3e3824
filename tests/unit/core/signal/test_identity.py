import pytest

from motte.core.signal import identity
from motte.errors import UntrustedIdentity


def test_a_first_identity_is_no_change() -> None:
    assert not identity.changed(None, b"a" * 32)
    assert not identity.changed(b"a" * 32, b"a" * 32)
    assert identity.changed(b"a" * 32, b"b" * 32)


def test_a_change_can_be_refused() -> None:
    identity.require_unchanged(None, b"a" * 32)
    identity.require_unchanged(b"a" * 32, b"a" * 32)
    with pytest.raises(UntrustedIdentity):
        identity.require_unchanged(b"a" * 32, b"b" * 32)
