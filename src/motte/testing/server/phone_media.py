"""A phone uploads a file again, when a companion says that the media host has lost it.

    <receipt type="server-error" id="3EB0…" to="A@s.whatsapp.net">
        <encrypt><enc_p>…</enc_p><enc_iv>…</enc_iv></encrypt>
        <rmr jid="B@lid" from_me="false" [participant="…"]/></receipt>
    → <notification type="mediaretry" id="3EB0…" from="A@s.whatsapp.net" t="…">
        <encrypt><enc_p>…</enc_p><enc_iv>…</enc_iv></encrypt>  or  <error code="2"/>
        <rmr …/></notification>

Both are sealed with AES-256-GCM under HKDF(media key, 32, "WhatsApp Media Retry Notification"), the message's id being
the additional data; a phone that does not know the message has no such key, and answers with the bare error.
"""

from __future__ import annotations

import logging
from typing import Final

from google.protobuf.message import DecodeError
from google.protobuf.message import Message as AnyMessage

from motte.core.binary.node import Node
from motte.core.crypto.aead import gcm_decrypt, gcm_encrypt
from motte.core.crypto.kdf import hkdf
from motte.errors import RemoteProtocolError
from motte.proto.e2e_pb2 import Message
from motte.proto.media_retry_pb2 import MediaRetryNotification, ServerErrorReceipt
from motte.testing.server.accounts import Device
from motte.testing.server.hub import Hub
from motte.testing.server.reader import Refused, attr, child, data, jid

log = logging.getLogger("motte.server")

_INFO: Final = b"WhatsApp Media Retry Notification"
_IV_SIZE: Final = 12
_DEPTH: Final = 5
"""How deep a file may be wrapped: view once, ephemeral, with a caption."""


def reupload(hub: Hub, phone: Device, receipt: Node, message: Message | None) -> None:
    """Answer a companion's request about `message`, which is None when the phone does not have it."""
    try:
        _reupload(hub, phone, receipt, message)
    except Refused as reason:
        log.warning("a request for a file is malformed: %s", reason)


def _reupload(hub: Hub, phone: Device, receipt: Node, message: Message | None) -> None:
    companion, file = hub.directory.device(jid(receipt, "from")), _file(message, _DEPTH)
    if companion is None:
        return
    message_id = attr(receipt, "id")
    if file is None:
        answer = Node("error", {"code": str(MediaRetryNotification.NOT_FOUND)})
    else:
        media_key, path = file
        answer = _sealed(hub, _answer(hub, receipt, message_id, media_key, path), message_id, media_key)
    attrs = {"from": str(phone.pn), "type": "mediaretry", "id": message_id, "t": str(hub.now)}
    hub.deliver(companion, Node("notification", attrs, (answer, child(receipt, "rmr"))))


def _answer(hub: Hub, receipt: Node, message_id: str, media_key: bytes, path: str) -> MediaRetryNotification:
    answer = MediaRetryNotification(stanzaId=message_id)
    sealed = child(receipt, "encrypt")
    try:
        opened = gcm_decrypt(_key(media_key), data(sealed, "enc_iv"), data(sealed, "enc_p"), message_id.encode())
        asked = ServerErrorReceipt.FromString(opened).stanzaId
    except (RemoteProtocolError, DecodeError):
        asked = ""
    if asked != message_id:
        answer.result = MediaRetryNotification.DECRYPTION_ERROR
    elif hub.media.phone_has_lost() or (blob := hub.media.renew(path)) is None:
        answer.result = MediaRetryNotification.NOT_FOUND
    else:
        answer.result, answer.directPath = MediaRetryNotification.SUCCESS, blob.path
    return answer


def _sealed(hub: Hub, answer: MediaRetryNotification, message_id: str, media_key: bytes) -> Node:
    iv = hub.rng(_IV_SIZE)
    body = gcm_encrypt(_key(media_key), iv, answer.SerializeToString(), message_id.encode())
    return Node("encrypt", {}, (Node("enc_p", {}, body), Node("enc_iv", {}, iv)))


def _key(media_key: bytes) -> bytes:
    return hkdf(media_key, 32, info=_INFO)


def _file(message: AnyMessage | None, depth: int) -> tuple[bytes, str] | None:
    """The media key and the path of the file in a message, however it is wrapped."""
    if message is None or not depth:
        return None
    key, path = getattr(message, "mediaKey", b""), getattr(message, "directPath", "")
    if key and path:
        return key, path
    inner = (value for field, value in message.ListFields() if field.name != "contextInfo")
    found = (_file(value, depth - 1) for value in inner if isinstance(value, AnyMessage))
    return next((file for file in found if file), None)
