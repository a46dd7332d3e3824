"""Asking the phone to upload a file again, which the media servers have lost.

    key       HKDF-SHA256(media key, 32 bytes, "WhatsApp Media Retry Notification")
    request   AES-256-GCM(key, iv, ServerErrorReceipt{stanzaId}, AAD: the message's id)
    answer    AES-256-GCM(key, iv, MediaRetryNotification{stanzaId, directPath, result}, AAD: the message's id)

The stanzas around them are in `core.stanza.receipt` and `core.stanza.mediaretry`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.crypto.aead import gcm_decrypt, gcm_encrypt
from motte.core.crypto.kdf import hkdf
from motte.core.crypto.rng import Rng
from motte.errors import MediaError, MediaUnavailable
from motte.proto.media_retry_pb2 import MediaRetryNotification, ServerErrorReceipt

IV_SIZE: Final = 12
_INFO: Final = b"WhatsApp Media Retry Notification"
_RESULTS: Final = {
    0: ("general_error", "the phone could not upload the file again"),
    2: ("not_found", "the phone does not have the file any more"),
    3: ("decryption_error", "the phone could not read the request"),
}
"""By `MediaRetryNotification.ResultType`."""


@dataclass(frozen=True, slots=True)
class SealedRetry:
    """A request or an answer as it travels."""

    ciphertext: bytes = field(repr=False)
    iv: bytes = field(repr=False)


def request(message_id: str, media_key: bytes, rng: Rng) -> SealedRetry:
    """The request for the file of a message."""
    iv = rng(IV_SIZE)
    body = ServerErrorReceipt(stanzaId=message_id).SerializeToString()
    return SealedRetry(gcm_encrypt(_key(media_key), iv, body, message_id.encode()), iv)


def read(sealed: SealedRetry, message_id: str, media_key: bytes) -> str:
    """The new direct path that an answer tells.

    Raises:
        MediaUnavailable: the phone could not upload it; `reason` is the result's name in lower case.
        RemoteProtocolError: the answer cannot be decrypted or read.
    """
    body = gcm_decrypt(_key(media_key), sealed.iv, sealed.ciphertext, message_id.encode())
    try:
        answer = MediaRetryNotification.FromString(body)
    except DecodeError as error:
        raise MediaError("retry", "the phone's answer is no valid protobuf") from error
    if answer.result != MediaRetryNotification.SUCCESS:
        raise refused(answer.result)
    if not answer.directPath:
        raise MediaError("retry", "the phone's answer names no path")
    return answer.directPath


def refused(code: int) -> MediaUnavailable:
    """The error for a result other than success."""
    reason, text = _RESULTS.get(code, (f"result_{code}", "the phone gave a reason that is not known here"))
    return MediaUnavailable(reason, text)


def _key(media_key: bytes) -> bytes:
    return hkdf(media_key, 32, info=_INFO)
