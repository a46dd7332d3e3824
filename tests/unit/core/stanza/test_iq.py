import pytest

from motte.core.stanza.iq import error_of, reply
from motte.core.stanza.keepalive import KeepAlive, ServerPing
from motte.core.stanza.prekeys import CountPreKeys
from motte.errors import ItemNotFound, RateLimited, RemoteProtocolError, ServerError, UnknownServerError
from tests.unit.core.stanza.wire import plain, reader, xml


def test_a_request_names_itself() -> None:
    assert plain(KeepAlive().build("7")) == (
        "iq",
        {"id": "7", "xmlns": "w:p", "type": "get", "to": "@s.whatsapp.net"},
        [("ping", {}, None)],
    )


def test_an_answer_becomes_the_result() -> None:
    assert CountPreKeys().parse(xml("iq", xml("count", value="812"), type="result")) == 812


@pytest.mark.parametrize(
    ("code", "kind"),
    [("404", ItemNotFound), ("429", RateLimited), ("777", UnknownServerError), ("x", UnknownServerError)],
)
def test_an_error_answer_raises_by_code(code: str, kind: type[ServerError]) -> None:
    answer = xml("iq", xml("error", code=code, text="because", backoff="60"), type="error")
    with pytest.raises(ServerError) as caught:
        CountPreKeys().parse(answer)
    assert type(caught.value) is kind
    assert caught.value.text == "because"
    assert caught.value.raw == {"code": code, "text": "because", "backoff": "60"}


def test_an_error_without_a_code_is_an_error_still() -> None:
    with pytest.raises(UnknownServerError):
        KeepAlive().parse(xml("iq", type="error"))


@pytest.mark.parametrize("answer", [xml("iq", type="set"), xml("message", type="result"), xml("iq")])
def test_what_is_no_answer(answer: object) -> None:
    with pytest.raises(RemoteProtocolError):
        KeepAlive().parse(answer)  # type: ignore[arg-type]


def test_a_result_that_says_nothing_useful() -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        CountPreKeys().parse(xml("iq", xml("count", value="many"), type="result"))
    assert caught.value.path == "iq/count@value"


def test_no_error_where_there_is_none() -> None:
    assert error_of(reader(xml("user", xml("devices")))) is None


def test_replies() -> None:
    expected = ("iq", {"to": "@s.whatsapp.net", "type": "result", "id": "9"}, None)
    assert plain(reply("9")) == plain(ServerPing("9").pong()) == expected
