"""Acts over HTTP that concern what an account shows and allows (`acts` says how they are called).

{"phone": "Ann", "who": "Bob"}                                 block, unblock
{"phone": "Ann", "category": "last", "value": "contacts"}      privacy
{"phone": "Ann", "category": "last", "people": ["Bob"]}        privacy-except
{"phone": "Ann", "text": "at the sea"}                         about
{"phone": "Ann", "seconds": 604800}                            default-timer
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from motte.testing.server.phone import Phone

Json: TypeAlias = dict[str, Any]


def _block(phone: Phone, who: str) -> Json:
    phone.account.block(who)
    return {}


def _unblock(phone: Phone, who: str) -> Json:
    phone.account.unblock(who)
    return {}


def _privacy(phone: Phone, category: str, value: str) -> Json:
    phone.account.set_privacy(category, value)
    return {}


def _privacy_except(phone: Phone, category: str, people: Sequence[str] = ()) -> Json:
    phone.account.set_exceptions(category, people)
    return {}


def _about(phone: Phone, text: str = "") -> Json:
    phone.account.set_about(text)
    return {}


def _default_timer(phone: Phone, seconds: int) -> Json:
    phone.account.set_default_timer(seconds)
    return {}


ACCOUNT_ACTS: Final[Mapping[str, Callable[..., Json]]] = {
    "block": _block,
    "unblock": _unblock,
    "privacy": _privacy,
    "privacy-except": _privacy_except,
    "about": _about,
    "default-timer": _default_timer,
}
