"""Messages from the own account that are work for the client: keys, history, addresses.

That the own account sent them was checked before (`core.message.parse`). Keys may come from any of its devices; what
only the phone has, from the phone alone: a companion in wrong hands writes no history. What is not handled here goes to
the user as it is.
"""

from __future__ import annotations

import logging
import zlib
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.message.protocol import ProtocolMessage
from motte.core.stanza.message import IncomingMessage
from motte.model.jid import LID, PN, Jid
from motte.proto.lid_pb2 import LIDMigrationMappingSyncPayload
from motte.runtime.appstate.appstate import AppState
from motte.runtime.context import Context
from motte.runtime.history.demand import Demands
from motte.runtime.history.history import History
from motte.runtime.inbound.placeholders import Placeholders
from motte.runtime.step import Step

log = logging.getLogger("motte.inbound")

MAX_MAPPINGS: Final = 16 * 1024 * 1024
"""Bytes of an unpacked list of LID mappings."""
_GZIP: Final = b"\x1f\x8b"
_OF_THE_PHONE: Final = (
    "historySyncNotification",
    "lidMigrationMappingSyncMessage",
    "peerDataOperationRequestResponseMessage",
)


class ProtocolMessages:
    """Acts on protocol messages."""

    def __init__(
        self, context: Context, *, appstate: AppState, demands: Demands, history: History, placeholders: Placeholders
    ) -> None:
        self._context, self._appstate, self._demands, self._history = context, appstate, demands, history
        self._placeholders = placeholders

    async def handle(self, protocol: ProtocolMessage, incoming: IncomingMessage, step: Step) -> bool:
        """Act on one, with its changes in `step`; False when it is not the client's business."""
        if not incoming.source.from_me:
            return False
        if incoming.source.sender.device and any(protocol.HasField(name) for name in _OF_THE_PHONE):
            log.warning("%s sent what only the phone may, and it was dropped", incoming.source.sender)
        elif protocol.HasField("appStateSyncKeyShare"):
            self._appstate.shared(protocol.appStateSyncKeyShare, incoming.source.sender, step)
        elif protocol.HasField("appStateSyncKeyRequest"):
            self._appstate.asked(protocol.appStateSyncKeyRequest, incoming.source.sender, step)
        elif _is_recovery(protocol):
            self._appstate.answered(protocol.peerDataOperationRequestResponseMessage, step)
        elif protocol.HasField("historySyncNotification"):
            await self._history.announced(protocol.historySyncNotification, step)
        elif protocol.HasField("lidMigrationMappingSyncMessage"):
            self._addresses(protocol.lidMigrationMappingSyncMessage.encodedMappingPayload)
        else:
            response = protocol.peerDataOperationRequestResponseMessage
            return await self._placeholders.answered(response, step) or self._demands.resent(response)
        return True

    def _addresses(self, payload: bytes) -> None:
        try:
            mappings = LIDMigrationMappingSyncPayload.FromString(_unpacked(payload)).pnToLidMappings
        except (DecodeError, zlib.error, EOFError, OSError) as error:
            log.warning("the phone's LID mappings cannot be read: %s", type(error).__name__)
            return
        known = ((one.pn, one.latestLid or one.assignedLid) for one in mappings)
        pairs = [(Jid(str(pn), PN), Jid(str(lid), LID)) for pn, lid in known if pn and lid]
        # Moving sessions takes locks, and one is held while a message is handled.
        self._context.tasks.start(self._context.addresses.learn(pairs), "lid-mappings")


def _is_recovery(protocol: ProtocolMessage) -> bool:
    answers = protocol.peerDataOperationRequestResponseMessage.peerDataOperationResult
    return any(answer.HasField("syncdSnapshotFatalRecoveryResponse") for answer in answers)


def _unpacked(payload: bytes) -> bytes:
    """The payload, which some phones compress."""
    if not payload.startswith(_GZIP):
        return payload
    unpacked = zlib.decompressobj(wbits=31).decompress(payload, MAX_MAPPINGS)
    if len(unpacked) == MAX_MAPPINGS:
        raise EOFError("longer than the limit")
    return unpacked
