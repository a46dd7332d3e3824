"""What companions ask of their phone, in peer messages, and what it says.

    APP_STATE_SYNC_KEY_REQUEST                 → APP_STATE_SYNC_KEY_SHARE; one without data is a key it does not know
    APP_STATE_FATAL_EXCEPTION_NOTIFICATION     → noted in `phone.state.fatal`
    PEER_DATA_OPERATION_REQUEST_MESSAGE        → PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE with the request's id
        COMPANION_SYNCD_SNAPSHOT_FATAL_RECOVERY    a collection in the clear, gzipped
        HISTORY_SYNC_ON_DEMAND                     no answer, but history
        FULL_HISTORY_SYNC_ON_DEMAND                an answer, and history
        PLACEHOLDER_MESSAGE_RESEND                 the messages that it remembers, each as a WebMessageInfo

Only devices of the own account are answered.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from motte.proto.e2e_pb2 import Message
from motte.testing.server.accounts import Device

if TYPE_CHECKING:
    from motte.testing.server.phone import Phone

log = logging.getLogger("motte.server")

Protocol: TypeAlias = Message.ProtocolMessage
Operation: TypeAlias = Message.PeerDataOperationRequestMessage
Response: TypeAlias = Message.PeerDataOperationRequestResponseMessage
Result: TypeAlias = Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult
OperationHandler: TypeAlias = "Callable[[Phone, Device, str, Operation], Iterable[Result] | None]"
"""Takes the phone, who asks, the request's id and the request; gives the results, or None when there is no answer."""


def answer(phone: Phone, companion: Device, message_id: str, asked: Protocol) -> None:
    """Do what a companion asks for."""
    if handler := _REQUESTS.get(asked.type):
        handler(phone, companion, message_id, asked)


def _keys(phone: Phone, companion: Device, message_id: str, asked: Protocol) -> None:
    shared = phone.state.share(key.keyId for key in asked.appStateSyncKeyRequest.keyIds)
    if shared is not None:
        phone.mail.send_peer(companion, shared)


def _fatal(phone: Phone, companion: Device, message_id: str, asked: Protocol) -> None:
    phone.state.fatal += asked.appStateFatalExceptionNotification.collectionNames


def _operation(phone: Phone, companion: Device, message_id: str, asked: Protocol) -> None:
    operation = asked.peerDataOperationRequestMessage
    kind = operation.peerDataOperationRequestType
    handler = OPERATIONS.get(kind)
    results = handler(phone, companion, message_id, operation) if handler else None
    if results is None:
        log.info("%s does not answer the request %s of %s", phone, kind, companion.pn)
        return
    said = Response(peerDataOperationRequestType=kind, stanzaId=message_id, peerDataOperationResult=results)
    wrapped = Protocol(
        type=Protocol.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE, peerDataOperationRequestResponseMessage=said
    )
    phone.mail.send_peer(companion, Message(protocolMessage=wrapped))


def _recovery(phone: Phone, companion: Device, message_id: str, asked: Operation) -> Iterable[Result] | None:
    name = asked.syncdCollectionFatalRecoveryRequest.collectionName
    return [phone.state.recovery(name)] if name in phone.state.books and not phone.state.withheld else None


def _more_history(phone: Phone, companion: Device, message_id: str, asked: Operation) -> None:
    phone.history.on_demand(companion, message_id, asked)


def _messages(phone: Phone, companion: Device, message_id: str, asked: Operation) -> Iterable[Result] | None:
    results = []
    for wanted in asked.placeholderMessageResendRequest:
        chat = phone.history.past.find(wanted.messageKey.remoteJid)
        for info in chat.messages if chat else ():
            if info.key.id == wanted.messageKey.id:
                result = Result()
                result.placeholderMessageResendResponse.webMessageInfoBytes = info.SerializeToString()
                results.append(result)
    return results or None


def _full_history(phone: Phone, companion: Device, message_id: str, asked: Operation) -> Iterable[Result]:
    return phone.history.full(companion, asked)


_REQUESTS: Final[Mapping[Protocol.Type.ValueType, Callable[[Phone, Device, str, Protocol], None]]] = {
    Protocol.APP_STATE_SYNC_KEY_REQUEST: _keys,
    Protocol.APP_STATE_FATAL_EXCEPTION_NOTIFICATION: _fatal,
    Protocol.PEER_DATA_OPERATION_REQUEST_MESSAGE: _operation,
}
OPERATIONS: Final[Mapping[Message.PeerDataOperationRequestType.ValueType, OperationHandler]] = {
    Message.COMPANION_SYNCD_SNAPSHOT_FATAL_RECOVERY: _recovery,
    Message.HISTORY_SYNC_ON_DEMAND: _more_history,
    Message.FULL_HISTORY_SYNC_ON_DEMAND: _full_history,
    Message.PLACEHOLDER_MESSAGE_RESEND: _messages,
}
