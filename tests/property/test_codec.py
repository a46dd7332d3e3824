"""For all nodes and all bytes: the codec gives back what it was given, or says who is at fault."""

from __future__ import annotations

import zlib

from hypothesis import example, given, settings
from hypothesis import strategies as st

from motte.core.binary.decoder import decode
from motte.core.binary.encoder import encode
from motte.core.binary.node import NO_ATTRS, Content, Node
from motte.core.binary.packing import pack
from motte.core.binary.tokens import WIRE
from motte.errors import InvalidJid, RemoteProtocolError
from motte.model.jid import HOSTED, HOSTED_LID, INTEROP, LID, MESSENGER, PN, SERVERS, Jid

_WORDS = sorted(WIRE)
WORDS = st.integers(0, len(_WORDS) - 1).map(_WORDS.__getitem__)
DIGITS = st.text("0123456789-.", max_size=140)
HEX = st.text("0123456789ABCDEF", max_size=140)
USERS = st.one_of(st.from_regex(r"[1-9][0-9]{4,16}", fullmatch=True), st.text("abc_.-", min_size=1, max_size=8), WORDS)
SERVER_NAMES = st.sampled_from(sorted(SERVERS))


def _spell(user: str, device: int, server: str) -> str:
    return f"{user}:{device}@{server}" if device else f"{user}@{server}"


PEOPLE = st.builds(_spell, USERS, st.integers(0, 255), st.sampled_from([PN, LID, HOSTED, HOSTED_LID]))
PLACES = st.builds(_spell, USERS, st.just(0), SERVER_NAMES)
OTHERS = st.one_of(
    st.builds(_spell, USERS, st.integers(0, 70_000), st.just(MESSENGER)),
    st.builds(
        _spell, st.builds("{}-{}".format, st.integers(0, 70_000), USERS), st.integers(0, 70_000), st.just(INTEROP)
    ),
)
JIDS = st.one_of(PEOPLE, PLACES, OTHERS, SERVER_NAMES.map("@{}".format))
ALMOST_JIDS = st.builds(
    "{}{}{}@{}".format, USERS, st.sampled_from([":", "_1:", ":0", "::"]), st.integers(0, 999), WORDS
)
_ALL = st.one_of(WORDS, DIGITS, HEX, JIDS, ALMOST_JIDS, st.text(max_size=60))


@st.composite
def _texts(draw: st.DrawFn) -> str:
    """Any text that comes back as it was: the device 0 is written without `:0`, so that is left out here."""
    text: str = draw(_ALL)
    return text.replace(":0@", ":1@")


TEXTS = _texts()
TAGS = st.one_of(WORDS, TEXTS.filter(bool))
ATTRS = st.dictionaries(TEXTS, TEXTS, max_size=4)


def _comes_back_as_text(text: str) -> bool:
    """Whether a text, as content, is written in a form that tells it from bytes."""
    return text in WIRE or pack(text) is not None or encode(Node("id", content=text))[4] in (245, 246, 247, 250)


CONTENT_TEXTS = TEXTS.filter(_comes_back_as_text)
LEAVES = st.builds(Node, TAGS, ATTRS, st.one_of(st.none(), st.binary(max_size=300), CONTENT_TEXTS, st.just(())))
NODES = st.recursive(
    LEAVES, lambda inner: st.builds(Node, TAGS, ATTRS, st.lists(inner, max_size=3).map(tuple)), max_leaves=8
)


def _holds_the_word_interop(node: Node) -> bool:
    """An interop JID is written without its server, so one that precedes the word `interop` reads on into it."""
    texts: list[str] = []

    def walk(node: Node) -> None:
        texts.append(node.tag)
        for name, value in node.attrs.items():
            texts.extend((name, value))
        if isinstance(node.content, str):
            texts.append(node.content)
        for child in node.children:
            walk(child)

    walk(node)
    return INTEROP in texts


@given(NODES)
@settings(max_examples=150, deadline=None)
@example(Node("x", {"a": "1-5@interop", "b": "2-6:7@interop"}, content="3-7@interop"))
def test_a_node_comes_back(node: Node) -> None:
    if _holds_the_word_interop(node):
        return
    back = decode(encode(node))
    assert back == node
    assert encode(back) == encode(node)


@given(NODES)
@settings(max_examples=50, deadline=None)
def test_a_compressed_frame_holds_the_same_node(node: Node) -> None:
    plain = encode(node)
    assert decode(b"\x02" + zlib.compress(plain[1:])) == decode(plain)


@given(TEXTS.filter(lambda text: not _comes_back_as_text(text)))
def test_text_without_a_form_of_its_own_comes_back_as_bytes(text: str) -> None:
    assert decode(encode(Node("body", content=text))).content == text.encode()


def _is_a_jid(text: str) -> bool:
    """Not so with every word of the dictionaries for a user: "stream:error", "America/Argentina/Buenos_Aires"."""
    try:
        Jid.parse(text)
    except InvalidJid:
        return False
    return True


@given(PEOPLE.filter(_is_a_jid))
def test_a_persons_jid_survives_codec_and_parser(text: str) -> None:
    assert Jid.parse(decode(encode(Node("x", {"jid": text}))).attrs["jid"]) == Jid.parse(text)


def decoded(data: bytes) -> Node | None:
    """The node, or None when the frame was refused in the proper way; anything else fails the test."""
    try:
        return decode(data)
    except RemoteProtocolError:
        return None


def check_readable(data: bytes) -> None:
    """A node that could be read can be written, and means the same when read again."""
    node = decoded(data)
    if node is not None:
        again = decode(encode(node))
        assert decode(encode(again)) == again


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes(data: bytes) -> None:
    check_readable(b"\0" + data)
    check_readable(b"\x02" + data)
    check_readable(b"\x02" + zlib.compress(data))


@given(NODES, st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_frame(node: Node, data: st.DataObject) -> None:
    frame = bytearray(encode(node))
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(1, len(frame) - 1))
        frame[index] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(frame)))
    check_readable(bytes(frame))
    check_readable(bytes(frame[:cut]))


def test_attributes_may_be_any_mapping() -> None:
    content: Content = (Node("y", NO_ATTRS),)
    assert decode(encode(Node("x", NO_ATTRS, content))) == Node("x", {}, content)
