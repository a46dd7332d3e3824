"""Who waits for which answer, until when."""

from motte.core.binary.node import Node
from motte.core.session.closing import of_cause
from motte.core.session.requests import Requests
from motte.errors import Disconnected, MotteError, RequestTimeout
from motte.model.disconnect import Cause


class Waiter:
    def __init__(self) -> None:
        self.result: Node | None = None
        self.error: MotteError | None = None
        self.cancelled = False

    def done(self) -> bool:
        return self.cancelled or self.result is not None or self.error is not None

    def set_result(self, node: Node) -> None:
        assert not self.done()
        self.result = node

    def set_exception(self, error: MotteError) -> None:
        assert not self.done()
        self.error = error


def iq(stanza_id: str, kind: str = "result") -> Node:
    return Node("iq", {"id": stanza_id, "type": kind})


def test_an_answer_finds_its_waiter_and_only_once() -> None:
    requests, one, other = Requests(), Waiter(), Waiter()
    requests.add(one, "1", deadline=60.0)
    requests.add(other, "2", deadline=60.0)
    assert requests.receive(iq("2", "error"))
    assert (one.result, other.result) == (None, iq("2", "error"))
    assert not requests.receive(iq("2"))
    assert len(requests) == 1


def test_a_question_with_our_id_is_no_answer() -> None:
    requests, waiter = Requests(), Waiter()
    requests.add(waiter, "1", deadline=60.0)
    assert not requests.receive(iq("1", "set"))
    assert not requests.receive(Node("iq", {"id": "1"}))
    assert not requests.receive(Node("iq", {"type": "result"}))
    assert not requests.receive(Node("ack", {"id": "1"}))
    assert not waiter.done()


def test_an_ack_is_waited_for_by_its_own_tag() -> None:
    requests, waiter = Requests(), Waiter()
    requests.add(waiter, "3EB0", deadline=60.0, tag="ack")
    assert not requests.receive(iq("3EB0"))
    assert requests.receive(Node("ack", {"id": "3EB0", "class": "message"}))
    assert waiter.done()


def test_late_ones_fail_alone_and_in_order() -> None:
    requests, soon, later = Requests(), Waiter(), Waiter()
    requests.add(later, "1", deadline=90.0)
    requests.add(soon, "2", deadline=60.0)
    assert requests.next_timer() == 60.0
    requests.handle_timer(59.9)
    assert not soon.done()
    requests.handle_timer(60.0)
    assert isinstance(soon.error, RequestTimeout)
    assert not later.done()
    assert requests.next_timer() == 90.0


def test_an_answered_request_leaves_no_timer() -> None:
    requests = Requests()
    requests.add(Waiter(), "1", deadline=60.0)
    requests.receive(iq("1"))
    assert requests.next_timer() is None


def test_the_end_fails_all_at_once_and_each_with_its_own_error() -> None:
    requests, one, other = Requests(), Waiter(), Waiter()
    requests.add(one, "1", deadline=60.0)
    requests.add(other, "2", deadline=60.0, tag="ack")
    requests.close(of_cause(Cause.KEEPALIVE_LOST))
    assert isinstance(one.error, Disconnected)
    assert (one.error.code, one.error.cause) == (408, "keepalive_lost")
    assert isinstance(other.error, Disconnected)
    assert one.error is not other.error
    assert requests.next_timer() is None


def test_a_request_after_the_end_is_refused() -> None:
    requests = Requests()
    requests.close(of_cause(Cause.REPLACED))
    try:
        requests.add(Waiter(), "1", deadline=60.0)
    except Disconnected as error:
        assert error.code == 440
    else:
        raise AssertionError("a closed connection took a request")


def test_who_gave_up_is_left_alone() -> None:
    requests, answered, late, closed = Requests(), Waiter(), Waiter(), Waiter()
    for waiter, stanza_id, deadline in ((answered, "1", 60.0), (late, "2", 10.0), (closed, "3", 60.0)):
        requests.add(waiter, stanza_id, deadline=deadline)
        waiter.cancelled = True
    assert requests.receive(iq("1"))
    requests.handle_timer(10.0)
    requests.close(of_cause(Cause.STREAM_ENDED))
    assert [waiter.result or waiter.error for waiter in (answered, late, closed)] == [None, None, None]


def test_forgotten_ones_are_gone() -> None:
    requests = Requests()
    requests.add(Waiter(), "1", deadline=60.0)
    requests.forget("1")
    requests.forget("1")
    assert not requests.receive(iq("1"))
    assert len(requests) == 0


def test_answered_requests_do_not_pile_up_behind_a_slow_one() -> None:
    requests = Requests()
    requests.add(Waiter(), "slow", deadline=1.0)
    for number in range(10_000):
        requests.add(Waiter(), str(number), deadline=60.0)
        requests.receive(iq(str(number)))
    assert len(requests._deadlines) < 200
    assert requests.next_timer() == 1.0
