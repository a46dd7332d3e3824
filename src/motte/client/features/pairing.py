"""`client.pairing`: link this device by a code instead of a QR code."""

from __future__ import annotations

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
