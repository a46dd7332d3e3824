"""Files on their way down.

GET https://<host><direct path>        the hosts of the moment in their order; what breaks off goes on where it stopped

The path and the URL come from whoever sent the message, so they are not trusted: a path that would name another host is
refused, and so is a URL of a host that is not the media servers'.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Final, Self
from urllib.parse import urlsplit

from motte.core.media.cipher import Checker, Decryptor, Digests, Reader
from motte.core.media.keys import MediaKeys
from motte.core.media.kinds import MediaKind
from motte.core.media.parts import Range
from motte.core.stanza.mediaconn import MediaConnection
from motte.errors import LocalProtocolError, MediaError, MediaUnavailable, RemoteProtocolError, TransportError
from motte.model.content.media import RemoteFile
from motte.model.progress import Progress
from motte.runtime.media.hosts import MediaHosts
from motte.runtime.media.pipeline import Pipeline
from motte.runtime.media.sinks import Sink
from motte.transport.http import ORIGIN, HttpClient, Response

log = logging.getLogger("motte.media")

ROUNDS: Final = 8
"""How often all hosts are tried, as long as each round brings something."""
BATCH: Final = 1024 * 1024
"""Bytes that are collected before they are handed to threads."""
GONE: Final = frozenset({403, 404, 410})
"""What hosts answer for a file that they do not have any more, or whose path has expired."""
WHATSAPP_HOSTS: Final = ".whatsapp.net"
_PATH: Final = re.compile(r"/(?!/)[!-~]*")
_HEADERS: Final = {"Origin": ORIGIN}


class Downloader:
    """Downloads, checks and decrypts."""

    def __init__(self, hosts: MediaHosts, http: HttpClient) -> None:
        self._hosts, self._http = hosts, http

    async def fetch(self, file: RemoteFile, kind: MediaKind, sink: Sink, progress: Progress | None = None) -> None:
        """Fill the sink. When this returns, all of the file was right.

        Raises:
            MediaUnavailable: the servers do not have it any more.
            MediaError: it is not the file that the message names.
            TransportError: no host gave it.
        """
        places = _places(file, await self._hosts.current())
        async with Transfer(_reader(file, kind), sink, file.size or None, progress) as transfer:
            await self._all(places, transfer)
            await transfer.finish()

    async def _all(self, places: Sequence[str], transfer: Transfer) -> None:
        failed = TransportError("other", "there is no media host")
        for _ in range(ROUNDS):
            before = transfer.received
            for place in places:
                try:
                    return await self._receive(place, transfer)
                except TransportError as error:
                    failed = error
                    log.info("the download broke off after %d bytes: %s", transfer.received, error)
                    _raise_if_gone(error)
            if transfer.received == before:
                break
        raise failed

    async def read(self, file: RemoteFile, kind: MediaKind, start: int, stop: int) -> bytes:
        """The bytes `start` to `stop` (exclusive), checked against the sidecar. Raises like `fetch`.

        Raises:
            LocalProtocolError: no such range, or no sidecar to check it against.
        """
        if file.media_key is None or not file.sidecar:
            raise LocalProtocolError("a part can be checked in files with a key and a sidecar only: videos and sounds")
        keys, part = MediaKeys.derive(file.media_key, kind), Range(start=start, stop=stop, size=file.size)
        failed = TransportError("other", "there is no media host")
        for place in _places(file, await self._hosts.current()):
            try:
                return part.decrypt(keys, await self._part(place, part), file.sidecar)
            except TransportError as error:
                failed = error
                _raise_if_gone(error)
        raise failed

    async def _receive(self, place: str, transfer: Transfer) -> None:
        offset = transfer.received
        headers = _HEADERS | ({"Range": f"bytes={offset}-"} if offset else {})
        async with self._http.open("GET", place, headers=headers) as response:
            skip = _begins_at(response, offset)
            async for chunk in response.chunks():
                rest = chunk[skip:]
                skip = max(skip - len(chunk), 0)
                if rest:
                    await transfer.take(rest)

    async def _part(self, place: str, part: Range) -> bytes:
        headers = _HEADERS | {"Range": f"bytes={part.begin}-{part.end - 1}"}
        async with self._http.open("GET", place, headers=headers) as response:
            if response.status == 206:
                _begins_at(response, part.begin)
                return await response.read(limit=part.end - part.begin)
            if response.status == 200:
                raise TransportError("other", "the media host does not give parts of files")
            raise response.error()


class Transfer:
    """A download under way, over however many connections."""

    def __init__(self, reader: Reader, sink: Sink, size: int | None, progress: Progress | None) -> None:
        self._reader, self._sink = reader, sink
        self._size, self._progress = size, progress
        self._pipeline = Pipeline(reader.digest, lambda data: sink.write(reader.update(data)))
        self._held: list[bytes] = []
        self._held_size = 0
        self.received = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._pipeline.__aexit__(*exception)

    async def take(self, chunk: bytes) -> None:
        """Take bytes from the wire."""
        self._held.append(chunk)
        self._held_size += len(chunk)
        self.received += len(chunk)
        if self._held_size >= BATCH:
            await self._pass_on()
            if self._progress is not None:
                self._progress(min(self.received, self._size or self.received), self._size)

    async def finish(self) -> None:
        """Everything came; check it."""
        await self._pass_on()
        await self._pipeline.drain()
        self._sink.write(self._reader.finish())
        if self._progress is not None:
            self._progress(self._size or self.received, self._size)

    async def _pass_on(self) -> None:
        batch, self._held, self._held_size = self._held, [], 0
        await self._pipeline.put(batch)


def _reader(file: RemoteFile, kind: MediaKind) -> Reader:
    expected = Digests(size=file.size, file_sha256=file.file_sha256, enc_sha256=file.enc_sha256)
    if file.media_key is None:
        return Checker(expected)
    return Decryptor(MediaKeys.derive(file.media_key, kind), expected)


def _places(file: RemoteFile, connection: MediaConnection) -> list[str]:
    """Where the file may be, best first."""
    names = [name for host in connection.hosts for name in (host.name, host.fallback) if name]
    if file.direct_path:
        if not _PATH.fullmatch(file.direct_path):
            raise MediaError("path", "the path of the file is none")
        return [f"https://{name}{file.direct_path}" for name in dict.fromkeys(names)]
    if file.url:
        _check_url(file.url, names)
        return [file.url]
    raise MediaError("path", "the message does not say where the file is")


def _check_url(url: str, names: list[str]) -> None:
    try:
        parts = urlsplit(url)
        known = parts.netloc in names or (parts.netloc.endswith(WHATSAPP_HOSTS) and "@" not in parts.netloc)
    except ValueError:
        known = False
    if not known or parts.scheme != "https" or not _PATH.fullmatch(parts.path):
        raise MediaError("path", "the URL of the file does not lead to the media servers")


def _begins_at(response: Response, offset: int) -> int:
    """How many bytes of the answer are known already."""
    if response.status == 206:
        if not response.headers.get("Content-Range", "").startswith(f"bytes {offset}-"):
            raise RemoteProtocolError("the media host sent another range than it was asked for")
        return 0
    if response.status != 200:
        raise response.error()
    return offset


def _raise_if_gone(error: TransportError) -> None:
    if error.status in GONE:
        raise MediaUnavailable("expired", "the media servers do not have the file any more") from error
