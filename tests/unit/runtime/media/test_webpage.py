"""What is read of a web page, however it is written, and which part of a text is a link."""

from __future__ import annotations

import time

import pytest

from motte.runtime.media.webpage import MAX_DESCRIPTION, MAX_TITLE, WebPage, first_url, read

HOME = "https://example.com/shop/"


def page(html: str) -> WebPage | None:
    return read(html.encode(), HOME)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("see https://example.com/x.", "https://example.com/x"),
        ("(https://example.com/a_(b))", "https://example.com/a_(b)"),
        ("https://a.example and https://b.example", "https://a.example"),
        ("HTTP://Example.com?q=1!", "HTTP://Example.com?q=1"),
        ("<http://example.com/>", "http://example.com/"),
        ("https://user:secret@example.com/", None),
        ("https://[::1", None),
        ("https://", None),
        ("ftp://example.com example.com javascript:alert(1)", None),
        ("https://example.com/" + "x" * 3000, None),
        ("", None),
    ],
)
def test_the_first_link(text: str, url: str | None) -> None:
    assert first_url(text) == url


def test_what_the_page_says_of_itself_comes_before_its_title() -> None:
    assert page(
        '<title>t</title><meta property="og:title" content=" T &amp; U "><meta name="description" content="d">'
        '<meta property="og:description" content="D"><meta property="og:image" content="/p.jpg">'
        '<meta property="og:image" content="/second.jpg">'
    ) == WebPage(title="T & U", description="D", picture="https://example.com/p.jpg")


def test_an_old_page() -> None:
    assert page('<TITLE>Old\n page</TITLE><META NAME=Description CONTENT="it is">') == WebPage(
        title="Old page", description="it is"
    )


@pytest.mark.parametrize("html", ["", "   ", "no tags", "<title></title>", "<title> \n </title>", "<!-- -->", "\0\0"])
def test_pages_without_a_title(html: str) -> None:
    assert page(html) is None


@pytest.mark.parametrize(
    ("html", "charset"),
    [
        ("<title>Tür</title>".encode(), None),
        ("<title>Tür</title>".encode("latin-1"), "iso-8859-1"),
        ("<title>Tür</title>".encode("latin-1"), "no-such-charset"),
        ('<meta charset="windows-1252"><title>Tür</title>'.encode("cp1252"), None),
        ("<title>Tür</title>é".encode()[:-1], "latin-1"),  # cut in the middle of a character
    ],
)
def test_charsets(html: bytes, charset: str | None) -> None:
    found = read(html, HOME, charset)
    assert found is not None and found.title == "Tür"


def test_long_texts_are_cut() -> None:
    found = page(f'<title>{"t" * 10_000}</title><meta name="description" content="{"d" * 10_000}">')
    assert found is not None and found.description is not None
    assert (len(found.title), len(found.description)) == (MAX_TITLE, MAX_DESCRIPTION)


@pytest.mark.parametrize("reference", ["javascript:alert(1)", "file:///etc/passwd", "data:image/png;base64,AA", "//["])
def test_pictures_that_are_nowhere_on_the_web(reference: str) -> None:
    found = page(f'<title>t</title><meta property="og:image" content="{reference}">')
    assert found == WebPage(title="t")


@pytest.mark.parametrize(
    "piece", ["<!--", "<a ", '<a b="', "<", "</", "<!", "<![CDATA[", "&", "<div>", "<table><tr>", "<title>", "<script>"]
)
def test_broken_html_is_read_in_a_moment(piece: str) -> None:
    began = time.process_time()
    read((piece * (512 * 1024 // len(piece))).encode(), HOME)
    assert time.process_time() - began < 2


def test_no_entity_of_a_file_is_opened() -> None:
    found = page('<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]><title>a&x;b</title>')
    assert found is None or found.title in ("a&x;b", "ab", "]>a&x;b")
