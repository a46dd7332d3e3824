"""Everything that a user can set, with the values that fit WhatsApp's own servers."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from motte.core.crypto.rng import Rng
from motte.core.noise.certificate import WHATSAPP_ROOT
from motte.core.session.payload import ClientInfo
from motte.core.session.qr import FIRST_REF, NEXT_REF
from motte.core.session.timers import Timing
from motte.model.disconnect import Policy
from motte.runtime.clock import Clock, SystemClock
from motte.runtime.outbound.pacing import Pacing
from motte.runtime.reconnect import BackOff
from motte.transport.base import Dialer

WHATSAPP_URL: Final = "wss://web.whatsapp.com/ws/chat"
VERSION_URL: Final = "https://web.whatsapp.com/sw.js"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPreviews:
    """Texts get a preview of their first link, within these limits.

    Args:
        seconds: how long the page and its picture may take, and again the upload of the picture.
        page_bytes: how much of a page is read.
        picture_bytes: how large a page's picture may be.
        allowed: addresses that are fetched from though they are not on the open internet, for pages of one's own.
    """

    seconds: float = 5.0
    page_bytes: int = 512 * 1024
    picture_bytes: int = 4 * 1024 * 1024
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryOptions:
    """What becomes of the older chats and messages that the phone sends to a new device.

    How much it sends is decided when the device is linked: `ClientInfo.full_history` and `history_days`.

    Args:
        enabled: take it in; otherwise it is announced, and nothing else happens.
        messages_as_events: tell of every message with a `MessageReceived` of its own, too (origin `history`).
        patience: seconds without another chunk after which the phone is taken to have fallen silent.
    """

    enabled: bool = True
    messages_as_events: bool = False
    patience: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings of a client; every field has a default. Durations are in seconds.

    Args:
        url: the server's WebSocket, `wss://` or `ws://`.
        root_key: the 32-byte Noise root key that must vouch for the server. Only a local server needs another one.
        ca_file: a PEM file to trust instead of the system's certificates, for a local server's `wss://`.
        proxy: `http://`, `https://`, `socks4://` or `socks5://`, for all connections.
        device: how this client presents itself: the name in the phone's list, browser, version, country, push name.
        version_url: where the current version is looked up after a 405; empty: never.
        policy: what follows which disconnect.
        back_off: how delays between attempts grow.
        timing: handshake, keep-alive and request time-outs.
        ask_phone_after: how long the sender has to send a message again that could not be decrypted, before the own
            phone is asked for it, too; None: the phone is not asked.
        send_timeout: how long a send waits for a connection and its ack, over reconnects, before it gives up.
        link_previews: whether texts get a preview of their first link unless they say otherwise, or its limits.
            Off, since making one shows the page's owner this machine's address, and that the link is being sent.
        history: what becomes of the older messages that the phone sends.
        pacing: limits of one's own for how fast messages are sent, in a queue; None: none.
        first_qr: how long the first QR code is shown.
        next_qr: how long each further one is shown.
        mark_online: announce this client as available when it connects, if the account has a name.
        close_grace: how long handlers may still run when the client closes.
        clock: what tells the time.
        rng: where random bytes come from.
        dialer: what opens sockets; None for the real network.
    """

    url: str = WHATSAPP_URL
    root_key: bytes = WHATSAPP_ROOT
    ca_file: str | Path | None = None
    proxy: str | None = field(default=None, repr=False)
    device: ClientInfo = field(default_factory=ClientInfo)
    version_url: str = VERSION_URL
    policy: Policy = field(default_factory=Policy)
    back_off: BackOff = field(default_factory=BackOff)
    timing: Timing = field(default_factory=Timing)
    ask_phone_after: float | None = 5.0
    send_timeout: float = 60.0
    link_previews: LinkPreviews | bool = False
    history: HistoryOptions = field(default_factory=HistoryOptions)
    pacing: Pacing | None = None
    first_qr: float = FIRST_REF
    next_qr: float = NEXT_REF
    mark_online: bool = True
    close_grace: float = 5.0
    clock: Clock = field(default_factory=SystemClock)
    rng: Rng = os.urandom
    dialer: Dialer | None = None
