"""What the media host keeps: blobs on disk, uploads that are still under way, and who may upload.

A blob is opaque. It is found by its direct path until it expires; then its path answers with the status it expired
with, while the phone that re-uploads it gives it a new path. An upload that broke off stays, so that a client can go on
where it was.
"""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from motte.core.crypto.rng import Rng
from motte.testing.server.reader import Refused

if TYPE_CHECKING:
    from hashlib import _Hash

MAX_UPLOADS: Final = 64
"""Uploads under way at once; the oldest is forgotten first."""
MAX_AUTHS: Final = 1024
_GONE: Final = 410


@dataclass(slots=True, eq=False)
class Blob:
    """A stored file; `expired` is the HTTP status that its path answers with instead. Mutable: it expires."""

    file: Path
    size: int
    path: str
    expired: int | None = None


@dataclass(slots=True, eq=False)
class Upload:
    """A file that grows until it is whole. Mutable on purpose."""

    file: Path
    size: int = 0
    digest: _Hash = field(default_factory=hashlib.sha256)

    def add(self, data: bytes) -> None:
        """Append what came."""
        with self.file.open("ab") as file:
            file.write(data)
        self.digest.update(data)
        self.size += len(data)


@dataclass(slots=True)
class MediaFaults:
    """What goes wrong with the next requests: statuses instead of answers, uploads cut after so many bytes."""

    uploads: deque[int] = field(default_factory=deque)
    downloads: deque[int] = field(default_factory=deque)
    cuts: deque[int] = field(default_factory=deque)
    lost_by_phones: int = 0


class MediaStore:
    """Blobs, uploads and upload tokens of one server. `open` gives it its folder and the host that it is reached at."""

    def __init__(self, clock: Callable[[], float], rng: Rng) -> None:
        self._clock = clock
        self._rng = rng
        self._folder: Path | None = None
        self._blobs: dict[str, Blob] = {}
        self._by_token: dict[str, Blob] = {}
        self._uploads: dict[str, Upload] = {}
        self._auths: dict[str, float] = {}
        self.host = "127.0.0.1"
        self.scheme = "https"
        self.faults = MediaFaults()

    def open(self, folder: Path, host: str, scheme: str) -> None:
        """Keep files in `folder`; clients reach them at `scheme://host`."""
        self._folder, self.host, self.scheme = folder, host, scheme

    # ---- who may upload ----

    def issue_auth(self, seconds: float) -> str:
        """A new upload token that is good for `seconds`."""
        auth = base64.urlsafe_b64encode(self._rng(18)).decode()
        self._auths[auth] = self._clock() + seconds
        while len(self._auths) > MAX_AUTHS:
            del self._auths[next(iter(self._auths))]
        return auth

    def admits(self, auth: str) -> bool:
        """Whether an upload token is good now."""
        return self._auths.get(auth, 0.0) > self._clock()

    def revoke_auths(self) -> None:
        """No token that was issued so far is good any more."""
        self._auths.clear()

    # ---- uploads ----

    def upload(self, token: str, offset: int) -> Upload:
        """The upload with this token at `offset`; from the start when that is 0. `Refused(400)`: it is elsewhere."""
        known = self._uploads.pop(token, None) if offset else None
        if offset and (known is None or known.size != offset):
            raise Refused(400, "the offset is not where the upload broke off")
        upload = known or Upload(self._new_file())
        self._uploads[token] = upload
        while len(self._uploads) > MAX_UPLOADS:
            self._uploads.pop(next(iter(self._uploads))).file.unlink(missing_ok=True)
        return upload

    def progress(self, token: str) -> int:
        """How many bytes of an upload that broke off are here."""
        upload = self._uploads.get(token)
        return upload.size if upload else 0

    def finish(self, token: str, upload: Upload) -> Blob:
        """The blob of an upload that is whole. `Refused(400)`: its SHA-256 is not what the token says."""
        if self._uploads.get(token) is upload:
            del self._uploads[token]
        if base64.urlsafe_b64encode(upload.digest.digest()).decode().rstrip("=") != token:
            upload.file.unlink(missing_ok=True)
            raise Refused(400, "the token is not the SHA-256 of what was uploaded")
        blob = self._by_token[token] = self._publish(upload.file, upload.size)
        return blob

    def drop(self, token: str) -> None:
        """Forget an upload."""
        upload = self._uploads.pop(token, None)
        if upload is not None:
            upload.file.unlink(missing_ok=True)

    def with_token(self, token: str) -> Blob | None:
        """The blob that was uploaded with this token and has not expired."""
        blob = self._by_token.get(token)
        return None if blob is None or blob.expired else blob

    def put(self, data: bytes) -> Blob:
        """Store a file of the server's own."""
        file = self._new_file()
        file.write_bytes(data)
        return self._publish(file, len(data))

    # ---- blobs ----

    def find(self, path: str) -> Blob | None:
        """The blob that a direct path or a URL names."""
        return self._blobs.get(urlsplit(path).path)

    def url(self, blob: Blob) -> str:
        """Its whole URL."""
        return f"{self.scheme}://{self.host}{blob.path}"

    def expire(self, path: str | None = None, status: int = _GONE) -> int:
        """Let a blob (by direct path or URL), or all, answer with a status; how many there were."""
        if path is not None and self.find(path) is None:
            raise Refused(404, "there is no such media")
        struck = [blob for blob in self._blobs.values() if path is None or blob is self.find(path)]
        for blob in struck:
            blob.expired = status
        return len(struck)

    def renew(self, path: str) -> Blob | None:
        """The same content at a new path: what a re-upload by the phone comes to."""
        old = self.find(path)
        return None if old is None else self._publish(old.file, old.size)

    def phone_has_lost(self) -> bool:
        """Whether the phone that is asked now has lost the file, too: a fault."""
        lost = self.faults.lost_by_phones > 0
        self.faults.lost_by_phones -= lost
        return lost

    def _publish(self, file: Path, size: int) -> Blob:
        name = f"/v/t62.7118-24/{int.from_bytes(self._rng(8), 'big')}_n.enc"
        expires = int(self._clock()) + 30 * 86400
        blob = Blob(file, size, f"{name}?ccb=11-4&oh=01_{self._rng(16).hex()}&oe={expires:08X}&_nc_sid=5e03e0")
        self._blobs[name] = blob
        return blob

    def _new_file(self) -> Path:
        if self._folder is None:
            raise Refused(503, "the media host has not started")
        return self._folder / self._rng(16).hex()
