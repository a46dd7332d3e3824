"""Commands that ask the server something: a coroutine becomes a command with the options that all of these share.

    @app.command()
    @online
    async def leave(here: Online, group: GroupJid) -> None: ...

is `motte groups leave GROUP` with `--db`, `--json`, `--timeout` and the rest.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

import typer

from motte.cli import eventjson, options, render
from motte.cli.linked import linked_client, while_connected
from motte.cli.options import Target
from motte.cli.running import run
from motte.client.client import Client

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Online:
    """A linked client for a command that asks the server, and how the answer is told."""

    client: Client
    as_json: bool
    timeout: float

    async def ask(self, request: Awaitable[T]) -> T:
        """The answer to a request. Raises like `while_connected`, and what the request raises."""
        late = f"the server did not answer within {self.timeout:g} s; try again, or allow more --timeout"
        return await while_connected(self.client, request, timeout=self.timeout, late=late)

    async def connect(self) -> None:
        """Connect."""
        late = f"no connection came about within {self.timeout:g} s; try again, or allow more --timeout"
        await while_connected(self.client, self.client.connect(), timeout=self.timeout, late=late)

    def tell(self, value: eventjson.Json, text: str) -> None:
        """Print the one for programs or the other for people."""
        if self.as_json:
            print(eventjson.dumps(value), flush=True)
        else:
            render.out.print(text)


def _shared(
    timeout: Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="How long each step may take.")] = 30.0,
    as_json: options.AsJson = False,
    db: options.Db = options.DEFAULT_DB,
    account: options.AccountName = options.DEFAULT_NAME,
    url: options.Url = options.DEFAULT_URL,
    root_key: options.Root = options.DEFAULT_ROOT,
    ca_file: options.CaFile = None,
    proxy: options.Proxy = None,
    verbose: options.Verbose = 0,
    debug: options.Debug = False,
) -> tuple[Target, float, bool, int, bool]:
    """The options that the commands share, and what they come to."""
    target = Target(db=db, account=account, url=url, root_key=root_key, ca_file=ca_file, proxy=proxy)
    return target, timeout, as_json, verbose, debug


_SHARED: Final = inspect.signature(_shared, eval_str=True).parameters


def online(
    work: Callable[..., Coroutine[Any, Any, None]], check: Callable[[Mapping[str, Any]], None] | None = None
) -> Callable[..., None]:
    """A command out of `work`, which gets a connected client and the command's own arguments.

    `check` sees these before anything is opened, and raises `typer.BadParameter` when they do not fit each other.
    """
    own = list(inspect.signature(work, eval_str=True).parameters.values())[1:]
    parameters = [*own, *_SHARED.values()]

    def command(**given: Any) -> None:
        target, timeout, as_json, verbose, debug = _shared(**{name: given.pop(name) for name in _SHARED})
        if check is not None:
            check(given)

        async def session() -> None:
            async with linked_client(target, target.config()) as client:
                here = Online(client, as_json, timeout)
                await here.connect()
                await work(here, **given)

        run(session(), verbose=verbose, debug=debug)

    command.__doc__, command.__name__ = work.__doc__, work.__name__
    # What typer reads: the arguments of both.
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    return command
