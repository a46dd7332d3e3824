"""Every end of a connection, from the event on the wire to its name, its code and what follows."""

import pytest

from motte.core.binary.node import Node
from motte.core.session.closing import MAX_RAW, ending, render
from motte.core.session.connection import Closed
from motte.errors import TransportError
from motte.model.disconnect import Cause, DisconnectInfo, DisconnectReason, NextAction, Policy
from tests.unit.core.session.peer import client, only, opened, shaken

NOW, BACK_OFF, STOP, RELINK = (
    NextAction.RECONNECT_NOW,
    NextAction.BACK_OFF,
    NextAction.STOP,
    NextAction.RELINK,
)


def error(code: str | None = None, *children: Node) -> Node:
    return Node("stream:error", {} if code is None else {"code": code}, children)


def failure(**attrs: str) -> Node:
    return Node("failure", attrs)


def conflict(kind: str) -> Node:
    return Node("conflict", {"type": kind})


ON_THE_WIRE = [
    (Node("xmlstreamend"), 428, Cause.STREAM_ENDED, BACK_OFF),
    (error(None, conflict("replaced")), 440, Cause.REPLACED, STOP),
    (error(None, conflict("something else")), 440, Cause.CONFLICT, STOP),
    (error(None, Node("conflict")), 440, Cause.CONFLICT, STOP),
    (error("401", conflict("device_removed")), 401, Cause.DEVICE_REMOVED, RELINK),
    (error(None, conflict("device_removed")), 401, Cause.DEVICE_REMOVED, RELINK),
    (error("401", conflict("something else")), 401, Cause.LOGGED_OUT, RELINK),
    (error("401"), 401, Cause.LOGGED_OUT, RELINK),
    (error("403"), 403, Cause.MAIN_DEVICE_GONE, RELINK),
    (error(None, Node("xml-not-well-formed")), 500, Cause.XML_NOT_WELL_FORMED, BACK_OFF),
    (error(None, Node("ack", {"id": "1"})), 500, Cause.ACK_REFUSED, BACK_OFF),
    (error(), 500, Cause.STREAM_ERROR, BACK_OFF),
    (error("500"), 500, Cause.SERVER_FAILED, BACK_OFF),
    (error("503"), 503, Cause.UNAVAILABLE, BACK_OFF),
    (error("515"), 515, Cause.SERVER_RESTART, NOW),
    (error("516"), 516, Cause.STREAM_ERROR, BACK_OFF),
    (Node("ib", {}, (Node("downgrade_webclient"),)), 411, Cause.DOWNGRADE_WEBCLIENT, STOP),
    (failure(reason="400"), 400, Cause.GENERIC_FAILURE, BACK_OFF),
    (failure(reason="401"), 401, Cause.LOGGED_OUT, RELINK),
    (failure(reason="402", code="101", expire="3600"), 402, Cause.TEMPORARY_BAN, STOP),
    (failure(reason="403", location="frc"), 403, Cause.MAIN_DEVICE_GONE, RELINK),
    (failure(reason="405"), 405, Cause.CLIENT_OUTDATED, NextAction.REFRESH_VERSION),
    (failure(reason="406"), 406, Cause.BANNED, STOP),
    (failure(reason="409"), 409, Cause.BAD_USER_AGENT, STOP),
    (failure(reason="413"), 413, Cause.CAT_EXPIRED, STOP),
    (failure(reason="414"), 414, Cause.CAT_INVALID, STOP),
    (failure(reason="415"), 415, Cause.ACCOUNT_NOT_FOUND, STOP),
    (failure(reason="418"), 418, Cause.CLIENT_UNKNOWN, STOP),
    (failure(reason="500"), 500, Cause.SERVER_FAILED, BACK_OFF),
    (failure(reason="501"), 501, Cause.EXPERIMENTAL, BACK_OFF),
    (failure(reason="503"), 503, Cause.UNAVAILABLE, BACK_OFF),
    (failure(reason="515"), 515, Cause.SERVER_RESTART, NOW),
    (failure(reason="499"), 499, Cause.LOGIN_FAILED, BACK_OFF),
    (failure(), 500, Cause.LOGIN_FAILED, BACK_OFF),
]


@pytest.mark.parametrize(("node", "code", "cause", "action"), ON_THE_WIRE, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("start", [shaken, opened])
def test_a_stanza_that_ends_it(start: object, node: Node, code: int, cause: Cause, action: NextAction) -> None:
    connection, peer = start()  # type: ignore[operator]
    info = closed(connection.receive(peer.write(node), 0.0))
    assert (info.code, info.cause, Policy().action(info)) == (code, cause, action)
    assert dict(info.details) == dict(node.attrs)
    assert info.raw == render(node)


@pytest.mark.parametrize(
    ("failed", "code", "cause", "action"),
    [
        (TransportError("refused", "…"), 408, Cause.CONNECTION_REFUSED, BACK_OFF),
        (TransportError("dns", "…"), 408, Cause.NAME_NOT_RESOLVED, BACK_OFF),
        (TransportError("timeout", "…"), 408, Cause.CONNECT_TIMEOUT, BACK_OFF),
        (TransportError("reset", "…"), 408, Cause.NETWORK_ERROR, BACK_OFF),
        (TransportError("other", "…"), 408, Cause.NETWORK_ERROR, BACK_OFF),
        (TransportError("a kind of the future", "…"), 408, Cause.NETWORK_ERROR, BACK_OFF),
        (TransportError("tls", "…"), 500, Cause.TLS_FAILED, BACK_OFF),
        (TransportError("closed", "…"), 428, Cause.WEBSOCKET_CLOSED, BACK_OFF),
        (TransportError("http", "…", status=401), 503, Cause.HTTP_STATUS, BACK_OFF),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_network_that_fails(failed: TransportError, code: int, cause: Cause, action: NextAction) -> None:
    info = closed(client().transport_failed(failed))
    assert (info.code, info.cause, Policy().action(info)) == (code, cause, action)


def test_an_http_answer_keeps_its_status_but_not_as_the_code() -> None:
    info = closed(client().transport_failed(TransportError("http", "…", status=401)))
    assert info.details == {"status": "401"}
    assert info.reason is DisconnectReason.UNAVAILABLE_SERVICE


@pytest.mark.parametrize("code", [None, 1000, 1006, 1011, 4001])
def test_a_websocket_that_closes_is_428_with_any_close_code(code: int | None) -> None:
    connection, _ = opened()
    info = closed(connection.transport_closed(code, "bye"))
    assert (info.code, info.cause) == (428, Cause.WEBSOCKET_CLOSED)
    assert info.details == ({} if code is None else {"close_code": str(code)})


@pytest.mark.parametrize(
    ("cause", "code", "action"),
    [
        (Cause.CLOSED_LOCALLY, 428, STOP),
        (Cause.LOGGED_OUT_LOCALLY, 401, RELINK),
        (Cause.QR_REFS_USED_UP, 408, STOP),
        (Cause.PAIRING_REFUSED, 500, STOP),
    ],
)
def test_an_end_from_above(cause: Cause, code: int, action: NextAction) -> None:
    connection, _ = shaken()
    info = closed(connection.end(cause, "because"))
    assert (info.code, info.cause, Policy().action(info)) == (code, cause, action)
    assert info.text.endswith(": because")


def test_the_restart_after_pairing_is_told_from_a_restart_of_the_server() -> None:
    connection, peer = shaken()
    connection.paired()
    info = closed(connection.receive(peer.write(error("515")), 0.0))
    assert (info.code, info.cause, Policy().action(info)) == (515, Cause.RESTART_AFTER_PAIRING, NOW)


def test_after_pairing_another_error_is_still_that_error() -> None:
    info = ending(error("503"), paired=True)
    assert info is not None
    assert info.cause is Cause.UNAVAILABLE


@pytest.mark.parametrize("code", ["", "abc", "-1", "0", "4e2", " 401", "٤٠١", "9" * 5000, "100000", "401.0"])
def test_an_absurd_code_falls_back_and_is_kept_as_text(code: str) -> None:
    for node, cause in ((error(code), Cause.STREAM_ERROR), (failure(reason=code), Cause.LOGIN_FAILED)):
        info = ending(node, paired=False)
        assert info is not None
        assert (info.code, info.cause) == (500, cause)
        assert code in info.details.values()
        assert len(info.raw) <= MAX_RAW + 1


def test_a_small_code_is_kept_though_it_has_no_name() -> None:
    info = ending(failure(reason="7"), paired=False)
    assert info is not None
    assert (info.code, info.reason) == (7, None)


def test_a_temporary_ban_says_why_and_for_how_long() -> None:
    info = ending(failure(reason="402", code="104", expire="3600"), paired=False)
    assert info is not None
    assert info.retry_after == 3600.0
    assert "the same message to too many people" in info.text


@pytest.mark.parametrize("expire", ["soon", "-5", "9" * 30])
def test_an_absurd_expiry_is_no_expiry(expire: str) -> None:
    info = ending(failure(reason="402", expire=expire), paired=False)
    assert info is not None
    assert info.retry_after is None


@pytest.mark.parametrize(
    "node", [Node("ib", {}, (Node("offline_preview"),)), Node("ib"), Node("message"), Node("iq", {"code": "515"})]
)
def test_other_stanzas_end_nothing(node: Node) -> None:
    assert ending(node, paired=False) is None


def test_a_stanza_is_rendered_without_its_data() -> None:
    node = Node("a", {"b": "c"}, (Node("secret", {}, b"1234"), Node("text", {}, "x"), Node("empty")))
    assert render(node) == '<a b="c"><secret><!-- 4 bytes --></secret><text>x</text><empty/></a>'


def closed(outputs: object) -> DisconnectInfo:
    output = only(outputs)  # type: ignore[arg-type]
    assert isinstance(output, Closed)
    return output.info
