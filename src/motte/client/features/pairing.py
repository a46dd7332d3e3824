"""`client.pairing`: link this device by a code instead of a QR code, and answer when a passkey is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motte.client.ports import Linking
from motte.errors import InvalidJid
from motte.events.pairing import PairingCode
from motte.model.jid import Jid


class Pairing:
    """Linking by code. QR codes come by themselves, as `QrCode` events, while no account is linked."""

    def __init__(self, linking: Linking) -> None:
        self._linking = linking

    async def request_code(self, phone: str | Jid, code: str | None = None) -> PairingCode:
        """Eight characters to type into the phone: Linked devices → Link a device → Link with phone number.

        Start the client first; a `Paired` event follows when the code was typed.

        Args:
            phone: the phone's number with country code.
            code: a code of your own, eight characters of `123456789ABCDEFGHJKLMNPQRSTVWXYZ`; random when None.

        Raises:
            InvalidJid: `phone` is not a phone number.
            LocalProtocolError: an account is linked already, or `code` is not such a code.
            ServerError: the server refused.
            Disconnected, RequestTimeout: the network.
        """
        jid = phone if isinstance(phone, Jid) else Jid.phone(phone)
        if not jid.is_pn:
            raise InvalidJid(f"{jid} is not a phone number")
        return await self._linking.request_code(jid.user_jid, code)

    async def submit_passkey(self, assertion: str | bytes | Mapping[str, Any]) -> None:
        """Answer a `PasskeyChallenge`; a `PasskeyCode` and then `Paired` follow.

        Args:
            assertion: what the browser or authenticator gave, as `PublicKeyCredential.toJSON()` spells it: an object or
                its JSON with `rawId` and `response` (`clientDataJSON`, `authenticatorData`, `signature`, `userHandle`),
                all in base64url.

        Raises:
            LocalProtocolError: no passkey was asked for, its time is over, or this is no assertion.
            PasskeyRefused: the server does not accept it. Another may be sent while the challenge lasts.
            ServerError: the server refused what comes before it.
            Disconnected, RequestTimeout: the network.
        """
        await self._linking.submit_passkey(assertion)

    async def confirm_passkey(self) -> None:
        """Go on after a `PasskeyCode` with `compare`, when the phone shows the same code.

        Raises:
            LocalProtocolError: there is no code to compare.
            PasskeyRefused: the phone or the server does not go on.
            Disconnected, RequestTimeout: the network.
        """
        await self._linking.confirm_passkey()

    def decline_passkey(self) -> None:
        """Do not answer a `PasskeyChallenge`: linking ends here, with a `PasskeyFailed` that says so.

        Raises:
            LocalProtocolError: no passkey was asked for.
        """
        self._linking.decline_passkey()
