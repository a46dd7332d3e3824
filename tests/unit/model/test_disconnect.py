"""Names and numbers of disconnects, and the policy's table."""

import pytest

from motte.events.connection import Disconnected
from motte.model.disconnect import ROWS, Cause, DisconnectInfo, DisconnectReason, NextAction, Policy

BAILEYS = {
    "connectionClosed": 428,
    "connectionLost": 408,
    "connectionReplaced": 440,
    "timedOut": 408,
    "loggedOut": 401,
    "badSession": 500,
    "restartRequired": 515,
    "multideviceMismatch": 411,
    "forbidden": 403,
    "unavailableService": 503,
}
UPPER = {
    "connectionClosed": "CONNECTION_CLOSED",
    "connectionLost": "CONNECTION_LOST",
    "connectionReplaced": "CONNECTION_REPLACED",
    "timedOut": "TIMED_OUT",
    "loggedOut": "LOGGED_OUT",
    "badSession": "BAD_SESSION",
    "restartRequired": "RESTART_REQUIRED",
    "multideviceMismatch": "MULTIDEVICE_MISMATCH",
    "forbidden": "FORBIDDEN",
    "unavailableService": "UNAVAILABLE_SERVICE",
}


@pytest.mark.parametrize(("name", "value"), BAILEYS.items())
def test_baileys_names_and_values(name: str, value: int) -> None:
    assert DisconnectReason[name] == value
    assert DisconnectReason[name] is DisconnectReason[UPPER[name]]


def test_there_are_no_other_reasons() -> None:
    assert set(DisconnectReason.__members__) == {*UPPER, *UPPER.values()}


def test_every_cause_has_a_row_and_a_sentence_of_its_own() -> None:
    assert set(ROWS) == set(Cause)
    texts = [row.text for row in ROWS.values()]
    assert all(texts)
    assert len(set(texts)) == len(texts)


def info(cause: Cause, code: int | None = None) -> DisconnectInfo:
    return DisconnectInfo(cause=cause, code=ROWS[cause].code if code is None else code, text="")


@pytest.mark.parametrize("cause", [cause for cause in Cause if ROWS[cause].code in (401, 403, 440)])
def test_nothing_reconnects_after_440_401_403(cause: Cause) -> None:
    assert Policy().action(info(cause)) in (NextAction.STOP, NextAction.RELINK)


@pytest.mark.parametrize("cause", [cause for cause in Cause if ROWS[cause].code == 515])
def test_515_reconnects_at_once(cause: Cause) -> None:
    assert Policy().action(info(cause)) is NextAction.RECONNECT_NOW


def test_rows_can_be_changed_by_cause_by_reason_and_by_code() -> None:
    policy = Policy(
        overrides={
            Cause.REPLACED: NextAction.BACK_OFF,
            DisconnectReason.UNAVAILABLE_SERVICE: NextAction.STOP,
            499: NextAction.RELINK,
        }
    )
    assert policy.action(info(Cause.REPLACED)) is NextAction.BACK_OFF
    assert policy.action(info(Cause.CONFLICT)) is NextAction.STOP
    assert policy.action(info(Cause.UNAVAILABLE)) is NextAction.STOP
    assert policy.action(info(Cause.LOGIN_FAILED, 499)) is NextAction.RELINK
    assert policy.action(info(Cause.LOGIN_FAILED, 498)) is NextAction.BACK_OFF


def test_the_row_of_a_cause_wins_over_the_row_of_its_code() -> None:
    policy = Policy(overrides={408: NextAction.STOP, Cause.KEEPALIVE_LOST: NextAction.RECONNECT_NOW})
    assert policy.action(info(Cause.KEEPALIVE_LOST)) is NextAction.RECONNECT_NOW
    assert policy.action(info(Cause.HANDSHAKE_TIMEOUT)) is NextAction.STOP


def test_a_row_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(TypeError):
        Policy(overrides={"401": NextAction.STOP})  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        Policy(overrides={401: "stop"})  # type: ignore[dict-item]


def test_an_event_shows_code_reason_cause_and_what_follows() -> None:
    event = Disconnected(info=info(Cause.KEEPALIVE_LOST), action=NextAction.BACK_OFF, delay=1.5, attempt=2)
    assert (event.code, event.reason, event.cause) == (408, DisconnectReason.connectionLost, Cause.KEEPALIVE_LOST)
    assert event.will_reconnect
    unknown = Disconnected(info=info(Cause.LOGIN_FAILED, 499), action=NextAction.STOP, delay=None, attempt=1)
    assert (unknown.code, unknown.reason, unknown.will_reconnect) == (499, None, False)
