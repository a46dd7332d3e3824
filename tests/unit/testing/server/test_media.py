"""The media host: tokens, uploads that are checked, broken off and resumed, downloads whole and in ranges, expiry."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from motte.core.binary.node import Node
from motte.testing import LocalServer
from motte.testing.clock import ManualClock
from motte.testing.server.settings import Settings
from tests.unit.testing.server.raw_client import RawClient, linked, logged_in

FILE = bytes(range(256)) * 40
LIMIT = 20_000


@dataclass(frozen=True)
class Host:
    """A client's view of the media host."""

    server: LocalServer
    client: RawClient
    http: aiohttp.ClientSession

    async def connection(self) -> Node:
        answer = await self.client.iq("w:m", Node("media_conn"), kind="set")
        connection = answer.child("media_conn")
        assert connection is not None
        return connection

    def url(self, path: str) -> str:
        return self.server.http_url + path

    async def post(self, data: bytes, auth: str | None = None, *, token: str | None = None, **query: str) -> Answer:
        auth = (await self.connection()).attrs["auth"] if auth is None else auth
        token = token_of(data) if token is None else token
        params = {"auth": auth, "token": token, **query}
        async with self.http.post(self.url(f"/mms/image/{token}"), data=data, params=params) as response:
            return Answer(response.status, await response.json())

    async def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        async with self.http.get(self.url(path), headers=headers) as response:
            return response.status, await response.read()


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, str | int]


def token_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    settings = Settings(greet=False, closing_seconds=0.02, max_media=LIMIT)
    async with (
        LocalServer(tls_port=None, settings=settings) as server,
        logged_in(server, await linked(server, "Ann")) as client,
        aiohttp.ClientSession() as http,
    ):
        yield Host(server, client, http)


async def test_the_connection_names_this_server_with_its_port_and_limit(host: Host) -> None:
    connection = await host.connection()
    (named,) = connection.all("host")
    assert named.attrs == {
        "hostname": host.server.http_url.removeprefix("http://"),
        "maxContentLengthBytes": str(LIMIT),
    }
    assert connection.attrs["ttl"] == "300"
    assert connection.attrs["auth"] != (await host.connection()).attrs["auth"]


async def test_other_hosts_can_be_named_first() -> None:
    settings = Settings(greet=False, closing_seconds=0.02, media_hosts=("127.0.0.1:1", ""))
    async with (
        LocalServer(settings=settings) as server,
        logged_in(server, await linked(server, "Ann")) as client,
    ):
        connection = (await client.iq("w:m", Node("media_conn"), kind="set")).child("media_conn")
    assert connection is not None
    names = [one.attrs["hostname"] for one in connection.all("host")]
    assert names == ["127.0.0.1:1", server.https_url.removeprefix("https://")]


async def test_what_was_uploaded_comes_back_whole_and_in_ranges(host: Host) -> None:
    answer = await host.post(FILE)
    path = str(answer.body["direct_path"])
    assert answer.status == 200
    assert answer.body["url"] == host.url(path)
    assert await host.get(path) == (200, FILE)
    assert await host.get(path + "&hash=x&mms-type=image") == (200, FILE)
    assert await host.get(path, Range="bytes=100-199") == (206, FILE[100:200])
    assert await host.get(path, Range="bytes=10000-") == (206, FILE[10000:])
    assert (await host.get(path, Range="bytes=99999-"))[0] == 416


async def test_an_upload_needs_a_token_of_the_server_that_is_still_good(host: Host) -> None:
    assert (await host.post(FILE, "made-up")).status == 401
    assert (await host.post(FILE, "")).status == 401
    auth = (await host.connection()).attrs["auth"]
    assert (await host.post(FILE, auth)).status == 200
    host.server.faults.revoke_media_auth()
    assert (await host.post(FILE, auth)).status == 401


async def test_an_upload_token_grows_old() -> None:
    clock = ManualClock(time.time())
    settings = Settings(greet=False, closing_seconds=0.02, media_auth_seconds=60)
    async with (
        LocalServer(tls_port=None, settings=settings, clock=clock.now) as server,
        logged_in(server, await linked(server, "Ann")) as client,
        aiohttp.ClientSession() as http,
    ):
        host = Host(server, client, http)
        auth = (await host.connection()).attrs["auth"]
        assert (await host.post(FILE, auth)).status == 200
        await clock.advance(61)
        assert (await host.post(FILE, auth)).status == 401


@pytest.mark.parametrize("token", [token_of(b"another file"), "short", "x" * 500])
async def test_a_token_that_is_not_the_hash_is_refused(host: Host, token: str) -> None:
    assert (await host.post(FILE, token=token)).status == 400


async def test_a_file_over_the_limit_is_refused(host: Host) -> None:
    assert (await host.post(bytes(LIMIT + 1))).status == 413
    assert (await host.post(bytes(LIMIT))).status == 200


async def test_a_probe_tells_whether_a_file_is_there(host: Host) -> None:
    auth, token = (await host.connection()).attrs["auth"], token_of(FILE)
    assert (await host.post(b"", auth, token=token, resume="1")).body == {"resume": 0}
    whole = await host.post(FILE, auth)
    assert (await host.post(b"", auth, token=token, resume="1")).body == {"resume": "complete", **whole.body}


async def test_an_upload_that_broke_off_goes_on(host: Host) -> None:
    auth, token = (await host.connection()).attrs["auth"], token_of(FILE)
    host.server.faults.cut_upload(4000)
    with pytest.raises(aiohttp.ClientError):
        await host.post(FILE, auth)
    assert (await host.post(b"", auth, token=token, resume="1")).body == {"resume": 4000}
    assert (await host.post(FILE[500:], auth, token=token, file_offset="500")).status == 400
    host.server.faults.cut_upload(4000)
    with pytest.raises(aiohttp.ClientError):
        await host.post(FILE, auth)
    answer = await host.post(FILE[4000:], auth, token=token, file_offset="4000")
    assert answer.status == 200
    assert await host.get(str(answer.body["direct_path"])) == (200, FILE)


async def test_media_expire(host: Host) -> None:
    first, second = [str((await host.post(data)).body["direct_path"]) for data in (FILE, FILE[1:])]
    assert host.server.faults.expire_media(host.url(first)) == 1
    assert (await host.get(first))[0] == 410
    assert await host.get(second) == (200, FILE[1:])
    assert host.server.faults.expire_media(status=404) == 2
    assert (await host.get(second))[0] == 404
    assert (await host.get("/v/never-there"))[0] == 404


async def test_statuses_on_request(host: Host) -> None:
    host.server.faults.refuse_upload(507)
    assert (await host.post(FILE)).status == 507
    path = str((await host.post(FILE)).body["direct_path"])
    host.server.faults.refuse_download(500, times=2)
    assert [(await host.get(path))[0] for _ in range(3)] == [500, 500, 200]
