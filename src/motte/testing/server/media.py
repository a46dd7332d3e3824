"""The media host: where clients upload what they encrypted, and download what others did.

    <iq type="set" xmlns="w:m"><media_conn/></iq>
        → <media_conn auth="…" ttl="300" auth_ttl="21600" max_buckets="12">
              <host hostname="127.0.0.1:PORT" maxContentLengthBytes="…"/></media_conn>

    POST /mms/image/<token>?auth=…&token=<token>[&file_offset=N]     token: the body's SHA-256, base64url
        → 200 {"url": "https://127.0.0.1:PORT/v/…", "direct_path": "/v/…?ccb=…"}
    POST /mms/image/<token>?auth=…&token=<token>&resume=1            no body
        → 200 {"resume": "complete", "url": …, "direct_path": …}  or  {"resume": N}, the bytes that are here
    GET  /v/…        with or without a Range → 200, 206, 416; 404 or 410 once it has expired

| upload status | why                                                              |
|---------------|------------------------------------------------------------------|
| 400           | the token is not the body's hash, or the offset is a wrong one   |
| 401           | `auth` is none that `media_conn` gave, or too old                |
| 413           | larger than `Settings.max_media`                                 |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from motte.core.binary.node import Node
from motte.testing.server.accounts import Device
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.mediastore import Blob, MediaStore, Upload
from motte.testing.server.reader import Refused

AREAS: Final = "mms|pps|product|newsletter"
"""The first parts of upload paths."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class MediaHost:
    """The HTTP routes of the media host."""

    def __init__(self, media: MediaStore, max_bytes: int) -> None:
        self._media = media
        self._max_bytes = max_bytes

    def routes(self) -> list[web.RouteDef]:
        """All routes, for the application."""
        return [
            web.post(f"/{{area:{AREAS}}}/{{kind:.+}}/{{token}}", self._upload),
            web.get("/v/{path:.+}", self._download),
        ]

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        if self._media.faults.uploads:
            return web.json_response({"error": "fault"}, status=self._media.faults.uploads.popleft())
        try:
            token = self._checked(request)
            if request.query.get("resume"):
                return web.json_response(self._progress(token))
            return web.json_response(self._answer(await self._receive(request, token)))
        except Refused as reason:
            return web.json_response({"error": reason.why}, status=reason.code)

    def _checked(self, request: web.Request) -> str:
        """The token of an upload that is allowed."""
        if not self._media.admits(request.query.get("auth", "")):
            raise Refused(401, "this upload token is unknown or too old")
        token = request.match_info["token"].rstrip("=")
        if not _TOKEN.fullmatch(token) or request.query.get("token", "").rstrip("=") != token:
            raise Refused(400, "the token in the path is not a hash, or not the one in the query")
        if (request.content_length or 0) > self._max_bytes:
            raise Refused(413, "the file is too large")
        return token

    def _progress(self, token: str) -> dict[str, str | int]:
        blob = self._media.with_token(token)
        return {"resume": "complete", **self._answer(blob)} if blob else {"resume": self._media.progress(token)}

    def _answer(self, blob: Blob) -> dict[str, str]:
        return {"url": self._media.url(blob), "direct_path": blob.path}

    async def _receive(self, request: web.Request, token: str) -> Blob:
        offset = request.query.get("file_offset", "0")
        if not (offset.isascii() and offset.isdecimal()):
            raise Refused(400, "the offset is not a number")
        upload = self._media.upload(token, int(offset))
        cut = self._media.faults.cuts.popleft() if self._media.faults.cuts else None
        async for data in request.content.iter_any():
            if cut is not None and upload.size + len(data) > cut:
                upload.add(data[: max(0, cut - upload.size)])
                _break(request)
            self._add(token, upload, data)
        return self._media.finish(token, upload)

    def _add(self, token: str, upload: Upload, data: bytes) -> None:
        if upload.size + len(data) > self._max_bytes:
            self._media.drop(token)
            raise Refused(413, "the file is too large")
        upload.add(data)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if self._media.faults.downloads:
            return web.Response(status=self._media.faults.downloads.popleft())
        blob = self._media.find(request.path)
        if blob is None or blob.expired:
            return web.Response(status=blob.expired if blob and blob.expired else 404)
        return web.FileResponse(blob.file, headers={"Content-Type": "application/octet-stream"})


def _break(request: web.Request) -> None:
    """Cut the connection, as a dying network does."""
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError("the upload was cut on purpose")


def _media_conn(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    settings, media = hub.settings, hub.media
    attrs = {
        "auth": media.issue_auth(settings.media_auth_seconds),
        "ttl": str(settings.media_ttl),
        "auth_ttl": str(int(settings.media_auth_seconds)),
        "max_buckets": "12",
    }
    limit = {"maxContentLengthBytes": str(settings.max_media)}
    hosts = (Node("host", {"hostname": name or media.host, **limit}) for name in settings.media_hosts)
    return (Node("media_conn", attrs, tuple(hosts)),)


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {("w:m", "media_conn"): _media_conn}
