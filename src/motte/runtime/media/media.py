"""Upload and download, put together: what `client.media` stands on."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from motte.core.media.cipher import Encryptor, Hasher, Writer
from motte.core.media.keys import MEDIA_KEY_SIZE, MediaKeys
from motte.core.media.kinds import FACTS, MediaKind, upload_path
from motte.core.media.sniff import OCTETS, mime_type
from motte.core.stanza.mediaretry import MediaRetried
from motte.errors import LocalProtocolError, MediaError, MediaUnavailable
from motte.model.content.media import RemoteFile, Source
from motte.model.key import MessageKey
from motte.model.progress import Progress
from motte.runtime.context import Context
from motte.runtime.media.download import Downloader
from motte.runtime.media.hosts import MediaHosts
from motte.runtime.media.reupload import Reuploads
from motte.runtime.media.sinks import FileSink, MemorySink
from motte.runtime.media.sources import pieces
from motte.runtime.media.staging import staged
from motte.runtime.media.upload import Uploader
from motte.transport.http import HttpClient

IN_MEMORY: Final = 256 * 1024 * 1024
"""Bytes of the longest file that is downloaded without a path."""
MAX_PICTURE: Final = 4 * 1024 * 1024
"""Bytes of the largest picture of a person or a group."""
STALL_SECONDS: Final = 60.0
"""How long a transfer may make no progress."""
Mime: TypeAlias = Callable[[bytes], str]
"""Gives the MIME type of a file that begins with these bytes; raises `LocalProtocolError` for one that does not fit."""


class Media:
    """Transfers files. Connections to the media servers are kept until `close`."""

    def __init__(self, context: Context, *, timeout: float = STALL_SECONDS) -> None:
        config = context.config
        self._context = context
        self._http = HttpClient(proxy=config.proxy, tls=_trust(config.ca_file), timeout=timeout)
        # Not with our trust in a local server's certificate: these are other people's servers.
        self._strangers = HttpClient(proxy=config.proxy, timeout=timeout, public_only=True)
        hosts = MediaHosts(context)
        self._uploader, self._downloader = Uploader(hosts, self._http), Downloader(hosts, self._http)
        self._reuploads = Reuploads(context)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
        await self._strangers.close()

    async def upload(
        self,
        kind: MediaKind,
        source: Source,
        *,
        mime: Mime | None = None,
        newsletter: bool = False,
        progress: Progress | None = None,
    ) -> RemoteFile:
        """Upload a source; see `client.media.upload`. `mime` tells the type by the first bytes, or refuses them."""
        path = upload_path(kind, newsletter=newsletter)
        if not path:
            raise LocalProtocolError(f"files of kind {kind} are not uploaded by clients")
        media_key = None if newsletter or not FACTS[kind].keys else self._context.rng(MEDIA_KEY_SIZE)
        async with staged(pieces(source, self._strangers), _writer(media_key, kind)) as ready:
            kind_of_file = (mime or _sniffed)(ready.head)
            uploaded = await self._uploader.upload(ready, path, progress)
        digests = ready.digests
        return RemoteFile(
            direct_path=uploaded.direct_path,
            url=uploaded.url,
            file_sha256=digests.file_sha256,
            enc_sha256=digests.enc_sha256,
            size=digests.size,
            mime_type=kind_of_file,
            media_key=media_key,
            media_key_timestamp=int(self._context.clock.now()) if media_key is not None else None,
            sidecar=digests.sidecar,
        )

    async def download(
        self,
        file: RemoteFile,
        kind: MediaKind,
        *,
        to: Path | None = None,
        key: MessageKey | None = None,
        progress: Progress | None = None,
    ) -> Path | bytes:
        """Download a file; see `client.media.download`."""
        try:
            return await self._fetch(file, kind, to, progress)
        except MediaUnavailable:
            if key is None or file.media_key is None:
                raise
            path = await self._reuploads.ask(key, file.media_key)
        return await self._fetch(replace(file, direct_path=path, url=None), kind, to, progress)

    async def _fetch(
        self, file: RemoteFile, kind: MediaKind, to: Path | None, progress: Progress | None
    ) -> Path | bytes:
        if to is None:
            memory = MemorySink(IN_MEMORY)
            await self._downloader.fetch(file, kind, memory, progress)
            return memory.take()
        async with FileSink(to) as sink:
            await self._downloader.fetch(file, kind, sink, progress)
            return await sink.keep()

    async def fetch(self, file: RemoteFile, kind: MediaKind, *, limit: int) -> bytes:
        """A file of at most `limit` bytes, which concerns the client alone.

        Raises:
            MediaError: it is larger, or not the file that it should be.
            MediaUnavailable, TransportError: as `download`.
        """
        if file.size is not None and file.size > limit:
            raise MediaError("size", f"the file has more than {limit} bytes")
        memory = MemorySink(limit)
        try:
            await self._downloader.fetch(file, kind, memory, None)
        except LocalProtocolError as error:
            raise MediaError("size", str(error)) from None
        return memory.take()

    async def load(self, url: str) -> bytes:
        """What the media servers serve under a URL; see `client.media.load`."""
        return await self._http.get(url, limit=MAX_PICTURE)

    async def read(self, file: RemoteFile, kind: MediaKind, start: int, stop: int) -> bytes:
        """A part of a file; see `client.media.read`."""
        return await self._downloader.read(file, kind, start, stop)

    def answered(self, answer: MediaRetried) -> None:
        """A phone answered a request to upload again."""
        self._reuploads.answered(answer)


def _writer(media_key: bytes | None, kind: MediaKind) -> Writer:
    if media_key is None:
        return Hasher()
    return Encryptor(MediaKeys.derive(media_key, kind), sidecar=FACTS[kind].streamable)


def _sniffed(head: bytes) -> str:
    return mime_type(head) or OCTETS


def _trust(ca_file: str | Path | None) -> Callable[[], ssl.SSLContext] | None:
    if ca_file is None:
        return None

    def make() -> ssl.SSLContext:
        from motte.transport.websocket import trusting  # late: it brings picows, which costs 30 ms of import

        return trusting(str(ca_file))

    return make
