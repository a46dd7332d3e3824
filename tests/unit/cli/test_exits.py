"""Errors as a number and a sentence."""

from __future__ import annotations

import pytest

from motte import errors
from motte.cli.exits import MEANING, CliError, Exit, failure, over
from motte.model.disconnect import ROWS, Cause, DisconnectInfo, NextAction


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.NotLoggedIn("no account"), Exit.NOT_LINKED),
        (errors.InvalidJid("no JID"), Exit.USAGE),
        (errors.LocalProtocolError("wrong"), Exit.USAGE),
        (errors.StoreInUse("in use"), Exit.STORE),
        (errors.StoreTooNew("too new"), Exit.STORE),
        (errors.SendRejected(463, "restricted"), Exit.REJECTED),
        (errors.RequestTimeout("late"), Exit.NETWORK),
        (errors.TransportError("refused", "refused"), Exit.NETWORK),
        (errors.Disconnected("gone"), Exit.NETWORK),
        (errors.ServerError.of(404), Exit.FAILURE),
        (errors.RemoteProtocolError("bad bytes"), Exit.FAILURE),
        (OSError("disk"), Exit.FAILURE),
        (CliError("nothing there", Exit.NOT_LINKED), Exit.NOT_LINKED),
    ],
)
def test_every_kind_of_error_has_its_number(error: Exception, code: Exit) -> None:
    assert failure(error).code is code


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_gives_a_sentence_and_a_next_step(cause: Cause) -> None:
    row = ROWS[cause]
    code, sentence = failure(over(DisconnectInfo(cause=cause, code=row.code, text=row.text)))
    assert code in (Exit.FAILURE, Exit.NETWORK, Exit.LOGGED_OUT)
    assert sentence.lower().startswith(row.text.lower())
    assert sentence.count(".") >= 2 and sentence.endswith(".")


def test_whoever_must_link_again_is_told_so_and_nobody_else() -> None:
    def code(cause: Cause) -> Exit:
        return failure(over(DisconnectInfo(cause=cause, code=ROWS[cause].code, text="over"))).code

    relinking = {cause for cause, row in ROWS.items() if row.action is NextAction.RELINK}
    assert {cause for cause in Cause if code(cause) is Exit.LOGGED_OUT} == relinking


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (CliError("the end"), "The end."),
        (CliError("Done."), "Done."),
        (CliError("  wait… "), "Wait…"),
        (errors.SendRejected(463, "restricted"), "The server rejected the message with 463: restricted."),
        (TimeoutError(), "TimeoutError."),
    ],
)
def test_a_sentence_begins_with_a_capital_and_ends_with_a_stop(error: Exception, sentence: str) -> None:
    assert failure(error).sentence == sentence


def test_every_code_has_a_meaning_and_a_number_that_fits_a_process() -> None:
    assert set(MEANING) == set(Exit)
    assert all(0 <= code < 256 for code in Exit)
