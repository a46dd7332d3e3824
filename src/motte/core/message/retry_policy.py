"""What to do when a message cannot be decrypted, on either side.

We could not: ask for it again, at most `MAX_RETRIES` times per message. From the second time on, and at once when there
is no session to speak of, our keys go along, so that the sender can open a new one. Early on, the phone is asked too.

A peer could not: encrypt it again for that one device, at most `MAX_RETRIES` times per message and device. In order:

    its keys came along                                       → open a session with them
    we have no session, or its registration id differs        → fetch its keys
    it asks for the third time, for the same session          → fetch its keys (the base key has not changed since)
    we opened no session with it in the last hour             → fetch its keys
    else                                                      → the session that we have
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from motte.core.stanza.retry import RetryReason
from motte.errors import (
    InvalidMessage,
    InvalidPreKeyId,
    InvalidSignature,
    NoSession,
    RemoteProtocolError,
    SignalError,
    UntrustedIdentity,
)

MAX_RETRIES: Final = 5
RECREATE_INTERVAL: Final = 3600.0
"""Seconds between two new sessions with one device that nobody sent keys for."""
ASK_PHONE_UNTIL: Final = 2
PHONE_MAX_AGE: Final = 14 * 86400.0
"""Seconds. The phone is not asked for older messages."""
PHONE_MAX_STATUS_AGE: Final = 86400.0
"""Seconds. A status post is gone after a day."""
BASE_KEY_CHECK: Final = 2
_KEYS_AT_ONCE: Final = frozenset({RetryReason.NO_SESSION, RetryReason.INVALID_KEY_ID, RetryReason.INVALID_SESSION})


def reason_of(error: RemoteProtocolError) -> RetryReason:
    """WhatsApp's number for why decryption failed."""
    match error:
        case NoSession():
            return RetryReason.NO_SESSION
        case InvalidPreKeyId():
            return RetryReason.INVALID_KEY_ID
        case InvalidSignature():
            return RetryReason.INVALID_SIGNATURE
        case UntrustedIdentity():
            return RetryReason.INVALID_KEY
        case InvalidMessage() | SignalError():
            return RetryReason.INVALID_MESSAGE
    return RetryReason.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The next retry receipt of ours: its number, and what goes with it."""

    count: int
    with_keys: bool
    ask_phone: bool


def ask(asked: int, reason: RetryReason, *, has_ciphertext: bool = True) -> Ask | None:
    """What to send for a message that we asked for `asked` times before; None: give up."""
    if asked >= MAX_RETRIES:
        return None
    count = asked + 1
    return Ask(
        count=count,
        with_keys=count > 1 or not has_ciphertext or reason in _KEYS_AT_ONCE,
        ask_phone=count <= ASK_PHONE_UNTIL,
    )


def may_ask_phone(*, from_me: bool, status: bool, age: float) -> bool:
    """Whether the phone may be asked for a message; `age` is in seconds.

    What an own device sent is asked of that device alone: most of it is between the devices, and no message at all.
    """
    return not from_me and age <= (PHONE_MAX_STATUS_AGE if status else PHONE_MAX_AGE)


class SessionChoice(Enum):
    """With which session to encrypt again."""

    KEEP = "keep"
    FROM_KEYS = "from the keys in the receipt"
    FETCH = "with keys from the server"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What the policy wants to know of the session with a device."""

    registration_id: int
    base_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How to answer a retry receipt.

    `remember_base_key` is to be kept for this message and device until the next receipt; `why` is for the log.
    """

    session: SessionChoice
    why: str
    remember_base_key: bytes | None = None


def answer(
    count: int,
    resent: int,
    *,
    has_keys: bool,
    registration_id: int | None,
    session: SessionFacts | None,
    remembered_base_key: bytes | None,
    recreated_at: float | None,
    now: float,
) -> Answer | None:
    """How to answer a device's retry receipt for a message; None: not at all.

    Args:
        count: the number in the receipt, from 1.
        resent: how often we answered for this message and device.
        has_keys: whether the receipt holds a key bundle.
        registration_id: the one in the receipt.
        session: the session that we have with the device.
        remembered_base_key: what an earlier answer told to remember.
        recreated_at: when we last fetched keys for this device in answer to a receipt, unix seconds.
        now: unix seconds.
    """
    if count > MAX_RETRIES or resent >= MAX_RETRIES:
        return None
    if has_keys:
        return Answer(session=SessionChoice.FROM_KEYS, why="the receipt holds keys")
    if session is None:
        return Answer(session=SessionChoice.FETCH, why="there is no session")
    if registration_id is not None and registration_id != session.registration_id:
        return Answer(session=SessionChoice.FETCH, why="the device has another registration id")
    if count > BASE_KEY_CHECK and remembered_base_key == session.base_key:
        return Answer(session=SessionChoice.FETCH, why="the session is the one that failed before")
    remember = session.base_key if count == BASE_KEY_CHECK else None
    if recreated_at is None or now - recreated_at > RECREATE_INTERVAL:
        return Answer(session=SessionChoice.FETCH, why="no new session in the last hour", remember_base_key=remember)
    return Answer(session=SessionChoice.KEEP, why="the session is new", remember_base_key=remember)
