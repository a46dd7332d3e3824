"""`motte privacy`: who may see and do what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from motte.cli.online import Online, online
from motte.model.privacy import VALUES, PrivacyCategory, PrivacyValue

app = typer.Typer(no_args_is_help=True, help="Privacy settings of the account.")


@app.command()
@online
async def show(here: Online) -> None:
    """Show all settings, as the server names them."""
    for name, value in (await here.ask(here.client.privacy.settings())).values.items():
        here.tell({"category": name, "value": value}, f"{name}: {value}")


async def _set(
    here: Online,
    category: Annotated[PrivacyCategory, typer.Argument(metavar="CATEGORY", help="What it is about.")],
    value: Annotated[PrivacyValue, typer.Argument(metavar="VALUE", help="For whom it holds.")],
) -> None:
    """Change a setting."""
    await here.ask(here.client.privacy.set(category, value))
    here.tell({"category": str(category), "value": str(value)}, f"{category}: {value}")


def _fits(given: Mapping[str, Any]) -> None:
    allowed = sorted(VALUES[given["category"]] - {PrivacyValue.CONTACTS_EXCEPT})
    if given["value"] not in allowed:
        raise typer.BadParameter(f"{given['category']} takes {', '.join(allowed)}")


app.command("set")(online(_set, _fits))
