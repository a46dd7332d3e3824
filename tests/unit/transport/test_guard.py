"""Which addresses are the open internet."""

import pytest

from motte.errors import LocalProtocolError
from motte.transport.guard import PublicOnly, check_target, is_public


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "not an address",
    ],
)
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://127.1/", "http://0x7f000001/", "http://localhost./", "http://printer.local/", "http:///x", "http://[::1"],
)
def test_targets_that_are_refused_unresolved(url: str) -> None:
    with pytest.raises(LocalProtocolError):
        check_target(url)


def test_a_name_may_be_tried() -> None:
    check_target("https://example.com/x")


async def test_a_name_that_resolves_to_a_private_address_is_refused() -> None:
    resolver = PublicOnly()
    with pytest.raises(OSError, match="no public address"):
        await resolver.resolve("localhost", 80)
    await resolver.close()
