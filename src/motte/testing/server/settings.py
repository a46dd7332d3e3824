"""What can be set on a server, and the environment variables that set it."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a server behaves; the defaults are close to what clients know."""

    chatstate_ttl: float = 30.0
    """Seconds that a typing notice waits for an absent device (`CHATSTATE_TTL_SECS`)."""
    adv_secret: bytes = bytes(32)
    """The ADV secret when a QR code carries none (`ADV_SECRET_KEY`, base64)."""
    low_prekeys: int = 5
    """With fewer one-time prekeys than this a device is told."""
    refs: int = 6
    """QR refs that a connection gets."""
    pairing_seconds: float = 160.0
    """How long a connection may wait to be linked: the first ref's minute and 20 seconds for each other."""
    group_mode: str = "lid"
    """How the members of new groups are addressed: `lid` or `pn`."""
    rejoin_seconds: float = 0.0
    """How long somebody who left a group cannot be added again (error 408)."""
    media_hosts: tuple[str, ...] = ("",)
    """The hosts that `media_conn` names, in order; an empty one is this server, with its port."""
    media_ttl: int = 300
    """Seconds that clients may use an answer of `media_conn`."""
    media_auth_seconds: float = 21600.0
    """Seconds that an upload token is good."""
    max_media: int = 1 << 31
    """The largest upload, in bytes."""
    passkey_seconds: float = 600.0
    """How long a passkey challenge may be answered."""
    greet: bool = True
    """Whether a phone sends a new companion its app state key and history."""
    closing_seconds: float = 0.5
    """Between the last stanza and the close, for the client to read it."""
    check_patches: bool = True
    """Whether a pushed patch of app state that the phone cannot apply is refused, which the real server cannot tell."""
    snapshot_after: int = 10
    """A first synchronisation of a collection with more patches than this gets a snapshot."""
    patches_a_page: int = 50
    """Patches in one answer, before `has_more_patches`."""
    inline_mutations: int = 100
    """A patch of more mutations keeps them on the media host."""
    history_first: int = 5
    """Messages of each chat in the first chunk of history."""
    history_chunk: int = 500
    """Messages in each later chunk."""
    history_days: int = 90
    """How far back the recent history goes; what is older is sent to companions that want it all, or on demand."""
    inline_history: int = 20_000
    """A chunk that is deflated to no more bytes than this travels inside its notice, else on the media host."""
    props: Mapping[str, str] = field(default_factory=dict)
    """AB props by their code."""

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """The settings that the environment asks for.

        Raises:
            ValueError: a variable that cannot be read, named in the message.
        """
        default = cls()
        try:
            ttl = float(env.get("CHATSTATE_TTL_SECS") or default.chatstate_ttl)
        except ValueError:
            raise ValueError("CHATSTATE_TTL_SECS is not a number of seconds") from None
        try:
            secret = base64.b64decode(env.get("ADV_SECRET_KEY") or base64.b64encode(default.adv_secret), validate=True)
        except ValueError:
            raise ValueError("ADV_SECRET_KEY is not base64") from None
        return cls(chatstate_ttl=ttl, adv_secret=secret)
