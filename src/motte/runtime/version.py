"""The current version of WhatsApp Web, looked up when the server says that ours is outdated."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Final

from motte.core.session.payload import ClientVersion
from motte.errors import MotteError
from motte.runtime.config import Config
from motte.transport.http import HttpClient

log = logging.getLogger("motte.connection")

_REVISION: Final = re.compile(rb'client_revision\\?"\s*:\s*(\d{1,10})')
_HEADERS: Final = {"Sec-Fetch-Site": "none", "User-Agent": "Mozilla/5.0"}


async def current_version(config: Config, ours: ClientVersion) -> ClientVersion:
    """The version that the service worker of WhatsApp Web names; ours when it cannot be found."""
    if not config.version_url:
        return ours
    try:
        page = await HttpClient(proxy=config.proxy).get(config.version_url, headers=_HEADERS)
    except MotteError as error:
        log.warning("the current version could not be looked up: %s", error)
        return ours
    found = _REVISION.search(page)
    if found is None:
        log.warning("the page at %s names no version", config.version_url)
        return ours
    version = replace(ours, tertiary=int(found[1]))
    log.info("the version is %s now (it was %s)", version, ours)
    return version
