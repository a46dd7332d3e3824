"""`motte contacts`: who is on WhatsApp, what is known of them, whom the account blocks."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer
from rich.markup import escape

from motte import errors
from motte.cli import eventjson, render
from motte.cli.exits import CliError
from motte.cli.online import Online, online
from motte.client.features.messages import address
from motte.model.jid import Jid

app = typer.Typer(no_args_is_help=True, help="People: look numbers up, what is known of them, block them.")


def _who(text: str) -> Jid:
    try:
        return address(text)
    except errors.InvalidJid as error:
        raise typer.BadParameter(str(error)) from None


def _number(text: str) -> str:
    try:
        return Jid.phone(text).user
    except errors.InvalidJid as error:
        raise typer.BadParameter(str(error)) from None


Who: TypeAlias = Annotated[
    Jid, typer.Argument(metavar="WHO", parser=_who, help="A phone number with country code, or a JID.")
]


@app.command()
@online
async def check(
    here: Online,
    numbers: Annotated[
        list[str], typer.Argument(metavar="NUMBER...", parser=_number, help="Phone numbers with country code.")
    ],
) -> None:
    """Say which phone numbers are on WhatsApp."""
    for one in await here.ask(here.client.contacts.check(*numbers)):
        business = f", {escape(one.verified_name or 'a business')}" if one.is_business else ""
        here.tell(
            eventjson.fields(one), f"+{one.number}: {f'{one.jid}{business}' if one.exists else 'not on WhatsApp'}"
        )


@app.command()
@online
async def show(here: Online, who: Who) -> None:
    """Show a person: addresses, names, about text."""
    about = await here.ask(here.client.contacts.about(who))
    user = await here.client.contacts.get(who)
    known = {**eventjson.fields(user), "about": about.text if about else None}
    if here.as_json:
        print(eventjson.dumps(known))
        return
    for name, value in known.items():
        if value:
            render.out.print(f"{name.replace('_', ' ')}: {value}", markup=False, highlight=False)


@app.command()
@online
async def blocked(here: Online) -> None:
    """List whom the account blocks."""
    for one in await here.ask(here.client.blocklist.get()):
        here.tell({"jid": str(one)}, str(one))


@app.command()
@online
async def block(here: Online, who: Who) -> None:
    """Block a person."""
    await _set(here, who, True)


@app.command()
@online
async def unblock(here: Online, who: Who) -> None:
    """Block a person no longer."""
    await _set(here, who, False)


async def _set(here: Online, who: Jid, is_blocked: bool) -> None:
    blocklist = here.client.blocklist
    try:
        await here.ask(blocklist.block(who) if is_blocked else blocklist.unblock(who))
    except errors.LocalProtocolError as error:
        raise CliError(str(error)) from error
    here.tell({"jid": str(who), "blocked": is_blocked}, f"{who} is {'' if is_blocked else 'not '}blocked")
