"""Pictures of people and groups between real Baileys and motte, and an invitation that shows one."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from motte import GroupInvite, events
from motte.model.content import MemberLabel
from motte.model.jid import Jid
from tests.interop.pairs import Pair, paired
from tests.interop.peer import PeerError, encode_bytes

pytestmark = pytest.mark.asyncio(loop_scope="module")
Pillow = pytest.importorskip("PIL.Image", reason="pictures are scaled with the media extra")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair() -> AsyncIterator[Pair]:
    async with paired() as together:
        await together.from_bob("lid", "hello")  # whom it concerns is told of pictures
        yield together


def drawn(color: str) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Pillow.new("RGB", (800, 700), color).save(out, "PNG")
    return out.getvalue()


def looks(jpeg: bytes) -> tuple[str, tuple[int, int], str]:
    """The format, the size and the colour of a picture."""
    with Pillow.open(io.BytesIO(jpeg)) as picture:
        red, _, blue = picture.convert("RGB").getpixel((300, 300))
        return picture.format, picture.size, "red" if red > blue else "blue"


async def fetched(url: str) -> bytes:
    """What a URL serves."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 200
        return await response.read()


async def group_of_both(pair: Pair) -> Jid:
    """A group that Bob founds."""
    told = pair.ann.event("groups.upsert")
    created = await pair.bob.client.groups.create("Pictures", [pair.jid("Ann", "lid")])
    await told
    return created.group.jid


async def test_baileys_sees_the_picture_that_motte_sets(pair: Pair) -> None:
    bob = str(pair.jid("Bob", "pn"))
    await pair.bob.client.profile.set_picture(drawn("red"))
    await pair.ann.event("contacts.update", lambda data: data[0].get("imgUrl") == "changed")
    for kind in ("preview", "image"):
        url = await pair.ann.call("profilePictureUrl", bob, kind)
        assert looks(await fetched(url)) == ("JPEG", (640, 640), "red")
    await pair.bob.client.profile.remove_picture()
    await pair.ann.event("contacts.update", lambda data: data[0].get("imgUrl") == "removed")
    with pytest.raises(PeerError):
        await pair.ann.call("profilePictureUrl", bob, "image")


async def test_motte_sees_the_picture_that_baileys_sets(pair: Pair) -> None:
    ann = pair.jid("Ann", "pn")
    await pair.ann.call("updateProfilePicture", str(ann), encode_bytes(drawn("blue")))
    told = await pair.bob.event(events.PictureChanged, lambda event: event.owner == ann)
    found = await pair.bob.client.contacts.picture(ann)
    assert found is not None
    assert found.id == told.picture_id
    assert looks(await pair.bob.client.media.load(found)) == ("JPEG", (640, 640), "blue")
    await pair.ann.call("removeProfilePicture", str(ann))
    await pair.bob.event(events.PictureChanged, lambda event: event.owner == ann and event.picture_id is None)
    assert await pair.bob.client.contacts.picture(ann) is None


async def test_pictures_of_a_group(pair: Pair) -> None:
    group = await group_of_both(pair)
    await pair.bob.client.groups.set_picture(group, drawn("red"))
    url = await pair.ann.call("profilePictureUrl", str(group), "image")
    assert looks(await fetched(url)) == ("JPEG", (640, 640), "red")
    await pair.bob.event(events.PictureChanged, lambda event: event.owner == group)
    await pair.ann.call("updateProfilePicture", str(group), encode_bytes(drawn("blue")))
    told = await pair.bob.event(events.PictureChanged, lambda event: event.owner == group)
    found = await pair.bob.client.groups.picture(group)
    assert found is not None
    assert (found.id, told.author) == (told.picture_id, pair.jid("Ann", "lid"))
    assert looks(await pair.bob.client.media.load(found))[2] == "blue"


async def test_an_invitation_shows_the_picture_of_the_group(pair: Pair) -> None:
    group = await group_of_both(pair)
    await pair.bob.client.groups.set_picture(group, drawn("red"))
    invite = {
        "jid": str(group),
        "subject": "Pictures",
        "inviteCode": "CODE",
        "inviteExpiration": 1_800_000_000,
        "text": "come",
    }
    got = await pair.from_ann("lid", {"groupInvite": invite})
    content = got.message.content
    assert isinstance(content, GroupInvite)
    assert content.thumbnail is not None
    assert looks(content.thumbnail) == ("JPEG", (640, 640), "red")


async def test_the_own_label_in_a_group(pair: Pair) -> None:
    group = await group_of_both(pair)
    await pair.bob.client.messages.send(group, MemberLabel("goalkeeper"))
    change = await pair.ann.event("group.member-tag.update")
    assert (change["groupId"], change["label"]) == (str(group), "goalkeeper")
    await pair.ann.call("updateMemberLabel", str(group), "referee")
    got = await pair.bob.event(events.MessageReceived, lambda event: event.chat == group)
    assert got.message.content == MemberLabel("referee")
