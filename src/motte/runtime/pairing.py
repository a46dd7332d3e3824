"""Linking this device: QR codes in turn, or a code to type, until the phone's answer verifies.

Everything of one attempt lives as long as its connection. Nothing is stored before the phone's answer verified, so an
attempt that is given up leaves no trace and the next one registers anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from motte.core.crypto.adv import SECRET_SIZE
from motte.core.session import pairing as qr_pairing
from motte.core.session import pairing_code
from motte.core.session.pairing import Companion
from motte.core.session.pairing_code import CodePairing
from motte.core.session.qr import QrRotation, QrTurn, RefsUsedUp
from motte.core.stanza.pairing import PairDevice, PairSuccess, RemoveCompanionDevice
from motte.core.stanza.pairing_code import CodeRefresh, CompanionFinish, CompanionHello, PrimaryHello
from motte.core.stanza.passkey import PasskeyAsked, PasskeyContinued
from motte.errors import Disconnected, LocalProtocolError, PairingError, ServerError
from motte.events.pairing import Paired, PairingCode, QrCode, QrExpired
from motte.model.disconnect import Cause
from motte.model.jid import Jid
from motte.runtime.clock import Timer
from motte.runtime.context import Context
from motte.runtime.linking import Ending
from motte.runtime.passkeys import Passkeys
from motte.store.repo.account import Link

log = logging.getLogger("motte.pairing")

CODE_LIFETIME: Final = 180.0
"""Seconds that a phone accepts a pairing code."""
_UNLINKED: Final = frozenset({Cause.DEVICE_REMOVED, Cause.LOGGED_OUT})


class Pairing:
    """The linking of one account."""

    def __init__(self, context: Context, ending: Ending) -> None:
        self._context, self._ending = context, ending
        self._companion = self._stored_companion()
        self._rotation: QrRotation | None = None
        self._timer: Timer | None = None
        self._code: CodePairing | None = None
        self._code_ref = b""
        self._phone: Jid | None = None
        self._sealing = False
        self._passkeys = Passkeys(context, ending)
        self._offered: asyncio.Future[None] | None = None

    def reset(self) -> None:
        """The connection is over, or a new one begins."""
        self._stop_codes()
        self._passkeys.reset()
        self._companion = self._stored_companion()
        self._code, self._code_ref, self._phone, self._sealing = None, b"", None, False
        if self._offered is not None and not self._offered.done():
            self._offered.set_exception(Disconnected("the connection ended before the device was linked"))
            self._offered.exception()
        self._offered = None

    # --- by QR code ----------------------------------------------------------------------------------------------

    def offered(self, offer: PairDevice) -> None:
        """The server sent refs: acknowledge them and show the first."""
        config, now = self._context.config, self._context.clock.monotonic()
        self._context.wire.send(offer.ack())
        refs = [ref.encode() for ref in offer.refs]
        self._stop_codes()
        self._rotation = QrRotation(refs, now, first=config.first_qr, following=config.next_qr)
        if not self._ready().done():
            self._ready().set_result(None)
        self._show(self._rotation.current(now))

    def _show(self, turn: QrTurn | RefsUsedUp) -> None:
        if isinstance(turn, RefsUsedUp):
            self._context.bus.publish(QrExpired())
            self._ending.end(Cause.QR_REFS_USED_UP)
            return
        text = qr_pairing.qr_text(turn.ref.decode(), self._companion, self._context.config.device.web_client)
        event = QrCode(text=text, index=turn.index, total=turn.total, expires_in=turn.expires_in)
        self._context.bus.publish(event)
        due = self._rotation.next_timer() if self._rotation else None
        if due is not None:
            self._timer = self._context.clock.call_at(due, self._next)

    def _next(self) -> None:
        turn = self._rotation.handle_timer(self._context.clock.monotonic()) if self._rotation else None
        if turn is not None:
            self._show(turn)

    async def renew_secret(self) -> None:
        """The server retires what this device registered: show the same ref with another ADV secret.

        Not while the phone's answer to a typed code is on its way: it is made with the secret that this would replace.
        """
        context = self._context
        if context.account.maybe_me is not None or self._sealing or self._passkeys.is_under_way:
            log.info("the ADV secret is in use; it is not replaced now")
            return
        self._companion = replace(self._companion, adv_secret=context.rng(SECRET_SIZE))
        await context.account.change(adv_secret=self._companion.adv_secret)
        if self._rotation is not None:
            if self._timer is not None:
                self._timer.cancel()
            self._show(self._rotation.current(context.clock.monotonic()))

    def _stop_codes(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._rotation is not None:
            self._rotation.stop()
            self._rotation = None

    # --- by code -------------------------------------------------------------------------------------------------

    async def request_code(self, phone: Jid, code: str | None = None) -> PairingCode:
        """Ask the phone with this number to link; gives the code to type there.

        Raises:
            LocalProtocolError: the account is linked already, or the chosen code is not eight letters of its alphabet.
            ServerError: the server refused, for instance an unknown number.
            Disconnected, RequestTimeout: the network.
        """
        context = self._context
        if context.account.maybe_me is not None:
            raise LocalProtocolError("this account is linked already; log out first to link another phone")
        if not self._ending.is_running:
            raise Disconnected("the client was not started; call start() first")
        await asyncio.shield(self._ready())  # who stops waiting takes it from nobody else
        # A hundred thousand rounds of PBKDF2: milliseconds that the event loop has other uses for.
        pairing = await asyncio.to_thread(pairing_code.start, context.rng, code)
        device = context.config.device
        hello = CompanionHello(
            jid=phone,
            wrapped_ephemeral=pairing.wrapped_ephemeral,
            server_auth_key=self._companion.noise.public,
            platform_id=str(int(device.web_client)),
            platform_display=device.display_name,
        )
        ref = await context.wire.request(hello)
        self._code, self._code_ref, self._phone = pairing, ref, phone
        event = PairingCode(code=pairing.shown, expires_in=CODE_LIFETIME)
        context.bus.publish(event)
        return event

    async def refresh_code(self, wanted: CodeRefresh) -> None:
        """A new code is wanted for the pairing under way."""
        if self._phone is not None and wanted.ref == self._code_ref and not self._sealing:
            await self.request_code(self._phone)

    async def phone_answered(self, answer: PrimaryHello) -> None:
        """The code was typed into the phone: finish the exchange."""
        pairing, phone = self._code, self._phone
        if pairing is None or phone is None:
            log.warning("a phone answered a pairing code that was not asked for")
            return
        self._sealing = True
        try:
            finish = await asyncio.to_thread(
                pairing_code.finish,
                pairing,
                self._companion,
                wrapped_ephemeral=answer.wrapped_primary_ephemeral,
                phone_identity=answer.primary_identity,
                rng=self._context.rng,
            )
        except PairingError as error:
            self._ending.end(Cause.PAIRING_REFUSED, str(error))
            return
        self._companion = finish.companion
        request = CompanionFinish(
            jid=phone,
            wrapped_key_bundle=finish.bundle,
            identity=self._companion.identity.public,
            ref=answer.ref,
        )
        try:
            await self._context.wire.request(request)
        except ServerError as error:
            # What a phone answers when another code was typed there than the one that we showed.
            self._ending.end(Cause.PAIRING_REFUSED, f"the code was refused; was it typed correctly? ({error})")

    # --- with a passkey ------------------------------------------------------------------------------------------

    async def passkey_asked(self, asked: PasskeyAsked) -> None:
        """The account is protected by a passkey; the QR codes have done their part."""
        if self._context.account.maybe_me is not None:
            log.warning("a passkey was asked of a device that is linked already")
            return
        self._stop_codes()
        self._companion = await self._passkeys.asked(asked, self._companion)

    async def passkey_continued(self, answer: PasskeyContinued) -> None:
        """The phone answered after the passkey."""
        await self._passkeys.continued(answer)

    async def submit_passkey(self, assertion: str | bytes | Mapping[str, Any]) -> None:
        """Answer the challenge; see `Passkeys.submit`."""
        await self._passkeys.submit(assertion)

    async def confirm_passkey(self) -> None:
        """The codes are equal; see `Passkeys.confirm`."""
        await self._passkeys.confirm()

    def decline_passkey(self) -> None:
        """Give up; see `Passkeys.decline`."""
        self._passkeys.decline()

    # --- either way ----------------------------------------------------------------------------------------------

    async def succeeded(self, success: PairSuccess) -> None:
        """The phone linked us: verify it, store it, answer, and wait for the server's restart."""
        context = self._context
        try:
            pairing = qr_pairing.accept(
                success.device_identity,
                self._companion,
                jid=success.jid,
                lid=success.lid,
                rng=context.rng,
                platform=success.platform,
                business_name=success.business_name,
            )
        except PairingError as error:
            log.error("the phone's link does not verify: %s", error)
            context.wire.send(success.refuse())
            self._ending.end(Cause.PAIRING_REFUSED, str(error))
            return
        self._stop_codes()
        self._passkeys.reset()
        link = Link(
            jid=pairing.jid,
            lid=pairing.lid,
            identity=pairing.identity.serialize(account_key=True),
            platform=pairing.platform or "",
            push_name=context.config.device.push_name or "",
            business_name=pairing.business_name or "",
            linked_at=context.clock.now(),
        )
        await self._store(link, pairing.identity.account_key)
        self._ending.paired()
        context.wire.send(success.accept(pairing.reply, pairing.key_index))
        context.bus.publish(
            Paired(jid=link.jid, lid=link.lid, platform=link.platform, business_name=link.business_name or None)
        )

    async def _store(self, link: Link, account_key: bytes) -> None:
        """Keep the link, our two addresses, and the phone's identity, which the account's signature has proved."""
        context, batch = self._context, self._context.store.batch()
        if link.lid is not None:
            await context.store.lids.learn(batch, [(link.jid, link.lid)])
        phone = await context.addresses.of(link.jid.user_jid, batch)
        context.store.identities.put(batch, phone, account_key)
        credentials = replace(context.account.credentials, link=link, adv_secret=self._companion.adv_secret)
        await context.account.save(credentials, batch)

    # --- and the end of it ---------------------------------------------------------------------------------------

    async def unlink(self) -> None:
        """Have the server unlink this device. Nothing is forgotten here.

        Raises:
            NotLoggedIn: no account is linked.
            Disconnected, RequestTimeout, ServerError: the server did not answer, or not with a yes.
        """
        try:
            await self._context.wire.request(RemoveCompanionDevice(self._context.account.me.pn))
        except Disconnected as error:
            if error.cause not in _UNLINKED:  # the server may close the connection instead of answering
                raise

    def _ready(self) -> asyncio.Future[None]:
        if self._offered is None:
            self._offered = asyncio.get_running_loop().create_future()
        return self._offered

    def _stored_companion(self) -> Companion:
        credentials = self._context.account.credentials
        return Companion(noise=credentials.noise, identity=credentials.identity, adv_secret=credentials.adv_secret)
