"""What a sender fetches to start a session with a device that may be offline."""

from __future__ import annotations

from dataclasses import dataclass

from motte.core.signal.keys import check_signed_prekey


@dataclass(frozen=True, slots=True, kw_only=True)
class PreKeyBundle:
    """A device's published keys, as the server handed them out. Public keys are 32 bytes.

    `prekey_id` and `prekey` are both None when the server has run out of one-time prekeys. `device_identity` is the
    ADVSignedDeviceIdentity of a companion: its account's signature over `identity`, which `check` does not look at.
    """

    registration_id: int
    identity: bytes
    signed_prekey_id: int
    signed_prekey: bytes
    signature: bytes
    prekey_id: int | None = None
    prekey: bytes | None = None
    device: int = 0
    device_identity: bytes | None = None

    def check(self) -> None:
        """Accept the bundle's keys as the identity's own.

        Raises:
            InvalidSignature: the signed prekey is not signed by the identity key.
        """
        check_signed_prekey(self.identity, self.signed_prekey, self.signature)
