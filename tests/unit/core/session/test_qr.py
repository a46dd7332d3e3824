"""Whose turn it is among the refs, and for how long."""

from motte.core.session.qr import QrRotation, QrTurn, RefsUsedUp

REFS = (b"2@one", b"2@two", b"2@three")


def test_the_first_has_a_minute_the_rest_twenty_seconds() -> None:
    rotation = QrRotation(REFS, 100.0)
    assert rotation.current(100.0) == QrTurn(ref=b"2@one", index=0, total=3, expires_in=60.0)
    assert rotation.handle_timer(159.9) is None
    assert rotation.handle_timer(160.0) == QrTurn(ref=b"2@two", index=1, total=3, expires_in=20.0)
    assert rotation.handle_timer(180.0) == QrTurn(ref=b"2@three", index=2, total=3, expires_in=20.0)
    assert rotation.next_timer() == 200.0
    assert rotation.handle_timer(200.0) == RefsUsedUp()
    assert rotation.next_timer() is None
    assert rotation.handle_timer(900.0) is None


def test_a_new_secret_shows_the_same_ref_for_the_rest_of_its_time() -> None:
    rotation = QrRotation(REFS, 0.0)
    rotation.handle_timer(60.0)
    assert rotation.current(65.0) == QrTurn(ref=b"2@two", index=1, total=3, expires_in=15.0)


def test_a_late_loop_still_gives_a_fresh_ref_its_whole_time() -> None:
    rotation = QrRotation(REFS, 0.0)
    turn = rotation.handle_timer(500.0)
    assert isinstance(turn, QrTurn)
    assert (turn.index, turn.expires_in, rotation.next_timer()) == (1, 20.0, 520.0)


def test_after_a_scan_no_timer_is_left() -> None:
    rotation = QrRotation(REFS, 0.0)
    rotation.stop()
    assert rotation.next_timer() is None
    assert rotation.handle_timer(1e9) is None


def test_a_server_without_refs_is_used_up_at_once() -> None:
    rotation = QrRotation((), 5.0)
    assert rotation.next_timer() == 5.0
    assert rotation.handle_timer(5.0) == RefsUsedUp()


def test_times_can_be_set() -> None:
    rotation = QrRotation(REFS, 0.0, first=5.0, following=1.0)
    assert rotation.next_timer() == 5.0
    rotation.handle_timer(5.0)
    assert rotation.next_timer() == 6.0
