import pytest

from motte.core.message.retry_policy import (
    MAX_RETRIES,
    RECREATE_INTERVAL,
    Answer,
    SessionChoice,
    SessionFacts,
    answer,
    ask,
    may_ask_phone,
    reason_of,
)
from motte.core.stanza.retry import RetryReason
from motte.errors import (
    DuplicateMessage,
    InvalidMessage,
    InvalidPreKeyId,
    InvalidSignature,
    NoSession,
    RemoteProtocolError,
    UntrustedIdentity,
)

NOW = 1_700_000_000.0
SESSION = SessionFacts(registration_id=7, base_key=b"base")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NoSession("x"), RetryReason.NO_SESSION),
        (InvalidMessage("x"), RetryReason.INVALID_MESSAGE),
        (DuplicateMessage("x"), RetryReason.INVALID_MESSAGE),
        (InvalidPreKeyId("x"), RetryReason.INVALID_KEY_ID),
        (InvalidSignature("x"), RetryReason.INVALID_SIGNATURE),
        (UntrustedIdentity("x"), RetryReason.INVALID_KEY),
        (RemoteProtocolError("x"), RetryReason.UNKNOWN),
    ],
)
def test_reasons(error: RemoteProtocolError, reason: RetryReason) -> None:
    assert reason_of(error) is reason


def test_we_ask_five_times_and_send_keys_from_the_second() -> None:
    asked = [ask(done, RetryReason.INVALID_MESSAGE) for done in range(MAX_RETRIES + 1)]
    assert [one and (one.count, one.with_keys, one.ask_phone) for one in asked] == [
        (1, False, True),
        (2, True, True),
        (3, True, False),
        (4, True, False),
        (5, True, False),
        None,
    ]


@pytest.mark.parametrize(
    ("from_me", "status", "days", "allowed"),
    [
        (False, False, 0.0, True),
        (False, False, 14.0, True),
        (False, False, 14.1, False),
        (False, True, 1.0, True),
        (False, True, 1.1, False),
        (True, False, 0.0, False),
    ],
)
def test_what_the_phone_may_be_asked_for(from_me: bool, status: bool, days: float, allowed: bool) -> None:
    assert may_ask_phone(from_me=from_me, status=status, age=days * 86400) is allowed


def test_keys_go_along_at_once_when_there_is_no_session_to_speak_of() -> None:
    for reason in (RetryReason.NO_SESSION, RetryReason.INVALID_KEY_ID):
        first = ask(0, reason)
        assert first is not None
        assert first.with_keys
    empty = ask(0, RetryReason.UNKNOWN, has_ciphertext=False)
    assert empty is not None
    assert empty.with_keys


def answered(count: int = 1, **changes: object) -> Answer | None:
    facts = {
        "resent": 0,
        "has_keys": False,
        "registration_id": 7,
        "session": SESSION,
        "remembered_base_key": None,
        "recreated_at": NOW - 10,
        "now": NOW,
    }
    return answer(count, **(facts | changes))  # type: ignore[arg-type]


def choice(count: int = 1, **changes: object) -> SessionChoice | None:
    made = answered(count, **changes)
    return made.session if made else None


def test_a_fresh_session_is_kept() -> None:
    assert choice() is SessionChoice.KEEP
    assert choice(registration_id=None) is SessionChoice.KEEP


def test_their_keys_come_first() -> None:
    assert choice(has_keys=True, session=None, registration_id=8) is SessionChoice.FROM_KEYS


def test_when_keys_are_fetched() -> None:
    assert choice(session=None) is SessionChoice.FETCH
    assert choice(registration_id=8) is SessionChoice.FETCH
    assert choice(recreated_at=None) is SessionChoice.FETCH
    assert choice(recreated_at=NOW - RECREATE_INTERVAL - 1) is SessionChoice.FETCH


def test_the_session_that_failed_before_is_not_tried_again() -> None:
    second = answered(2)
    assert second is not None
    assert (second.session, second.remember_base_key) == (SessionChoice.KEEP, b"base")
    assert choice(3, remembered_base_key=b"base") is SessionChoice.FETCH
    assert choice(3, remembered_base_key=b"another") is SessionChoice.KEEP


def test_there_is_an_end() -> None:
    assert answered(MAX_RETRIES) is not None
    assert answered(MAX_RETRIES + 1) is None
    assert answered(resent=MAX_RETRIES - 1) is not None
    assert answered(resent=MAX_RETRIES) is None
    assert answered(MAX_RETRIES + 1, has_keys=True) is None
