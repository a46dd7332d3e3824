"""The current version of WhatsApp Web, looked up when the server says that ours is outdated."""

from __future__ import annotations

import logging
import re
from typing import Final

from motte.core.session.payload import ClientVersion
from motte.errors import LocalProtocolError, MotteError
from motte.runtime.config import Config
from motte.transport.http import HttpClient

log = logging.getLogger("motte.connection")

_REVISION: Final = re.compile(rb'client_revision\\?"\s*:\s*(\d{1,10})')
_HEADERS: Final = {"Sec-Fetch-Site": "none", "User-Agent": "Mozilla/5.0"}


def newest(ours: ClientVersion, kept: str) -> ClientVersion:
    """The newer of our own version and one that an earlier look-up left in the store; that may be empty."""
    try:
        return max(ours, ClientVersion.parse(kept)) if kept else ours
    except LocalProtocolError:
        return ours  # it only saves a look-up


async def current_version(config: Config, ours: ClientVersion) -> ClientVersion | None:
    """The version that the service worker of WhatsApp Web names; ours when it names none.

    None when it could not be asked: that may pass.
    """
    if not config.version_url:
        return ours
    try:
        async with HttpClient(proxy=config.proxy) as http:
            page = await http.get(config.version_url, headers=_HEADERS)
    except MotteError as error:
        log.warning("the current version could not be looked up: %s", error)
        return None
    found = _REVISION.search(page)
    if found is None:
        log.warning("the page at %s names no version", config.version_url)
        return ours
    try:
        version = ClientVersion.parse(f"{ours.primary}.{ours.secondary}.{found[1].decode()}")
    except LocalProtocolError as error:
        log.warning("the page at %s names no version that can be: %s", config.version_url, error)
        return ours
    log.info("the version is %s now (it was %s)", version, ours)
    return version
