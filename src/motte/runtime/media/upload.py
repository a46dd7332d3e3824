"""Files on their way up.

POST https://<host>/mms/<type>/<token>?auth=<auth>&token=<token>                  → {"url": …, "direct_path": …}
POST …&resume=1                                   how much of it is there?        → {"resume": "complete" | "<offset>"}
POST …&file_offset=<offset>                       the rest

The token is the hash of what is uploaded, base64url without padding. Hosts are tried in the order in which the server
names them; when none works, or the token for uploads has expired, they are asked for once more.
"""

from __future__ import annotations

import json
import logging
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from motte.core.stanza.mediaconn import MediaConnection, MediaHost
from motte.errors import RemoteProtocolError, TransportError
from motte.model.progress import Progress
from motte.runtime.media.hosts import MediaHosts
from motte.runtime.media.staging import Staged
from motte.transport.http import ORIGIN, HttpClient, Response

log = logging.getLogger("motte.media")

RESUMABLE: Final = 5 * 1024 * 1024
"""Bytes from which on the server is asked whether it has a part already, as WhatsApp Web does."""
RESUMES: Final = 5
"""How often a broken upload is taken up again at one host."""
_UNAUTHORIZED: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """Where a file is now."""

    direct_path: str
    url: str | None


class Uploader:
    """Uploads what was staged."""

    def __init__(self, hosts: MediaHosts, http: HttpClient) -> None:
        self._hosts, self._http = hosts, http

    async def upload(self, staged: Staged, path: str, progress: Progress | None = None) -> Uploaded:
        """Upload to the first host that takes it.

        Raises:
            TransportError: none did; the error is the last one's.
            RemoteProtocolError: a host took it and gave an answer that makes no sense.
        """
        digests = staged.digests
        token = urlsafe_b64encode(digests.enc_sha256 or digests.file_sha256).rstrip(b"=").decode()
        connection = await self._hosts.current()
        outcome = await self._somewhere(connection, staged, f"{path}/{token}", token, progress)
        if isinstance(outcome, TransportError):
            connection = await self._hosts.current(instead_of=connection)
            outcome = await self._somewhere(connection, staged, f"{path}/{token}", token, progress)
        if isinstance(outcome, TransportError):
            raise outcome
        return outcome

    async def _somewhere(
        self, connection: MediaConnection, staged: Staged, path: str, token: str, progress: Progress | None
    ) -> Uploaded | TransportError:
        """The place, or the last error when no host took it."""
        failed = TransportError("other", "no media host takes a file of this size")
        for host in connection.hosts:
            if host.max_bytes is not None and staged.size > host.max_bytes:
                continue
            query = {"auth": connection.auth, "token": token}
            try:
                return await _Attempt(self._http, host, path, query, staged, progress).run()
            except TransportError as error:
                log.info("the upload to %s failed: %s", host.name, error)
                failed = error
                if error.status in _UNAUTHORIZED:
                    break
        return failed


class _Attempt:
    """One upload to one host, taken up again where it broke when it is long."""

    def __init__(
        self,
        http: HttpClient,
        host: MediaHost,
        path: str,
        query: dict[str, str],
        staged: Staged,
        progress: Progress | None,
    ) -> None:
        self._http, self._staged, self._progress = http, staged, progress
        self._url, self._query = f"https://{host.name}{path}", query

    async def run(self) -> Uploaded:
        resumable = self._staged.size >= RESUMABLE
        for left in range(RESUMES if resumable else 0, -1, -1):
            offset = await self._offset() if resumable else 0
            if isinstance(offset, Uploaded):
                return offset
            try:
                return await self._send(offset)
            except TransportError as error:
                if error.status is not None or not left:
                    raise
                log.info("the upload broke off and goes on: %s", error)
        raise AssertionError

    async def _offset(self) -> int | Uploaded:
        """How much the host has: all of it, or so many bytes. A host that does not know the question has nothing."""
        async with self._http.open("POST", self._address(resume="1"), headers=_headers(0)) as response:
            if response.status != 200:
                return 0
            try:
                answer = await _answer(response)
                if answer.get("resume") == "complete":
                    return _uploaded(answer)
                offset = int(str(answer.get("resume")))
            except (ValueError, RemoteProtocolError):
                return 0
        return offset if 0 <= offset < self._staged.size else 0

    async def _send(self, offset: int) -> Uploaded:
        extra = {"file_offset": str(offset)} if offset else {}
        headers = _headers(self._staged.size - offset)
        async with self._http.open(
            "POST", self._address(**extra), headers=headers, body=lambda: self._body(offset)
        ) as response:
            if response.status != 200:
                raise response.error()
            return _uploaded(await _answer(response))

    async def _body(self, offset: int) -> AsyncIterator[bytes]:
        done = offset
        async for piece in self._staged.pieces(offset):
            yield piece
            done += len(piece)
            if self._progress is not None:
                self._progress(done, self._staged.size)

    def _address(self, **extra: str) -> str:
        return f"{self._url}?{urlencode(self._query | extra)}"


def _headers(size: int) -> dict[str, str]:
    return {"Content-Type": "application/octet-stream", "Content-Length": str(size), "Origin": ORIGIN}


async def _answer(response: Response) -> dict[str, Any]:
    try:
        answer = json.loads(await response.read())
    except ValueError as error:
        raise RemoteProtocolError("the media host's answer is no JSON") from error
    if not isinstance(answer, dict):
        raise RemoteProtocolError("the media host's answer is no JSON object")
    return answer


def _uploaded(answer: dict[str, Any]) -> Uploaded:
    path, url = answer.get("direct_path"), answer.get("url")
    if not isinstance(path, str) or not path.startswith("/"):
        raise RemoteProtocolError("the media host does not say where the file is")
    return Uploaded(direct_path=path, url=url if isinstance(url, str) else None)
