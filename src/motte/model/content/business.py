"""Products, buttons and lists of businesses.

Answers to them are sent like anything else. Buttons, lists and interactive messages themselves are unreliable: WhatsApp
shows them from businesses only, and from others on some devices or none, without telling the sender.
"""

from __future__ import annotations

from dataclasses import dataclass

from motte.model.content.context import InContext
from motte.model.content.media import Image
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class Product(InContext):
    """A product of a catalogue. `price` and `sale_price` are in thousandths of the `currency` (ISO 4217)."""

    owner: Jid
    id: str
    title: str = ""
    image: Image | None = None
    description: str | None = None
    currency: str | None = None
    price: int | None = None
    sale_price: int | None = None
    retailer_id: str | None = None
    url: str | None = None
    image_count: int | None = None
    body: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(InContext):
    """An order from a catalogue, received only. `total` is in thousandths of the `currency`."""

    id: str
    token: str
    title: str = ""
    seller: Jid | None = None
    items: int = 0
    message: str = ""
    total: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button that answers with its `id`."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Buttons(InContext):
    """A text with up to three buttons. Unreliable when sent: many devices do not show it; a `Poll` works everywhere."""

    text: str
    buttons: tuple[Button, ...]
    header: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonReply(InContext):
    """A button was pressed; `template` says that it was one of a template, `index` which one there."""

    id: str
    text: str = ""
    template: bool = False
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One choice of a list."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Choices under a heading."""

    rows: tuple[Row, ...]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class List(InContext):
    """A menu behind a button. Unreliable when sent: many devices do not show it; a `Poll` works everywhere."""

    button: str
    sections: tuple[Section, ...]
    title: str = ""
    text: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReply(InContext):
    """A choice of a list was made: `id` is the row's."""

    id: str
    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactive(InContext):
    """Native-flow buttons: pairs of a name (`quick_reply`, `cta_url`, …) and parameters in JSON.

    Unreliable when sent: many devices do not show it.
    """

    text: str
    buttons: tuple[tuple[str, str], ...]
    title: str = ""
    footer: str = ""
    parameters: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractiveReply(InContext):
    """An answer to an interactive message: what was shown, the flow's name and its parameters in JSON."""

    text: str
    name: str = ""
    parameters: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(InContext):
    """A business template, received only: its text and the buttons that answer."""

    text: str
    title: str = ""
    footer: str = ""
    buttons: tuple[Button, ...] = ()
