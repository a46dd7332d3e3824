"""`motte groups`: the groups of the account, who is in them, what is set, and ways in.

With `--json`, `list`, `info` and `create` print groups (`motte.model.group.Group`) one a line; changes of who is in a
group print one object for each person: `group`, `action`, `person`, `ok`, `code`. What sets something prints the group
and what was set.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias, TypeVar

import typer

from motte import errors
from motte.cli import eventjson, groupview, render
from motte.cli.exits import CliError
from motte.cli.linked import own
from motte.cli.online import Online, online
from motte.client.features.messages import address
from motte.model.group import Group, MemberAddMode, ParticipantResult
from motte.model.jid import Jid

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Groups: who is in them, what is set, and ways in.")
requests = typer.Typer(no_args_is_help=True, help="Who asks to be let in, where admins decide that.")
app.add_typer(requests, name="requests")

_NOT_YOU: Final = "the server refuses: you are not in this group, or only its admins may do this"
_REFUSALS: Final[dict[type[errors.ServerError], str]] = {
    errors.NotAuthorized: _NOT_YOU,
    errors.Forbidden: _NOT_YOU,
    errors.ItemNotFound: "there is no such group, or you are not in it; `motte groups list` shows yours",
    errors.NotAcceptable: "the server does not accept this value; a link must be whole, a subject not too long",
    errors.Conflict: "somebody changed it at the same time, or you are in it already; look at it and try again",
    errors.Gone: "this invite link was reset; ask for a new one",
}


def _group(text: str) -> Jid:
    try:
        jid = Jid.parse(text)
    except errors.InvalidJid:
        jid = None
    if jid is None or not jid.is_group:
        raise typer.BadParameter(f"{text!r} is no group; `motte groups list` shows their JIDs, which end in @g.us")
    return jid


def _person(text: str) -> Jid:
    try:
        jid = address(text)
    except errors.InvalidJid as error:
        raise typer.BadParameter(str(error)) from None
    if not jid.is_user:
        raise typer.BadParameter(f"{text!r} is no person; write a phone number with country code, or a JID")
    return jid


GroupJid: TypeAlias = Annotated[
    Jid, typer.Argument(metavar="GROUP", parser=_group, help="A group's JID, as `motte groups list` shows it.")
]
Person: TypeAlias = Annotated[
    list[Jid], typer.Argument(metavar="PERSON...", parser=_person, help="Phone numbers with country code, or JIDs.")
]


class Timer(StrEnum):
    """When messages disappear."""

    OFF = "off"
    DAY = "24h"
    WEEK = "7d"
    QUARTER = "90d"


class Adders(StrEnum):
    """Who may add people."""

    ADMINS = "admins"
    EVERYBODY = "everybody"


_SECONDS: Final = {Timer.OFF: 0, Timer.DAY: 86_400, Timer.WEEK: 7 * 86_400, Timer.QUARTER: 90 * 86_400}
_MODES: Final = {Adders.ADMINS: MemberAddMode.ADMINS, Adders.EVERYBODY: MemberAddMode.EVERYBODY}


async def _ask(here: Online, request: Awaitable[T]) -> T:
    """The answer, or a sentence on why the server refused."""
    try:
        return await here.ask(request)
    except errors.ServerError as error:
        sentence = next((text for kind, text in _REFUSALS.items() if isinstance(error, kind)), None)
        if sentence is None:
            raise
        raise CliError(sentence) from error


# --- what there is ---------------------------------------------------------------------------------------------------


@app.command("list")
@online
async def list_(here: Online) -> None:
    """Show the groups that the account is in."""
    groups = sorted(await _ask(here, here.client.groups.all()), key=lambda group: group.subject.casefold())
    if here.as_json:
        for group in groups:
            print(eventjson.dumps(groupview.as_json(group)))
    elif not groups:
        render.out.print("You are in no group; `motte groups create SUBJECT PERSON...` makes one.")
    else:
        render.out.print(groupview.listing(groups, own(here.client)))


@app.command()
@online
async def info(here: Online, group: GroupJid) -> None:
    """Show everything about a group: what is set, and who is in it."""
    _show(here, await _ask(here, here.client.groups.get(group, fresh=True)))


def _show(here: Online, group: Group) -> None:
    if here.as_json:
        print(eventjson.dumps(groupview.as_json(group)))
    else:
        render.out.print(groupview.card(group))
        render.out.print(groupview.people(group))


# --- coming and going ------------------------------------------------------------------------------------------------


@app.command()
@online
async def create(
    here: Online,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Its name.")],
    people: Annotated[
        list[Jid] | None,
        typer.Argument(metavar="[PERSON]...", parser=_person, help="Phone numbers with country code, or JIDs."),
    ] = None,
) -> None:
    """Make a group with these people and yourself as its admin."""
    created = await _ask(here, here.client.groups.create(subject, people or ()))
    here.tell(groupview.as_json(created.group), f"made {created.group.jid} with {created.group.size} people")
    refused = [result for result in created.results if not result.ok]
    _results(here, created.group.jid, "add", refused, "added")


@app.command()
@online
async def leave(here: Online, group: GroupJid) -> None:
    """Leave a group."""
    await _ask(here, here.client.groups.leave(group))
    here.tell({"group": str(group), "left": True}, f"left {group}")


@app.command()
@online
async def add(here: Online, group: GroupJid, people: Person) -> None:
    """Add people to a group."""
    _results(here, group, "add", await _ask(here, here.client.groups.add(group, *people)), "added")


@app.command()
@online
async def remove(here: Online, group: GroupJid, people: Person) -> None:
    """Remove people from a group."""
    _results(here, group, "remove", await _ask(here, here.client.groups.remove(group, *people)), "removed")


@app.command()
@online
async def promote(here: Online, group: GroupJid, people: Person) -> None:
    """Make people admins of a group."""
    _results(here, group, "promote", await _ask(here, here.client.groups.promote(group, *people)), "made an admin")


@app.command()
@online
async def demote(here: Online, group: GroupJid, people: Person) -> None:
    """Make admins of a group ordinary members."""
    results = await _ask(here, here.client.groups.demote(group, *people))
    _results(here, group, "demote", results, "made an ordinary member")


def _results(here: Online, group: Jid, action: str, results: Iterable[ParticipantResult], done: str) -> None:
    results = list(results)
    for result in results:
        value = {
            "group": str(group),
            "action": action,
            "person": str(result.participant.jid),
            "ok": result.ok,
            "code": result.code,
        }
        here.tell(value, groupview.outcome(result, done))
    if refused := sum(not result.ok for result in results):
        raise CliError(f"{refused} of {len(results)} could not be {done}")


# --- what is set -----------------------------------------------------------------------------------------------------


@app.command()
@online
async def subject(
    here: Online, group: GroupJid, text: Annotated[str, typer.Argument(metavar="TEXT", help="The new name.")]
) -> None:
    """Name a group."""
    await _ask(here, here.client.groups.set_subject(group, text))
    here.tell({"group": str(group), "subject": text}, "named")


@app.command()
@online
async def description(
    here: Online,
    group: GroupJid,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The new description; an empty text takes it away.")],
) -> None:
    """Describe a group."""
    await _ask(here, here.client.groups.set_description(group, text or None))
    here.tell({"group": str(group), "description": text or None}, "described" if text else "description taken away")


def _one_of_both(given: Mapping[str, Any]) -> None:
    if (given["file"] is None) is not given["remove"]:
        raise typer.BadParameter("name the file of the new picture, or --remove the present one")


@app.command()
@partial(online, check=_one_of_both)
async def picture(
    here: Online,
    group: GroupJid,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", exists=True, dir_okay=False, readable=True, help="The new one.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", metavar="", help="Show none.")] = False,
) -> None:
    """Show another picture of a group, or none."""
    if file is None:
        await _ask(here, here.client.groups.remove_picture(group))
        here.tell({"group": str(group), "picture": None}, "picture taken away")
    else:
        picture_id = await _ask(here, here.client.groups.set_picture(group, file))
        here.tell({"group": str(group), "picture": picture_id}, "picture set")


def _something_to_set(given: Mapping[str, Any]) -> None:
    if all(value is None for name, value in given.items() if name != "group"):
        raise typer.BadParameter("say what to set; `motte groups settings --help` lists it")


@app.command()
@partial(online, check=_something_to_set)
async def settings(
    here: Online,
    group: GroupJid,
    announcement: Annotated[
        bool | None, typer.Option("--announcement/--no-announcement", metavar="", help="Only admins may write.")
    ] = None,
    locked: Annotated[
        bool | None,
        typer.Option("--locked/--no-locked", metavar="", help="Only admins may change subject, description and timer."),
    ] = None,
    approval: Annotated[
        bool | None, typer.Option("--approval/--no-approval", metavar="", help="Admins let in who wants to join.")
    ] = None,
    timer: Annotated[Timer | None, typer.Option(help="When new messages disappear.")] = None,
    adders: Annotated[Adders | None, typer.Option("--add-people", help="Who may add people.")] = None,
) -> None:
    """Change what is set in a group; `motte groups info` shows it."""
    groups = here.client.groups
    done: eventjson.Json = {}
    if announcement is not None:
        await _ask(here, groups.set_announcement(group, announcement))
        done["is_announcement"] = announcement
    if locked is not None:
        await _ask(here, groups.set_locked(group, locked))
        done["is_locked"] = locked
    if approval is not None:
        await _ask(here, groups.set_approval(group, approval))
        done["needs_approval"] = approval
    if timer is not None:
        await _ask(here, groups.set_timer(group, _SECONDS[timer]))
        done["timer"] = _SECONDS[timer]
    if adders is not None:
        await _ask(here, groups.set_member_add_mode(group, _MODES[adders]))
        done["member_add_mode"] = _MODES[adders].value
    here.tell({"group": str(group), **done}, f"{len(done)} set" if len(done) > 1 else "set")


# --- ways in ---------------------------------------------------------------------------------------------------------


@app.command()
@online
async def invite(
    here: Online,
    group: GroupJid,
    reset: Annotated[
        bool, typer.Option("--reset", metavar="", help="Make a new link; the old one leads nowhere from then on.")
    ] = False,
) -> None:
    """Print the link by which people can join a group."""
    groups = here.client.groups
    link = await _ask(here, groups.reset_invite_link(group) if reset else groups.invite_link(group))
    here.tell({"group": str(group), "link": link}, link)


@app.command()
@online
async def join(
    here: Online,
    link: Annotated[str, typer.Argument(metavar="LINK", help="https://chat.whatsapp.com/…, or the code after it.")],
    preview: Annotated[bool, typer.Option("--preview", metavar="", help="Only show where it leads.")] = False,
) -> None:
    """Join a group by its invite link."""
    if preview:
        _show(here, await _ask(here, here.client.groups.preview(link)))
        return
    joined = await _ask(here, here.client.groups.join(link))
    state = "an admin has to let you in" if joined.pending else "joined"
    here.tell({"group": str(joined.group), "pending": joined.pending}, f"{state}: {joined.group}")


@requests.command("list")
@online
async def requests_list(here: Online, group: GroupJid) -> None:
    """Show who asks to be let in."""
    asking = await _ask(here, here.client.groups.join_requests(group))
    for one in asking:
        value = {"group": str(group), "person": str(one.participant.jid), "method": one.method, "at": one.requested_at}
        here.tell(value, groupview.request(one))
    if not asking and not here.as_json:
        render.out.print("Nobody asks to be let in.")


@requests.command()
@online
async def approve(here: Online, group: GroupJid, people: Person) -> None:
    """Let people in who asked."""
    _results(here, group, "approve", await _ask(here, here.client.groups.approve(group, *people)), "let in")


@requests.command()
@online
async def reject(here: Online, group: GroupJid, people: Person) -> None:
    """Turn people down who asked."""
    _results(here, group, "reject", await _ask(here, here.client.groups.reject(group, *people)), "turned down")
