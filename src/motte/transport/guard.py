"""Fetching what strangers name, without letting them reach into the own network.

An address is refused unless it is a public one: no loopback, private, link-local, multicast or reserved one, and none
of them dressed up as IPv6. Names are checked after they are resolved, and the connection goes to the very address that
was checked. Behind a proxy, names are resolved there: then only addresses can be checked, and the proxy has to do the
rest.

Imported late, since it needs aiohttp.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from motte.errors import LocalProtocolError


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def check_target(url: str, allowed: Collection[str] = ()) -> None:
    """Refuse a URL that names a private address, or localhost, outright; not if it is an `allowed` address.

    Raises:
        LocalProtocolError: it does, or it is no URL of a host.
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError as error:
        raise LocalProtocolError("a URL that cannot be read") from error
    if _is_address(host):
        if not is_public(host) and host not in allowed:
            raise LocalProtocolError(f"{host} is not a public address")
    elif not host or host.rstrip(".").rpartition(".")[2].lower() in ("localhost", "local", "internal"):
        raise LocalProtocolError(f"{host or 'nobody'} is not a public host")


def _is_address(host: str) -> bool:
    """Whether it is an address, in any of the spellings that the system takes for one (`127.1`, `0x7f000001`)."""
    if ":" in host:
        return True
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


class PublicOnly(AbstractResolver):
    """Resolves names, and keeps private addresses out of the answer, but for those that are `allowed`."""

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._resolver, self._allowed = ThreadedResolver(), allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The public addresses of a name. Raises `OSError` when there is none."""
        every = await self._resolver.resolve(host, port, family)
        found = [one for one in every if is_public(one["host"]) or one["host"] in self._allowed]
        if not found:
            raise OSError(None, f"{host} has no public address")
        return found

    async def close(self) -> None:
        """Nothing is kept."""
        await self._resolver.close()
