"""The local server as an object: `async with LocalServer() as server:`."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, Self

from aiohttp import web

from motte.core.binary.node import Node
from motte.core.crypto.rng import Rng
from motte.model.jid import Jid
from motte.testing.server.accounts import Account
from motte.testing.server.admin import MAX_BODY, Admin
from motte.testing.server.faults import Faults
from motte.testing.server.groups import Group
from motte.testing.server.hub import Hub, Watcher
from motte.testing.server.media import MediaHost
from motte.testing.server.noisekeys import NoiseKeys
from motte.testing.server.phone import Phone, account_of, confirm_code, scan
from motte.testing.server.reader import Refused, as_jid
from motte.testing.server.registry import IQS, STANZAS
from motte.testing.server.session import serve
from motte.testing.server.settings import Settings
from motte.testing.server.tls import server_context, write_certificate
from motte.testing.server.wire import CLOSE_SECONDS

log = logging.getLogger("motte.server")

HOST: Final = "127.0.0.1"
CHAT_PATH: Final = "/ws/chat"
MAX_MESSAGE: Final = 1 << 25
"""Longest WebSocket message, in bytes: more than a frame can hold."""
_STOP_SECONDS: Final = 1.0
_GOING_AWAY: Final = 1001


class LocalServer:
    """A server that speaks WhatsApp Web's protocol on 127.0.0.1.

    Args:
        port: for `ws` and `http`; 0 picks a free one, None leaves them out.
        tls_port: for `wss` and `https`, with a self-signed certificate made at start; likewise.
        settings: see `Settings`; from the environment by default.
        clock: unix seconds, for tests that move time.
        rng: randomness, for tests that fix it.

    Raises:
        ValueError: both ports are left out.
        OSError: a port is taken.
    """

    def __init__(
        self,
        *,
        port: int | None = 0,
        tls_port: int | None = 0,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.time,
        rng: Rng = os.urandom,
    ) -> None:
        if port is None and tls_port is None:
            raise ValueError("a server without any port cannot be reached")
        self._ports = port, tls_port
        self._stack = AsyncExitStack()
        self._sockets: set[web.WebSocketResponse] = set()
        self._plain: int | None = None
        self._tls: int | None = None
        self._ca_file: Path | None = None
        self._hub = Hub(STANZAS, IQS, settings=settings or Settings.from_environment(), clock=clock, rng=rng)
        self._keys = NoiseKeys(now=clock(), rng=rng)
        self.faults = Faults(self._hub)

    # ---- where it is ----

    @property
    def ws_url(self) -> str:
        """`ws://127.0.0.1:…/ws/chat`."""
        return f"ws://{HOST}:{_given(self._plain)}{CHAT_PATH}"

    @property
    def wss_url(self) -> str:
        """`wss://127.0.0.1:…/ws/chat`; trust `ca_file`."""
        return f"wss://{HOST}:{_given(self._tls)}{CHAT_PATH}"

    @property
    def http_url(self) -> str:
        """`http://127.0.0.1:…`."""
        return f"http://{HOST}:{_given(self._plain)}"

    @property
    def https_url(self) -> str:
        """`https://127.0.0.1:…`; trust `ca_file`."""
        return f"https://{HOST}:{_given(self._tls)}"

    @property
    def root_key(self) -> bytes:
        """The public key, 32 bytes, that its Noise certificates go back to."""
        return self._keys.root

    @property
    def ca_file(self) -> Path:
        """The TLS certificate, PEM."""
        if self._ca_file is None:
            raise RuntimeError("the server has no TLS port, or has not started")
        return self._ca_file

    def ssl_context(self) -> ssl.SSLContext:
        """A client's TLS settings that trust this server alone."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def describe(self) -> dict[str, str | None]:
        """Everything that a client needs to know: the line that `motte server` prints."""
        return {
            "ws": None if self._plain is None else self.ws_url,
            "wss": None if self._tls is None else self.wss_url,
            "http": None if self._plain is None else self.http_url,
            "https": None if self._tls is None else self.https_url,
            "root_key": self.root_key.hex(),
            "ca": None if self._ca_file is None else str(self._ca_file),
        }

    # ---- what its phones do ----

    def scan_qr(self, text: str, *, phone: str | None = None) -> Jid:
        """Scan a QR code; gives the PN of the account. The client's push name picks the phone, unless `phone` does.

        Raises:
            Refused: no such code is shown.
        """
        return scan(self._hub, text, phone).pn

    def confirm_code(self, phone: str, code: str) -> Jid:
        """Type a pairing code into the phone with this number; gives the PN of the account.

        Raises:
            Refused: no client waits for a code of this number.
        """
        return confirm_code(self._hub, phone, code).pn

    def phone(self, who: str) -> Phone:
        """The phone of the account with this name, number or JID; a new account when there is none."""
        return self.account(who).phone

    def account(self, who: str) -> Account:
        """The account with this name, number or JID; a new one when there is none."""
        return account_of(self._hub, who)

    def group(self, jid: Jid | str) -> Group:
        """A group as the server keeps it. `Refused(404)` when there is none."""
        return self._hub.groups.require(as_jid(str(jid)))

    # ---- what a test sees and adds ----

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher(incoming, device, node)` with every stanza for a device (`incoming`) or from one."""
        self._hub.watchers.append(watcher)

    def deliver(self, device: Jid, node: Node) -> None:
        """Give a device a stanza of the test's own, as if it had come this way. `Refused(404)`: no such device."""
        target = self._hub.directory.device(device)
        if target is None:
            raise Refused(404, f"there is no device {device}")
        self._hub.deliver(target, node)

    def rotate_noise_key(self) -> None:
        """Change the static Noise key: clients that resume with the old one fall back."""
        self._keys.rotate(self._hub.clock())

    # ---- running ----

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._stack.aclose()

    async def _start(self) -> None:
        application = web.Application(client_max_size=MAX_BODY)
        application.add_routes(Admin(self._hub, self._keys, self.faults).routes())
        application.add_routes(MediaHost(self._hub.media, self._hub.settings.max_media).routes())
        application.router.add_get(CHAT_PATH, self._chat)
        application.router.add_get("/{path:.*}", _ready)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=_STOP_SECONDS)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        self._stack.push_async_callback(self._close_sockets)
        port, tls_port = self._ports
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="motte-server-")))
        if port is not None:
            self._plain = await _listen(runner, port, None)
        if tls_port is not None:
            self._ca_file, key = write_certificate(folder, time.time())
            self._tls = await _listen(runner, tls_port, server_context(self._ca_file, key))
        scheme = "http" if self._tls is None else "https"
        self._hub.media.open(folder, f"{HOST}:{_given(self._plain if self._tls is None else self._tls)}", scheme)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        status = self._hub.plan.next_upgrade()
        if status is not None:
            return web.Response(status=status)
        websocket = web.WebSocketResponse(
            autoping=False, compress=False, max_msg_size=MAX_MESSAGE, timeout=CLOSE_SECONDS
        )
        if not websocket.can_prepare(request).ok:
            return await _ready(request)
        await websocket.prepare(request)
        self._sockets.add(websocket)
        try:
            await serve(self._hub, self._keys, websocket, request.transport)
        finally:
            self._sockets.discard(websocket)
        return websocket

    async def _close_sockets(self) -> None:
        await asyncio.gather(
            *(websocket.close(code=_GOING_AWAY, drain=False) for websocket in self._sockets), return_exceptions=True
        )


async def _ready(request: web.Request) -> web.Response:
    """Any GET is answered: a server that answers is ready."""
    return web.Response(text="motte local server\n")


async def _listen(runner: web.AppRunner, port: int, context: ssl.SSLContext | None) -> int:
    """Open a port; gives its number."""
    listening = socket.create_server((HOST, port))
    await web.SockSite(runner, listening, ssl_context=context).start()
    bound: int = listening.getsockname()[1]
    return bound


def _given(port: int | None) -> int:
    if port is None:
        raise RuntimeError("the server has no such port, or has not started")
    return port
