"""`client.media`: files up to the media servers and down from them.

Sending does the upload by itself: `messages.send(chat, Image(file="cat.jpg"))`. What is here is for files that are sent
many times, for progress, and for what was received.
"""

from __future__ import annotations

from pathlib import Path
from typing import overload

from motte.client.ports import Transfers
from motte.core.media.kinds import MediaKind, kind_of
from motte.errors import LocalProtocolError
from motte.model.content import Media as Content
from motte.model.content.media import RemoteFile, Source
from motte.model.key import MessageKey
from motte.model.picture import Picture
from motte.model.progress import Progress


class Media:
    """Uploads and downloads files."""

    def __init__(self, transfers: Transfers) -> None:
        self._transfers = transfers

    async def load(self, picture: Picture) -> bytes:
        """The JPEG of a person's or a group's picture.

        Raises:
            TransportError: it is not served (any more): ask for the picture again.
        """
        return await self._transfers.load(picture.url)

    async def upload(
        self,
        kind: MediaKind,
        source: Source,
        *,
        mime_type: str | None = None,
        newsletter: bool = False,
        progress: Progress | None = None,
    ) -> RemoteFile:
        """Upload a file, to be the `file` of any number of contents.

        It is encrypted and sent in pieces: a file of any size needs a few MiB of memory, and room on disk for its
        encrypted copy meanwhile.

        Args:
            kind: what it is to be; a file of one kind is no file of another.
            source: a path, bytes, an async iterator of bytes, or a `UrlSource`, which must not be in a private network.
            mime_type: what it is; found out from its first bytes when None.
            newsletter: for a newsletter, where nothing is encrypted.
            progress: told the encrypted bytes that were sent, and how many there are.

        Raises:
            OSError: the file cannot be read.
            TransportError: no media host takes it, or a URL cannot be fetched.
            LocalProtocolError: not a source, a kind that is not uploaded, a URL that must not be fetched.
            ServerError, RequestTimeout, Disconnected: the media servers could not be asked for.
        """
        mime = None if mime_type is None else lambda head: mime_type
        return await self._transfers.upload(kind, source, mime=mime, newsletter=newsletter, progress=progress)

    @overload
    async def download(
        self,
        what: Content | RemoteFile,
        *,
        to: None = None,
        kind: MediaKind | None = None,
        key: MessageKey | None = None,
        progress: Progress | None = None,
    ) -> bytes: ...

    @overload
    async def download(
        self,
        what: Content | RemoteFile,
        *,
        to: str | Path,
        kind: MediaKind | None = None,
        key: MessageKey | None = None,
        progress: Progress | None = None,
    ) -> Path: ...

    async def download(
        self,
        what: Content | RemoteFile,
        *,
        to: str | Path | None = None,
        kind: MediaKind | None = None,
        key: MessageKey | None = None,
        progress: Progress | None = None,
    ) -> bytes | Path:
        """Download a file, checked against MAC, hashes and size; gives its bytes, or its path when it goes to a file.

        A file is written under another name and takes its own when it is whole and right; one that was there before is
        replaced.

        Args:
            what: a received content, or its `file`.
            to: where to write it; into memory when None, up to 256 MiB.
            kind: what a bare `RemoteFile` is; a content knows.
            key: the message that it came with. If the servers have lost the file, the phone that sent it, or the own
                one, is asked to upload it again, and the download follows. `event.download()` does this by itself.
            progress: told the bytes that came, and how many there are.

        Raises:
            MediaUnavailable: the servers do not have it any more, and it did not come back.
            MediaError: what came is not the file that the message names; `check` says why.
            TransportError: no media host gave it.
            LocalProtocolError: the content is not downloadable, or `kind` is missing.
            OSError: it cannot be written.
            ServerError, RequestTimeout, Disconnected: the media servers could not be asked for.
        """
        file, kind = _file(what, kind)
        path = None if to is None else Path(to)
        return await self._transfers.download(file, kind, to=path, key=key, progress=progress)

    async def read(self, what: Content | RemoteFile, start: int, stop: int, *, kind: MediaKind | None = None) -> bytes:
        """The bytes `start` to `stop` (exclusive) of a video or a sound, without the rest, checked by its sidecar.

        Raises:
            LocalProtocolError: no such range, or a file without a sidecar; those are downloaded whole.
            MediaError, MediaUnavailable, TransportError: as in `download`.
        """
        file, kind = _file(what, kind)
        return await self._transfers.read(file, kind, start, stop)


def _file(what: Content | RemoteFile, kind: MediaKind | None) -> tuple[RemoteFile, MediaKind]:
    if isinstance(what, RemoteFile):
        if kind is None:
            raise LocalProtocolError("say what kind of file it is, or give the content that it came with")
        return what, kind
    if not isinstance(what, Content):
        raise LocalProtocolError(f"{type(what).__name__} has no file")
    if not isinstance(what.file, RemoteFile):
        raise LocalProtocolError("this file was not uploaded, so there is nothing to download")
    return what.file, kind or kind_of(what)
