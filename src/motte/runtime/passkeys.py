"""Linking with a passkey: the challenge is told, the assertion comes back, keys are exchanged, pair-success follows.

    asked ──► answering ──► continued ──► (compared) ──► sent
              │  submit      the phone's   confirm, or by itself when the QR code's secret has proved us
              │              answer
              └── expired, declined ──► the connection ends

Each attempt brings another ADV secret; the one before it, which the phone knows from the QR code, proves that both
ends of the attempt are the same two.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from motte.core.crypto import passkey as exchange
from motte.core.crypto.adv import SECRET_SIZE
from motte.core.crypto.passkey import HandedOver, PhoneHello, Prologue
from motte.core.session import passkey
from motte.core.session.pairing import Companion
from motte.core.session.passkey import Challenge
from motte.core.session.payload import device_props
from motte.core.stanza.passkey import (
    GetPairingRef,
    GetPasskeyOptions,
    PasskeyAsked,
    PasskeyContinued,
    PasskeyPrologue,
    RevealNonce,
    SendPairingRequest,
)
from motte.errors import (
    LocalProtocolError,
    PairingError,
    PasskeyDeclined,
    PasskeyError,
    PasskeyExpired,
    PasskeyRefused,
    PasskeyUnsupported,
    RemoteProtocolError,
    ServerError,
)
from motte.events.pairing import PasskeyChallenge, PasskeyCode, PasskeyFailed
from motte.model.disconnect import Cause
from motte.runtime.clock import Timer
from motte.runtime.context import Context
from motte.runtime.linking import Ending

log = logging.getLogger("motte.pairing")

PROOF_LIFETIME: Final = 300.0
"""Seconds after the challenge in which the QR code's secret may still stand for comparing codes."""


class Passkeys:
    """The passkey part of one linking."""

    def __init__(self, context: Context, ending: Ending) -> None:
        self._context, self._ending = context, ending
        self._challenge: Challenge | None = None
        self._asked_at = 0.0
        self._old_secret = b""
        self._companion: Companion | None = None
        self._prologue: Prologue | None = None
        self._proved = False
        self._key: bytes | None = None
        self._timer: Timer | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether a passkey was asked for on this connection."""
        return self._companion is not None

    def reset(self) -> None:
        """The connection is over, or the device is linked."""
        self._stop_timer()
        self._challenge = self._companion = self._prologue = self._key = None
        self._old_secret, self._proved = b"", False

    async def asked(self, asked: PasskeyAsked, companion: Companion) -> Companion:
        """The server asks: tell the program, and give the companion with another ADV secret.

        Raises:
            Disconnected, RequestTimeout: the network, when the challenge had to be fetched again.
        """
        context = self._context
        self.reset()
        self._old_secret, self._asked_at = companion.adv_secret, context.clock.monotonic()
        self._companion = replace(companion, adv_secret=context.rng(SECRET_SIZE))
        try:
            challenge = await self._parsed(asked)
        except PasskeyUnsupported as error:
            self._fail(error)
            return self._companion
        self._challenge = challenge
        self._timer = context.clock.call_at(self._asked_at + challenge.timeout, self._expire)
        event = PasskeyChallenge(
            options=challenge.options,
            challenge=challenge.challenge,
            rp_id=challenge.rp_id,
            allow_credentials=challenge.allow_credentials,
            user_verification=challenge.user_verification,
            expires_in=challenge.timeout,
        )
        context.bus.publish(event)
        return self._companion

    async def _parsed(self, asked: PasskeyAsked) -> Challenge:
        if asked.options is not None:
            try:
                return passkey.parse_challenge(asked.options)
            except PasskeyUnsupported as error:
                log.warning("%s; asking for it again", error)
        try:
            return passkey.parse_challenge(await self._context.wire.request(GetPasskeyOptions()))
        except (ServerError, RemoteProtocolError) as error:
            raise PasskeyUnsupported(f"the passkey challenge could not be fetched: {error}") from error

    async def submit(self, assertion: str | bytes | Mapping[str, Any]) -> None:
        """Answer the challenge.

        Raises:
            LocalProtocolError: no challenge waits, or this is no assertion.
            PasskeyRefused: the server does not accept it; another one may follow while the challenge lasts.
            ServerError, Disconnected, RequestTimeout: the request for a ref failed; the network.
        """
        given = passkey.parse_assertion(assertion)
        if self._challenge is None:
            raise LocalProtocolError("no passkey was asked for, or its time is over")
        context = self._context
        ref = await context.wire.request(GetPairingRef())
        device_type = int(device_props(context.config.device).platformType)
        prologue = exchange.prologue(context.rng, device_type=device_type, ref=ref)
        fresh = context.clock.monotonic() < self._asked_at + PROOF_LIFETIME
        proof = exchange.proof(self._old_secret, prologue.payload) if fresh else None
        self._prologue, self._proved = prologue, fresh
        request = PasskeyPrologue(
            credential_id=given.credential_id, assertion=given.json, payload=prologue.payload, proof=proof
        )
        try:
            await context.wire.request(request)
        except ServerError as error:
            self._prologue = None
            refused = PasskeyRefused(f"the passkey was refused: {error}")
            context.bus.publish(PasskeyFailed(error=refused))
            raise refused from error
        self._stop_timer()
        self._challenge = None

    async def continued(self, answer: PasskeyContinued) -> None:
        """The phone answered: reveal the nonce, show the code, and go on if it need not be compared.

        Raises:
            Disconnected, RequestTimeout: the network.
        """
        prologue, context = self._prologue, self._context
        if prologue is None or self._key is not None:
            log.warning("a phone went on with a passkey that was not used")
            return
        try:
            phone = PhoneHello.parse(answer.identity)
            key = exchange.request_key(
                prologue.ephemeral.private, phone.ephemeral, device_type=prologue.device_type, ref=prologue.ref
            )
            self._key = key
            await context.wire.request(RevealNonce(prologue.nonce))
        except (PairingError, ServerError) as error:
            self._fail(PasskeyUnsupported(f"the exchange behind the passkey failed: {error}"))
            return
        context.bus.publish(PasskeyCode(code=exchange.code(prologue.nonce, phone), compare=not self._proved))
        if self._proved:
            await self._hand_over()

    async def confirm(self) -> None:
        """The phone shows the same code: go on.

        Raises:
            LocalProtocolError: there is no code to compare.
            PasskeyRefused: the server or the phone does not go on.
            Disconnected, RequestTimeout: the network.
        """
        if self._key is None:
            raise LocalProtocolError("there is no code to compare yet")
        await self._hand_over()

    def decline(self) -> None:
        """Give the linking up.

        Raises:
            LocalProtocolError: no passkey was asked for.
        """
        if not self.is_under_way:
            raise LocalProtocolError("no passkey was asked for")
        self._fail(PasskeyDeclined("the program declined to answer the passkey challenge"))

    async def _hand_over(self) -> None:
        companion, key = self._companion, self._key
        assert companion is not None
        assert key is not None
        handed = HandedOver(
            noise=companion.noise.public, identity=companion.identity.public, adv_secret=companion.adv_secret
        )
        try:
            await self._context.wire.request(SendPairingRequest(exchange.seal(key, handed, self._context.rng)))
        except ServerError as error:
            refused = PasskeyRefused(f"the phone did not take this device: {error}")
            self._fail(refused)
            raise refused from error

    def _expire(self) -> None:
        self._fail(PasskeyExpired("nobody answered the passkey challenge in time"))

    def _fail(self, error: PasskeyError) -> None:
        self._stop_timer()
        self._challenge = self._prologue = self._key = None
        self._context.bus.publish(PasskeyFailed(error=error))
        self._ending.end(Cause.PAIRING_REFUSED, str(error))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
