from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from importlib import reload

import pytest

from motte.core.binary import inflate as module
from motte.errors import RemoteProtocolError

Inflate = Callable[..., bytes]


@pytest.fixture(params=["zlib", "isal"])
def inflate(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inflate]:
    """The function on top of the standard library, and of isal where it is installed."""
    if request.param == "isal":
        pytest.importorskip("isal")
    else:
        monkeypatch.setitem(sys.modules, "isal", None)
    yield reload(module).inflate
    monkeypatch.undo()
    reload(module)


@pytest.mark.parametrize("size", [0, 1, 100, 100_000])
@pytest.mark.parametrize("level", [0, 1, 9])
def test_content_up_to_the_limit(inflate: Inflate, size: int, level: int) -> None:
    content = bytes(n * n % 251 for n in range(size))
    stream = zlib.compress(content, level)
    assert inflate(stream, max(size, 1)) == content
    assert inflate(stream, size + 10) == content
    if size > 1:
        with pytest.raises(RemoteProtocolError, match="more than"):
            inflate(stream, size - 1)


def test_a_stream_that_is_cut_or_broken(inflate: Inflate) -> None:
    stream = zlib.compress(b"some content, some content" * 10)
    for end in range(len(stream)):
        with pytest.raises(RemoteProtocolError):
            inflate(stream[:end])
    with pytest.raises(RemoteProtocolError, match="not a zlib stream"):
        inflate(stream[:-1] + bytes((stream[-1] ^ 1,)))
    with pytest.raises(RemoteProtocolError, match="behind its end"):
        inflate(stream + b"more")
    with pytest.raises(RemoteProtocolError, match="not a zlib stream"):
        inflate(b"this is no zlib stream at all")
