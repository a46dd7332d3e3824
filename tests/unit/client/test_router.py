"""Routers: who gets an event, in what order, through which middleware, and who hears of a failure."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from motte.client.filters import F
from motte.client.router import Next, Router
from motte.errors import LocalProtocolError
from motte.events.base import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shouted(Said):
    pass


def noting(seen: list[str], name: str) -> object:
    """A middleware that notes when it begins and ends."""

    async def note(handler: Next, event: Said) -> None:
        seen.append(f"{name}<")
        await handler(event)
        seen.append(f">{name}")

    return note


async def test_the_first_that_accepts_gets_the_event_and_no_other() -> None:
    router, nested, seen = Router(), Router(), list[str]()

    @router.on(Shouted)
    async def loud(event: Shouted) -> None:
        seen.append("loud")

    router.include(nested)

    @nested.on(Said, F.text == "inner")
    def inner(event: Said) -> None:
        seen.append("inner")

    @router.on(Said)
    def rest(event: Said) -> None:
        seen.append("rest")

    assert await router.handle(Shouted(text="inner"))
    assert await router.handle(Said(text="inner"))
    assert await router.handle(Said(text="x"))
    assert not await router.handle(Event())
    assert seen == ["loud", "inner", "rest"]


async def test_a_router_with_a_check_lets_pass_by_what_it_does_not_accept() -> None:
    router, seen = Router(), list[str]()
    gated = Router(F.text.startswith("/"))
    gated.on(Said)(lambda event: seen.append("gated"))
    router.include(gated)
    router.on(Said)(lambda event: seen.append("rest"))
    for text in ("/x", "x"):
        await router.handle(Said(text=text))
    assert seen == ["gated", "rest"]


async def test_middleware_stands_around_the_router_or_around_the_handler() -> None:
    router, nested, seen = Router(), Router(), list[str]()
    for of, name in ((router, "a"), (nested, "b")):
        of.outer_middleware(noting(seen, f"{name}-outer"))  # type: ignore[type-var]
        of.middleware(noting(seen, f"{name}-inner"))  # type: ignore[type-var]
    router.include(nested)
    nested.on(Said, F.text == "x")(lambda event: seen.append("handler"))
    await router.handle(Said(text="x"))
    around = ["a-outer", "b-outer", "a-inner", "b-inner"]
    assert seen == [*(f"{name}<" for name in around), "handler", *(f">{name}" for name in reversed(around))]
    seen.clear()
    assert not await router.handle(Said(text="y"))
    assert seen == ["a-outer<", "b-outer<", ">b-outer", ">a-outer"]


async def test_what_an_outer_middleware_keeps_or_changes() -> None:
    router, nested, seen = Router(), Router(), list[str]()

    @nested.outer_middleware
    async def gate(handler: Next, event: Said) -> None:
        if event.text != "spam":
            await handler(Said(text=event.text.upper()))

    router.include(nested)
    nested.on(Said, F.text != "OTHER")(lambda event: seen.append(event.text))
    router.on(Said)(lambda event: seen.append(f"rest {event.text}"))
    for text in ("spam", "word", "other"):
        assert await router.handle(Said(text=text))
    assert seen == ["WORD", "rest other"]


async def test_a_failure_goes_to_the_nearest_error_handler_and_up_when_that_fails() -> None:
    router, nested, deeper, heard = Router(), Router(), Router(), list[str]()
    router.include(nested)
    nested.include(deeper)

    @deeper.on(Said)
    def fails(event: Said) -> None:
        raise ValueError(event.text)

    @nested.on_error
    async def near(event: Event, error: Exception) -> None:
        heard.append(f"near {error}")
        if str(error) == "twice":
            raise KeyError("again")

    with pytest.raises(KeyError):
        await router.handle(Said(text="twice"))
    router.on_error(lambda event, error: heard.append(f"far {error!r}"))
    for text in ("once", "twice"):
        assert await router.handle(Said(text=text))
    assert heard == ["near twice", "near once", "near twice", "far KeyError('again')"]


async def test_filters_and_middleware_that_fail_are_failures_too() -> None:
    router, heard = Router(), list[type[Exception]]()
    router.on_error(lambda event, error: heard.append(type(error)))
    router.on(Said, lambda event: bool(1 // len(event.text)))(lambda event: None)

    @router.middleware
    async def breaks(handler: Next, event: Said) -> None:
        raise KeyError

    for text in ("", "x"):
        assert await router.handle(Said(text=text))
    assert heard == [ZeroDivisionError, KeyError]


def test_a_router_cannot_be_inside_itself() -> None:
    router, nested = Router(), Router()
    router.include(nested)
    for outer, inner in ((router, router), (nested, router)):
        with pytest.raises(LocalProtocolError, match="inside itself"):
            outer.include(inner)
