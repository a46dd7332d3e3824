"""`motte send` and `motte listen` with more than texts: as processes against a local server with its media host."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from motte import Client, events
from motte.cli.exits import Exit
from motte.model.content import Image, Location, Poll, Reaction
from motte.model.content.context import InContext
from motte.model.jid import STATUS_JID
from motte.testing import LocalServer
from motte.testing.rng import SeededRng
from tests.e2e.conftest import PATIENCE, Linked, configured, scanning, soon
from tests.e2e.people import lid, me
from tests.e2e.program import done

CAT = b"\xff\xd8\xff\xe0" + SeededRng("cat")(50_000)


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    """With TLS: media hosts are reached by https alone."""
    async with LocalServer() as running:
        yield running


@pytest.fixture
async def env(server: LocalServer, tmp_path: Path) -> dict[str, str]:
    """Ann's settings; her account is linked."""
    config = configured(server, "Ann", ca_file=server.ca_file)
    async with Client(tmp_path / "motte.db", config=config) as client:
        scanning(server, client)
        settled = client.expect(events.Settled)
        await client.connect(timeout=PATIENCE)
        await soon(settled)
    return {
        "MOTTE_URL": server.ws_url,
        "MOTTE_ROOT_KEY": server.root_key.hex(),
        "MOTTE_CA_FILE": str(server.ca_file),
    }


@pytest.fixture
async def ben(server: LocalServer, linked: Linked) -> Client:
    return await linked("Ben", ca_file=server.ca_file)


async def test_what_is_sent_is_what_arrives(ben: Client, env: dict[str, str], tmp_path: Path) -> None:
    async def sent(*arguments: str) -> events.MessageReceived:
        got = ben.expect(events.MessageReceived)
        code, output, complaints = await done("send", me(ben).pn.user, *arguments, folder=tmp_path, **env)
        assert (code, complaints) == (Exit.OK, "")
        assert output.startswith("sent to ")
        return await soon(got)

    (tmp_path / "cat.txt").write_bytes(CAT)
    picture = await sent("--file", "cat.txt", "--caption", "my cat")
    content = picture.message.content
    assert isinstance(content, Image) and content.caption == "my cat"
    assert await soon(picture.download()) == CAT

    place = (await sent("--location", "52.52,-13.405")).message.content
    assert isinstance(place, Location) and (place.latitude, place.longitude) == (52.52, -13.405)

    poll = (await sent("--poll", "Tea?", "--option", "yes", "--option", "no", "--select", "1")).message.content
    assert isinstance(poll, Poll) and (poll.name, poll.options, poll.selectable) == ("Tea?", ("yes", "no"), 1)

    mine = picture.message.key.id
    liked = (await sent("--react", mine, "👍", "--by", "me")).message.content
    assert isinstance(liked, Reaction) and (liked.emoji, liked.target.id) == ("👍", mine)

    answer = await sent("and this", "--reply-to", mine, "--by", "me", "--quote", "my cat")
    quoted = answer.message.content.quoted if isinstance(answer.message.content, InContext) else None
    assert quoted is not None and (quoted.id, quoted.content.text) == (mine, "my cat")  # type: ignore[union-attr]


async def test_posts_and_what_is_done_to_them(
    server: LocalServer, ben: Client, env: dict[str, str], tmp_path: Path
) -> None:
    ann = server.account("Ann")

    async def sent(*arguments: str) -> events.MessageReceived:
        got = ben.expect(events.MessageReceived)
        code, output, complaints = await done("send", "status", *arguments, folder=tmp_path, **env)
        assert (code, complaints) == (Exit.OK, "")
        assert output.startswith("sent to status@broadcast ")
        return await soon(got)

    (tmp_path / "cat.jpg").write_bytes(CAT)
    to_ben = ("--for", f"+{me(ben).pn.user}")
    text = await sent("At the sea", *to_ben)
    assert (text.chat, text.sender, text.text) == (STATUS_JID, ann.lid, "At the sea")
    picture = await sent("--file", "cat.jpg", "--caption", "our cat", *to_ben)
    assert isinstance(picture.content, Image) and picture.content.caption == "our cat"
    assert await soon(picture.download()) == CAT

    code, _, complaints = await done("send", "status", "for nobody", folder=tmp_path, **env)
    assert code != Exit.OK and complaints.count("\n") == 1

    post = await soon(ben.status.post("My dog", audience=[ann.pn]))
    told = ben.expect(events.ReactionChanged)
    code, _, complaints = await done(
        "send", "status", "--react", post.key.id, "🐕", "--by", str(lid(ben).user_jid), folder=tmp_path, **env
    )
    assert (code, complaints) == (Exit.OK, "")
    reaction = await soon(told)
    assert (reaction.target.id, reaction.emoji) == (post.key.id, "🐕")


async def test_files_as_they_come_and_later(ben: Client, env: dict[str, str], tmp_path: Path) -> None:
    code, output, _ = await done("inspect", "--json", folder=tmp_path)
    ann = json.loads(output)["jid"].partition(":")[0]
    await soon(ben.messages.send(ann, Image(file=CAT)))
    arguments = ("listen", "--json", "--limit", "1", "--save-media", "files")
    code, output, complaints = await done(*arguments, folder=tmp_path, **env)
    assert code == Exit.OK, complaints
    message, saved = map(json.loads, output.splitlines())
    assert (saved["event"], saved["id"]) == ("media_saved", message["id"])
    path = tmp_path / saved["path"]
    assert path.parent == tmp_path / "files" and path.suffix == ".jpg"
    assert path.read_bytes() == CAT

    line = json.dumps(message)
    code, output, complaints = await done("media", "get", line, "--to", "again", folder=tmp_path, **env)
    assert (code, complaints) == (Exit.OK, "")
    assert output == f"{Path('again') / path.name}\n"
    assert (tmp_path / "again" / path.name).read_bytes() == CAT

    broken = json.loads(line)
    broken["media"]["file_sha256"] = broken["media"]["enc_sha256"]
    both = f"{json.dumps(broken)}\n{line}"
    code, output, complaints = await done("media", "get", both, "--to", "both", folder=tmp_path, **env)
    assert (code, output) == (Exit.FAILURE, f"{Path('both') / path.name}\n")
    first, last = complaints.splitlines()
    assert "another one than" in first and last == "motte: 1 of 2 files could not be had."
    assert [one.name for one in (tmp_path / "both").iterdir()] == [path.name]

    message["media"]["file_sha256"] = message["media"]["enc_sha256"]
    code, output, complaints = await done("media", "get", json.dumps(message), folder=tmp_path, **env)
    assert (code, output) == (Exit.FAILURE, "") and complaints.count("\n") == 1
    assert not (tmp_path / path.name).exists()
