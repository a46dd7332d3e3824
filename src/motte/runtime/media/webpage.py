"""What a web page says of itself: the title, description and picture that it wants to be shown with.

By lxml, from the `previews` extra: the parser of the standard library takes 25 seconds for 200 KB of `<!--`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

MAX_TITLE: Final = 300
MAX_DESCRIPTION: Final = 1000
"""Characters; longer ones are cut."""
MAX_URL: Final = 2048

_URL: Final = re.compile(r"https?://[^\s<>\"]{1,2048}", re.IGNORECASE)
_TRAILING: Final = ".,;:!?'*_~»”’"
_TITLES: Final = ("og:title", "twitter:title")
_DESCRIPTIONS: Final = ("og:description", "twitter:description", "description")
_PICTURES: Final = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPage:
    """What was found; `picture` is a whole URL."""

    title: str
    description: str | None = None
    picture: str | None = None


def first_url(text: str) -> str | None:
    """The first link in a text, as it stands there; None when there is none, or it holds a user's name."""
    found = _URL.search(text)
    if found is None:
        return None
    url = found[0].rstrip(_TRAILING)
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(_TRAILING)
    try:
        parts = urlsplit(url)
        fine = bool(parts.hostname) and "@" not in parts.netloc and len(url) < MAX_URL
    except ValueError:
        return None
    return url if fine else None


def read(html: bytes, url: str, charset: str | None = None) -> WebPage | None:
    """What the page at `url` says; None when it has no title.

    Args:
        html: the page or its beginning.
        url: where it is, for the URLs in it.
        charset: what its headers say.

    Raises:
        ImportError: lxml is not installed.
    """
    from lxml import etree  # late, and optional

    parser = etree.HTMLParser(encoding=_encoding(html, charset), no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(html, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None  # nothing in it
    if root is None:
        return None
    named = dict(_meta(root))
    title = _first(named, _TITLES) or _title(root)
    if not title:
        return None
    picture = _first(named, _PICTURES)
    return WebPage(
        title=title[:MAX_TITLE],
        description=(_first(named, _DESCRIPTIONS) or "")[:MAX_DESCRIPTION] or None,
        picture=_joined(url, picture) if picture else None,
    )


def _encoding(html: bytes, charset: str | None) -> str | None:
    """None leaves it to the parser, which looks for what the page says."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(html)  # the end may be cut off
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    if charset is None or not re.fullmatch(r"[\w.:-]{1,40}", charset):
        return None
    from lxml import etree

    try:
        etree.HTMLParser(encoding=charset)
    except LookupError:
        return None
    return charset


def _meta(root: Any) -> Iterator[tuple[str, str]]:
    """Names and contents; of several with one name the first comes last, and stays."""
    for element in reversed(list(root.iter("meta"))):
        name = element.get("property") or element.get("name") or ""
        content = _clean(element.get("content") or "")
        if content:
            yield name.strip().lower(), content


def _title(root: Any) -> str:
    element = next(root.iter("title"), None)
    return "" if element is None else _clean("".join(element.itertext()))


def _first(named: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((named[name] for name in names if name in named), None)


def _clean(text: str) -> str:
    return " ".join(text.split())


def _joined(url: str, reference: str) -> str | None:
    try:
        joined = urljoin(url, reference)
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) and len(joined) < MAX_URL else None
