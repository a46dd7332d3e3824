"""The fake phones of `motte server`, by its admin calls: they scan and type what a person would."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from motte.cli.exits import CliError, Exit

_SECONDS = 10.0


class FakePhone:
    """A phone of the local server whose WebSocket is at `url`; `ca_file` as for the client."""

    def __init__(self, url: str, ca_file: Path | None) -> None:
        parts = urlsplit(url)
        scheme = {"ws": "http", "wss": "https"}[parts.scheme]
        self._base = urlunsplit((scheme, parts.netloc, "/admin/mock-phone/", "", ""))
        self._tls = ssl.create_default_context(cafile=ca_file)

    async def scan(self, text: str) -> None:
        """Scan a QR code. Raises `CliError`."""
        await self._post("scan-qr", text)

    async def type_code(self, phone: str, code: str) -> None:
        """Type a pairing code. Raises `CliError`."""
        await self._post("confirm-code", json.dumps({"phone": phone, "code": code}))

    async def _post(self, name: str, body: str) -> None:
        import aiohttp  # late: it adds about 100 ms to the start of every other command

        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self._base + name, data=body, ssl=self._tls) as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, OSError) as error:
            raise CliError(f"the fake phone at {self._base} cannot be reached ({error})", Exit.NETWORK) from error
        if status != 200:
            raise CliError(f"the fake phone refused with HTTP {status}; only `motte server` has fake phones")
