"""Pictures of people and groups: set, seen, loaded, changed, taken away, and withheld."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from motte import Client, events
from motte.errors import Forbidden, LocalProtocolError, NotAuthorized, TransportError
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me, tell
from tests.e2e.test_groups import grouped
from tests.e2e.wiretap import Wiretap, sent

Pillow = pytest.importorskip("PIL.Image", reason="pictures are scaled with the media extra")


def drawn(width: int, height: int, color: str, kind: str = "PNG") -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Pillow.new("RGB", (width, height), color).save(out, kind)
    return out.getvalue()


def size_of(jpeg: bytes) -> tuple[int, int]:
    """The size of a JPEG."""
    with Pillow.open(io.BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG"
        width, height = picture.size
        return width, height


@pytest.fixture
async def pair(linked: Linked) -> tuple[Client, Client]:
    """Alice and Bob, who know each other."""
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "hello")
    return alice, bob


async def test_a_picture_is_set_seen_changed_and_removed(pair: tuple[Client, Client], tmp_path: Path) -> None:
    alice, bob = pair
    file = tmp_path / "me.png"
    file.write_bytes(drawn(900, 300, "red"))
    assert await soon(alice.profile.picture()) is None
    told = bob.expect(events.PictureChanged)
    picture_id = await soon(alice.profile.set_picture(file))
    event = await soon(told)
    assert (event.owner, event.picture_id) == (me(alice).pn.user_jid, picture_id)

    full = await soon(bob.contacts.picture(lid(alice)))
    small = await soon(bob.contacts.picture(str(me(alice).pn.user), full=False))
    own = await soon(alice.profile.picture())
    assert full is not None and small is not None and own is not None
    assert {full.id, small.id, own.id} == {picture_id}
    assert (full.is_full, small.is_full) == (True, False)
    assert size_of(await soon(bob.media.load(full))) == (640, 640)

    assert await soon(bob.contacts.picture(lid(alice), known=full)) is full
    new_id = await soon(alice.profile.set_picture(drawn(10, 10, "blue", "JPEG")))
    newer = await soon(bob.contacts.picture(lid(alice), known=full))
    assert newer is not None and newer.id == new_id != picture_id

    gone = bob.expect(events.PictureChanged, lambda event: event.picture_id is None)
    await soon(alice.profile.remove_picture())
    assert (await soon(gone)).owner == me(alice).pn.user_jid
    assert await soon(bob.contacts.picture(lid(alice), known=newer)) is None


async def test_a_known_picture_of_another_size_is_asked_for(server: LocalServer, pair: tuple[Client, Client]) -> None:
    alice, bob = pair
    await soon(alice.profile.set_picture(drawn(10, 10, "blue")))
    small = await soon(bob.contacts.picture(lid(alice), full=False))
    full = await soon(bob.contacts.picture(lid(alice), known=small))
    assert full is not None and full.is_full


async def test_the_picture_of_a_group(pair: tuple[Client, Client]) -> None:
    alice, bob = pair
    group = (await grouped(alice, bob)).jid
    assert await soon(bob.groups.picture(group)) is None
    told = bob.expect(events.PictureChanged)
    picture_id = await soon(alice.groups.set_picture(group, drawn(640, 640, "green")))
    event = await soon(told)
    assert (event.owner, event.picture_id, event.author) == (group, picture_id, lid(alice).user_jid)
    found = await soon(bob.groups.picture(group))
    assert found is not None and found.id == picture_id
    assert size_of(await soon(bob.media.load(found))) == (640, 640)
    gone = bob.expect(events.PictureChanged)
    await soon(alice.groups.remove_picture(group))
    assert (await soon(gone)).picture_id is None
    assert await soon(bob.groups.picture(group)) is None


async def test_the_picture_of_a_locked_group_is_its_admins(pair: tuple[Client, Client]) -> None:
    alice, bob = pair
    group = (await grouped(alice, bob)).jid
    await soon(alice.groups.set_locked(group, True))
    with pytest.raises(Forbidden):
        await soon(bob.groups.set_picture(group, drawn(5, 5, "red")))
    with pytest.raises(Forbidden):
        await soon(bob.groups.remove_picture(group))


async def test_a_picture_for_contacts_takes_a_token(server: LocalServer, linked: Linked) -> None:
    shy, bob, tap = await linked("restricted:shy"), await linked("bob"), Wiretap(server)
    await soon(shy.profile.set_picture(drawn(5, 5, "red")))
    with pytest.raises(NotAuthorized):
        await soon(bob.contacts.picture(lid(shy)))
    await tell(shy, bob, "you may see me")
    assert await soon(bob.contacts.picture(lid(shy))) is not None
    await soon(bob.profile.picture())
    requests = tap.all(sent(me(bob).pn, "iq", xmlns="w:profile:picture"))
    shown = [
        (picture := node.child("picture")) is not None and picture.child("tctoken") is not None for node in requests
    ]
    assert shown == [False, True, False]  # never with a request for the own one, which would not be answered


async def test_a_picture_that_is_none(pair: tuple[Client, Client], tmp_path: Path) -> None:
    alice, _ = pair
    for broken in (b"", b"no picture", drawn(50, 50, "red")[:60]):
        with pytest.raises(LocalProtocolError):
            await soon(alice.profile.set_picture(broken))
    with pytest.raises(OSError, match="missing"):
        await soon(alice.profile.set_picture(tmp_path / "missing.jpg"))
    assert await soon(alice.profile.picture()) is None


async def test_a_picture_whose_url_is_stale(server: LocalServer, pair: tuple[Client, Client]) -> None:
    alice, bob = pair
    await soon(alice.profile.set_picture(drawn(5, 5, "red")))
    picture = await soon(bob.contacts.picture(lid(alice)))
    assert picture is not None and picture.direct_path is not None
    server.faults.expire_media(picture.direct_path)
    with pytest.raises(TransportError):
        await soon(bob.media.load(picture))


async def test_the_about_text(server: LocalServer, pair: tuple[Client, Client]) -> None:
    alice, _ = pair
    await soon(alice.profile.set_about("at the sea 🌊"))
    assert server.account("alice").profile.about == "at the sea 🌊"
