"""Routers: handlers that belong together, apart from the client that they will serve.

    admin = Router(F.chat.is_group)

    @admin.on(MessageReceived, F.text == "/close")
    async def close(event): ...

    client.include(admin)

Law:
- To the bus a router with all that is nested in it is one handler: it sees the events of a chat one after the other,
  different chats side by side, and what it does to one event holds up no other router and no handler of the client.
- An event goes to the first that accepts it, handlers and nested routers in the order in which they were added, and to
  no other of this router. Another router of the client gets it as well.
- Outer middleware stands around the router and sees every event that its check lets in; inner middleware stands around
  the handler that was found, of nested routers too. The first one added is the outermost.
- What a handler or a middleware raises goes to the error handler of its router; without one, and when that raises, to
  the router around it, and at last to the client's.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from motte.client.ports import ErrorHandler, Handler
from motte.errors import LocalProtocolError
from motte.events.base import Event
from motte.events.message import MessageReceived

log = logging.getLogger("motte.events")

E = TypeVar("E", bound=Event)
H = TypeVar("H", bound=Handler)
Check: TypeAlias = Callable[[Any], bool]
Next: TypeAlias = Callable[[Any], Awaitable[None]]
"""What a middleware hands the event on to."""
Middleware: TypeAlias = Callable[[Next, Any], Awaitable[None]]
"""`async def middleware(handler, event): await handler(event)`, with whatever it likes before, after and instead."""
M = TypeVar("M", bound=Middleware)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    kind: type[Event]
    check: Check | None
    handler: Handler

    def accepts(self, event: Event) -> bool:
        return isinstance(event, self.kind) and (self.check is None or self.check(event))


class Router:
    """Handlers, middleware and nested routers; `client.include` puts it to work.

    Args:
        check: a filter for the whole router: an event that it does not accept passes the router by.
        name: what the log calls it.
    """

    def __init__(self, check: Check | None = None, *, name: str = "router") -> None:
        self.name = name
        self._check = check
        self._routes: list[_Route | Router] = []
        self._outer: list[Middleware] = []
        self._inner: list[Middleware] = []
        self._on_error: ErrorHandler | None = None

    def on(self, kind: type[E], check: Callable[[E], bool] | None = None) -> Callable[[H], H]:
        """A decorator: handle the events of class `kind`, its subclasses included, that `check` accepts."""

        def register(handler: H) -> H:
            self._routes.append(_Route(kind=kind, check=check, handler=handler))
            return handler

        return register

    def message(self, check: Callable[[MessageReceived], bool] | None = None) -> Callable[[H], H]:
        """A decorator: short for `on(MessageReceived, check)`."""
        return self.on(MessageReceived, check)

    def include(self, router: Router) -> None:
        """Nest a router in this one.

        Raises:
            LocalProtocolError: this router is inside that one.
        """
        if router._holds(self):
            raise LocalProtocolError("a router cannot be inside itself")
        self._routes.append(router)

    def outer_middleware(self, middleware: M) -> M:
        """A decorator: call the function with each event before a handler is looked for.

        An event that it does not hand on ends here: it counts as handled.
        """
        self._outer.append(middleware)
        return middleware

    def middleware(self, middleware: M) -> M:
        """A decorator: call the function around the handler that was found."""
        self._inner.append(middleware)
        return middleware

    def on_error(self, handler: ErrorHandler) -> ErrorHandler:
        """A decorator: call the function with the event and the exception when something in this router fails."""
        self._on_error = handler
        return handler

    async def handle(self, event: Event) -> bool:
        """Let the first that accepts `event` handle it; whether there was one."""
        return await self._handle(event, ())

    async def _handle(self, event: Event, around: Sequence[Middleware]) -> bool:
        """`around` is the inner middleware of the routers around this one."""
        taken = True

        async def search(event: Event) -> None:
            nonlocal taken
            taken = await self._search(event, (*around, *self._inner))

        try:
            if self._check is not None and not self._check(event):
                return False
            await _through(self._outer, search)(event)
        except Exception as error:
            if self._on_error is None:
                raise
            log.exception("the router %s failed on a %s", self.name, type(event).__name__)
            await _result(self._on_error(event, error))
        return taken

    async def _search(self, event: Event, around: Sequence[Middleware]) -> bool:
        for route in self._routes:
            if isinstance(route, Router):
                if await route._handle(event, around):
                    return True
            elif route.accepts(event):
                await _through(around, _calling(route.handler))(event)
                return True
        return False

    def _holds(self, other: Router) -> bool:
        return self is other or any(isinstance(route, Router) and route._holds(other) for route in self._routes)


def _through(middleware: Sequence[Middleware], handler: Next) -> Next:
    """The handler inside its middleware."""
    for one in reversed(middleware):
        handler = _inside(one, handler)
    return handler


def _inside(middleware: Middleware, handler: Next) -> Next:
    async def call(event: Any) -> None:
        await middleware(handler, event)

    return call


def _calling(handler: Handler) -> Next:
    async def call(event: Any) -> None:
        await _result(handler(event))

    return call


async def _result(result: Awaitable[None] | None) -> None:
    if inspect.isawaitable(result):
        await result
