"""The engine: one account's connections, one after the other, and the parts that live on them.

    open      load the account
    start     hand out what an earlier run left behind, connect and stay connected, as the policy says
    stop      finish what is being handled, close, tell nobody anything more

It is the `Wire` of its parts: they see whichever connection there is.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Final, TypeVar

from motte.core.binary.node import Node
from motte.core.noise.certificate import ServerCertificate
from motte.core.noise.client import ClientHandshake, Pattern
from motte.core.session import closing
from motte.core.session.connection import Connection, HandshakeDone, LoggedIn, StanzaReceived
from motte.core.session.payload import ClientInfo, login_payload, registration_payload
from motte.core.session.states import State
from motte.core.stanza.ack import IncomingAck
from motte.core.stanza.iq import Iq
from motte.errors import Disconnected, MotteError, RequestTimeout, StoreCorrupt, StoreError
from motte.events import connection as events
from motte.events.message import Actions
from motte.model.disconnect import Cause, DisconnectInfo
from motte.runtime.bus import Bus
from motte.runtime.config import Config
from motte.runtime.link import Link
from motte.runtime.parts import Parts
from motte.runtime.reconnect import Plan, Reconnector, keep_connected
from motte.runtime.version import current_version, newest
from motte.store.store import Store
from motte.transport.base import Dialer

log = logging.getLogger("motte.connection")

T = TypeVar("T")

DRAIN_GRACE: Final = 1.0
"""Seconds that stanzas already received may take to be handled when the client stops."""
_NOT_YET: Final = frozenset({State.DIALING, State.HANDSHAKE})
_NOT_LOGGED_IN: Final = _NOT_YET | {State.AUTHENTICATING}
_STALE_KEY: Final = frozenset({Cause.HANDSHAKE_FAILED, Cause.HANDSHAKE_TIMEOUT, Cause.CERTIFICATE_REFUSED})


class Engine:
    """Runs one account. The public attributes are its parts, for the client's features."""

    def __init__(self, store: Store, config: Config, bus: Bus) -> None:
        self.config = config
        self.parts = Parts(store, config, self, bus)
        self._dialer: Dialer | None = config.dialer
        self._link: Link | None = None
        self._open = asyncio.Event()
        self._running: asyncio.Task[DisconnectInfo] | None = None
        self._routing: asyncio.Task[None] | None = None
        self._attempt = 0
        self._reconnector = self._fresh_reconnector()

    # --- life ----------------------------------------------------------------------------------------------------

    async def open(self, actions: Actions | None = None) -> None:
        """Load the account and get ready; connects nowhere. `actions` is what received messages can do."""
        await self.parts.load(actions)
        self._routing = asyncio.create_task(self.parts.router.run(), name="motte-router")

    @property
    def is_running(self) -> bool:
        """Whether there is a connection, or an attempt is under way or to come."""
        return self._running is not None and not self._running.done()

    @property
    def is_open(self) -> bool:
        """Whether there is a logged-in connection."""
        return self._open.is_set()

    def start(self) -> None:
        """Connect and stay connected; nothing happens when that is under way."""
        self.parts.delivery.hand_out()
        if not self.is_running:
            self._attempt, self._reconnector = 0, self._fresh_reconnector()
            self._running = asyncio.create_task(
                keep_connected(self._live, self._planned, self._reconnector, self.config.clock), name="motte-connection"
            )
            self._running.add_done_callback(_log_mistake)

    async def finished(self) -> DisconnectInfo:
        """How the last connection ended, once nothing follows it any more.

        Raises:
            Disconnected: it was never started.
        """
        running = self._running
        if running is None:
            raise Disconnected("the client was not started; call start() or connect()")
        await asyncio.wait([running])
        if running.cancelled():  # stopped between two attempts
            return closing.of_cause(Cause.CLOSED_LOCALLY)
        return running.result()

    async def stop(self, cause: Cause = Cause.CLOSED_LOCALLY) -> None:
        """Finish what is being handled and close the connection; `start` can be called again."""
        running = self._running
        if running is None or running.done():
            return
        self._reconnector.halt()
        try:
            async with asyncio.timeout(DRAIN_GRACE):
                await self.parts.router.drained()
        except TimeoutError:
            log.warning("closing while stanzas are still being handled")
        if (link := self._link) is not None:
            link.end(cause)
            await link.hang_up()
        else:
            running.cancel()
        await asyncio.wait([running])

    async def close(self) -> None:
        """Stop for good."""
        parts = self.parts
        parts.pacer.close()
        parts.history.close()
        await self.stop()
        await parts.bus.close(self.config.close_grace)
        parts.tracker.close()
        await parts.tasks.cancel()
        await parts.media.close()
        await parts.previews.close()
        if self._routing is not None:
            self._routing.cancel()
            await asyncio.wait([self._routing])
        await parts.delivery.flush()

    # --- one connection after the other --------------------------------------------------------------------------

    async def _live(self) -> DisconnectInfo:
        """One connection, from dialing to its end."""
        self._attempt += 1
        self.parts.bus.publish(events.Connecting(url=self.config.url, attempt=self._attempt))
        link = self._link = Link(
            self._connection(),
            dialer=self._network(),
            clock=self.config.clock,
            timing=self.config.timing,
            on_output=self._heard,
        )
        try:
            return await link.run(self.config.url)
        finally:
            self._link = None
            self._open.clear()
            self.parts.pairing.reset()
            self.parts.tasks.start(link.hang_up(), "hang-up")

    def _connection(self) -> Connection:
        credentials, config, device = self.parts.account.credentials, self.config, self._device()
        if credentials.link is not None:
            payload = login_payload(device, credentials.link.jid)
        else:
            payload = registration_payload(
                device,
                registration_id=credentials.registration_id,
                identity=credentials.identity.public,
                signed_prekey=credentials.signed_prekey,
            )
        handshake = ClientHandshake(
            static=credentials.noise,
            payload=payload,
            trusted_root=config.root_key,
            now=config.clock.now(),
            rng=config.rng,
            certificate=_certificate(credentials.server_certificate),
        )
        return Connection(handshake, rng=config.rng, routing_info=credentials.routing_info, timing=config.timing)

    def _device(self) -> ClientInfo:
        """How we present ourselves: with the newest version that we know of."""
        device = self.config.device
        return replace(device, version=newest(device.version, self.parts.account.credentials.client_version))

    def _fresh_reconnector(self) -> Reconnector:
        return Reconnector(rng=self.config.rng, policy=self.config.policy, back_off=self.config.back_off)

    def _network(self) -> Dialer:
        if self._dialer is None:
            # Late: picows costs 30 ms of import, which a program pays when it connects.
            from motte.transport.websocket import WebSocketDialer, trusting

            ca_file = self.config.ca_file
            tls = trusting(str(ca_file)) if ca_file is not None else None
            self._dialer = WebSocketDialer(proxy=self.config.proxy, tls=tls)
        return self._dialer

    def _heard(self, output: HandshakeDone | LoggedIn | StanzaReceived) -> None:
        match output:
            case StanzaReceived(node):
                self.parts.router.put(node)
            case LoggedIn(success):
                self.parts.router.put(success)
            case HandshakeDone(certificate, pattern):
                log.debug("handshake %s done", pattern.value)
                if pattern is not Pattern.IK and self.parts.account.maybe_me is not None:
                    self.parts.tasks.start(self._keep_certificate(certificate.serialize()), "certificate")

    async def _keep_certificate(self, certificate: bytes) -> None:
        await self.parts.account.change(server_certificate=certificate)

    def logged_in(self) -> bool:
        """The server accepted the login; called by the upkeep in the order of the stanzas.

        False when that connection is over: the login waited behind many stanzas.
        """
        if self._link is None or self._link.connection.state is not State.OPEN:
            return False
        self._reconnector.opened(self.config.clock.monotonic())
        self._attempt = 0
        self._open.set()
        return True

    async def _planned(self, info: DisconnectInfo, plan: Plan) -> None:
        """A connection ended: tell, and prepare what the next one needs."""
        log.info("disconnected: %s (%d); next: %s", info.text, info.code, plan.action.value)
        self.parts.bus.publish(
            events.Disconnected(info=info, action=plan.action, delay=plan.delay, attempt=plan.attempt)
        )
        try:
            await self._prepare(info, plan)
        except StoreError as error:
            # It only saves the next connection a step; to stop connecting would be worse.
            log.error("what was learnt from the disconnect could not be stored: %s", error)

    async def _prepare(self, info: DisconnectInfo, plan: Plan) -> None:
        if info.cause in _STALE_KEY and self.parts.account.credentials.server_certificate:
            await self._keep_certificate(b"")
        if plan.refresh_version:
            version = await current_version(self.config, self._device().version)
            if version is None:
                await self.config.clock.sleep(self._reconnector.refresh_failed())
            else:
                await self.parts.account.change(client_version=str(version))

    # --- the wire, for the parts ---------------------------------------------------------------------------------

    def send(self, node: Node) -> None:
        """Queue a stanza. Raises `Disconnected` when there is no connection."""
        self._current().send(node)

    async def request(self, iq: Iq[T], *, timeout: float | None = None) -> T:
        """The answer to a request."""
        return await self._current().request(iq, timeout=timeout)

    async def acked(self, node: Node, *, timeout: float) -> IncomingAck:
        """Send a stanza and give its ack."""
        return await self._current().acked(node, timeout=timeout)

    async def opened(self, *, timeout: float | None) -> None:
        """Return when there is an open connection; see `Wire`."""
        if self._running is None:
            raise Disconnected("the client was not started; call start() or connect()")
        waiting = asyncio.ensure_future(self._open.wait())
        try:
            done, _ = await asyncio.wait([waiting, self._running], timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if waiting in done:
            return
        if not done:
            raise RequestTimeout("no connection came about in time")
        info = await self.finished()
        raise Disconnected(f"not connected: {info.text}", code=info.code, cause=info.cause.value)

    def _current(self) -> Link:
        link = self._link
        if link is None or link.connection.state in self._too_early():
            raise Disconnected("there is no connection at the moment")
        return link

    def _too_early(self) -> frozenset[State]:
        """A device that is linked says nothing before its login is accepted; one that is not has a link to ask for."""
        return _NOT_YET if self.parts.account.maybe_me is None else _NOT_LOGGED_IN

    def hold(self, paused: bool) -> None:
        """Read no more from the network until what came is handled, or go on."""
        if self._link is not None:
            self._link.hold(paused)

    # --- pairing ends connections, too ---------------------------------------------------------------------------

    def end(self, cause: Cause, text: str = "") -> None:
        """End the present connection, if there is one."""
        if self._link is not None:
            self._link.end(cause, text)

    def paired(self) -> None:
        """The link is sealed; the server restarts the connection next."""
        if self._link is not None:
            self._link.connection.paired()


def _log_mistake(running: asyncio.Task[DisconnectInfo]) -> None:
    """A URL or a key that cannot be, for instance; whoever waits for the connection gets it raised as well."""
    error = None if running.cancelled() else running.exception()
    if isinstance(error, MotteError):
        log.error("there will be no connection: %s", error)
    elif error is not None:
        log.error("there will be no connection", exc_info=error)


def _certificate(stored: bytes) -> ServerCertificate | None:
    try:
        return ServerCertificate.parse(stored) if stored else None
    except StoreCorrupt:
        return None  # it only makes the next handshake shorter
