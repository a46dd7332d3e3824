"""From a notice to the chunk that it announces: inside of it, or in a file on the media servers."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import Final, TypeAlias

from motte.core.history.chunk import MAX_FILE, Chunk, read
from motte.core.media.kinds import MediaKind
from motte.errors import MediaError
from motte.model.content.media import RemoteFile
from motte.proto.e2e_pb2 import Message
from motte.runtime.media.media import Media
from motte.store.repo.history import DIGEST_SIZE

log = logging.getLogger("motte.history")

Notice: TypeAlias = Message.HistorySyncNotification
_INLINE: Final = 16 * 1024
"""Deflated bytes that are sooner read than handed to a thread."""


async def fetch(notice: Notice, media: Media) -> Chunk:
    """The chunk, its MAC and both hashes checked if it was in a file.

    Raises:
        HistoryError: what came cannot be read, or is too much.
        MediaError, MediaUnavailable, TransportError: the file cannot be had.
        Disconnected, RequestTimeout, ServerError: the media servers cannot be asked for.
    """
    data = notice.initialHistBootstrapInlinePayload or await media.fetch(
        _file(notice), MediaKind.HISTORY, limit=MAX_FILE
    )
    return read(data) if len(data) <= _INLINE else await asyncio.to_thread(read, data)


def has_chunk(notice: Notice) -> bool:
    """Whether there is one at all."""
    return bool(notice.initialHistBootstrapInlinePayload or notice.directPath)


def digest(notice: Notice) -> bytes:
    """The same for two notices of one chunk, and for no others."""
    parts = (
        str(notice.syncType).encode(),
        str(notice.chunkOrder).encode(),
        str(notice.progress).encode(),
        notice.peerDataRequestSessionId.encode(),
        notice.fullHistorySyncOnDemandRequestMetadata.requestId.encode(),
        notice.fileEncSha256 or hashlib.sha256(notice.initialHistBootstrapInlinePayload).digest(),
    )
    return hashlib.sha256(b"\0".join(parts)).digest()[:DIGEST_SIZE]


def _file(notice: Notice) -> RemoteFile:
    if not notice.mediaKey:
        raise MediaError("key", "the notice does not say how the file is encrypted")
    return RemoteFile(
        direct_path=notice.directPath,
        media_key=notice.mediaKey,
        file_sha256=notice.fileSha256,
        enc_sha256=notice.fileEncSha256 or None,
        size=notice.fileLength,
        mime_type="",
    )
