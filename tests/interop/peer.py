"""`BaileysPeer`: the real Baileys as an asyncio object, one Node.js process each.

    async with BaileysPeer(server.ws_url, name="Ann") as ann:
        await ann.pair(server.scan_qr)
        key = await ann.send_text("15550100002@s.whatsapp.net", "hi")
        reply = await ann.text("hello back")

Events are kept in the order of their arrival, and each is taken once: `await peer.event(...)` gives the first one that
matches, whether it came already or is still to come. So no test needs to sleep, or to listen before it acts.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import inspect
import json
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).parent
TIMEOUT = 20.0
"""Seconds that an event or an answer may take before the test fails."""
LINE_LIMIT = 64 * 1024 * 1024
RESTART_REQUIRED = 515

Json = dict[str, Any]
Match = Callable[[Any], bool]


class PeerError(Exception):
    """Baileys refused a command: its message, its status code and the data of its error."""

    def __init__(self, message: str, code: int | str | None, data: object) -> None:
        super().__init__(f"{message} (code {code})")
        self.code = code
        self.data = data


def modules() -> Path:
    """The `node_modules` folder that holds Baileys."""
    return Path(os.environ.get("BAILEYS_NM") or HERE / "node_modules")


def missing() -> str | None:
    """Why Baileys cannot run here, or `None` if it can."""
    if shutil.which("node") is None:
        return "interop needs Node.js 20 or newer, and there is no `node`"
    if not (modules() / "baileys" / "package.json").exists():
        return "interop needs the pinned npm packages: run `npm ci` in tests/interop (scripts/test does)"
    return None


def encode_bytes(value: bytes) -> Json:
    """Bytes as `peer.mjs` reads them."""
    return {"type": "Buffer", "data": base64.b64encode(value).decode()}


def decode_bytes(value: Mapping[str, str]) -> bytes:
    """The bytes that `peer.mjs` wrote."""
    return base64.b64decode(value["data"])


class BaileysPeer:
    """One Baileys client. `async with` starts its process and ends it.

    url        where its WebSocket connects
    name       the push name, which the local server's fake phones go by
    auth       folder of Baileys' own auth files; its keys are in memory when absent
    ca         PEM file to trust beside the system's; without it a `wss:` URL is not verified
    reconnect  close codes after which it connects again by itself (515 always does)
    keep_sent  whether it can re-send a message when a peer asks (`getMessage`)
    config     anything else for `makeWASocket`
    media      `https://…` of the host for files that have no URL of their own: those of history and app state
    limit      seconds after which the process ends whatever happens
    """

    def __init__(
        self,
        url: str,
        *,
        name: str | None = None,
        auth: Path | None = None,
        ca: Path | None = None,
        reconnect: Sequence[int] = (),
        keep_sent: bool = True,
        config: Mapping[str, Any] | None = None,
        media: str | None = None,
        limit: float = 300,
    ) -> None:
        self._options = {
            "url": url,
            "name": name,
            "auth": str(auth) if auth else None,
            "reconnect": list(reconnect),
            "keepSent": keep_sent,
            "config": dict(config or {}),
            "media": media,
            "limit": limit,
        }
        self._trust = {"NODE_EXTRA_CA_CERTS": str(ca)} if ca else {"NODE_TLS_REJECT_UNAUTHORIZED": "0"}
        self._events: list[Json] = []
        self._news = asyncio.Condition()
        self._replies: dict[int, asyncio.Future[Any]] = {}
        self._errors: list[str] = []
        self._statuses: dict[str, int] = {}
        self._next_id = 0
        self._ended = False

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            "node",
            str(HERE / "peer.mjs"),
            json.dumps(self._options),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LINE_LIMIT,
            env={**os.environ, "NODE_NO_WARNINGS": "1", **self._trust},
        )
        self._readers = [asyncio.create_task(self._read()), asyncio.create_task(self._read_errors())]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await asyncio.gather(*self._readers)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            message = json.loads(line)
            if "reply" in message:
                self._settle(message)
                continue
            async with self._news:
                self._events.append(message)
                self._note_statuses(message)
                self._news.notify_all()
        self._ended = True
        for future in self._replies.values():
            if not future.done():
                future.set_exception(self._gone())
        async with self._news:
            self._news.notify_all()

    async def _read_errors(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self._errors = [*self._errors[-30:], line.decode(errors="replace").rstrip()]

    def _settle(self, message: Json) -> None:
        future = self._replies.pop(message["reply"], None)
        if future is None or future.done():
            return
        if "error" in message:
            future.set_exception(PeerError(message["error"], message.get("code"), message.get("data")))
        else:
            future.set_result(message["result"])

    def _gone(self) -> AssertionError:
        return AssertionError("Baileys' process has ended; it said:\n" + "\n".join(self._errors))

    # ---- events ------------------------------------------------------------------------------------------------------

    async def event(self, name: str, match: Match = lambda data: True, *, timeout: float = TIMEOUT) -> Any:
        """The data of the first event `name` that `match` accepts, taken out of the queue.

        Raises: `AssertionError` that lists what came instead, when `timeout` seconds pass.
        """
        try:
            async with asyncio.timeout(timeout), self._news:
                while (index := self._find(name, match)) is None:
                    if self._ended:
                        raise self._gone()
                    await self._news.wait()
                return self._events.pop(index)["data"]
        except TimeoutError:
            seen = [self._brief(event) for event in self._events]
            raise AssertionError(f"no {name} that matches within {timeout} s; there are {seen}") from None

    def _find(self, name: str, match: Match) -> int | None:
        hits = (i for i, event in enumerate(self._events) if event["event"] == name and match(event["data"]))
        return next(hits, None)

    @staticmethod
    def _brief(event: Json) -> str:
        return f"{event['event']} {json.dumps(event['data'])[:160]}"

    def seen(self, name: str) -> list[Any]:
        """The data of every event `name` that is still in the queue, without taking them."""
        return [event["data"] for event in self._events if event["event"] == name]

    async def until(self, check: Callable[[], bool], *, timeout: float = TIMEOUT) -> None:
        """Waits until `check` holds, which looks at what `seen` gives; nothing is taken."""
        async with asyncio.timeout(timeout), self._news:
            await self._news.wait_for(lambda: self._ended or check())
        if not check():
            raise self._gone()

    async def qr(self, *, timeout: float = TIMEOUT) -> str:
        """The next QR text."""
        update = await self.event("connection.update", lambda data: "qr" in data, timeout=timeout)
        return str(update["qr"])

    async def open(self, *, timeout: float = TIMEOUT) -> None:
        """Waits until the client is logged in."""
        await self.event("connection.update", lambda data: data.get("connection") == "open", timeout=timeout)

    async def closed(self, *, timeout: float = TIMEOUT) -> int | None:
        """Waits for a close and gives its `DisconnectReason` code (515 after pairing is passed over)."""

        def is_close(data: Json) -> bool:
            return data.get("connection") == "close" and self._close_code(data) != RESTART_REQUIRED

        return self._close_code(await self.event("connection.update", is_close, timeout=timeout))

    @staticmethod
    def _close_code(data: Json) -> int | None:
        error = (data.get("lastDisconnect") or {}).get("error") or {}
        code: int | None = error.get("code")
        return code

    async def message(self, match: Match = lambda message: True, *, timeout: float = TIMEOUT) -> Json:
        """The first message that `match` accepts, as Baileys gives it, plus `text` and `kind`."""

        def any_match(data: Json) -> bool:
            return any(match(message) for message in data["messages"])

        upsert = await self.event("messages.upsert", any_match, timeout=timeout)
        hit: Json = next(message for message in upsert["messages"] if match(message))
        rest = [message for message in upsert["messages"] if message is not hit]
        if rest:
            async with self._news:
                self._events.append({"event": "messages.upsert", "data": {**upsert, "messages": rest}})
                self._news.notify_all()
        return hit

    async def text(self, text: str, *, timeout: float = TIMEOUT) -> Json:
        """The message whose text is `text`."""
        return await self.message(lambda message: message["text"] == text, timeout=timeout)

    async def status(self, message_id: str, at_least: int, *, timeout: float = TIMEOUT) -> int:
        """Waits until a sent message's status is `at_least` (2 server ack, 3 delivered, 4 read, 5 played)."""
        try:
            async with asyncio.timeout(timeout), self._news:
                await self._news.wait_for(lambda: self._ended or self._statuses.get(message_id, 0) >= at_least)
        except TimeoutError:
            seen = self._statuses.get(message_id, 0)
            raise AssertionError(f"{message_id} has status {seen} and not {at_least} after {timeout} s") from None
        if self._statuses.get(message_id, 0) < at_least:
            raise self._gone()
        return self._statuses[message_id]

    def _note_statuses(self, message: Json) -> None:
        """Baileys tells a status in an update of its own, or in the message's event while that is still buffered."""
        found: list[tuple[Json, object]] = []
        if message["event"] == "messages.update":
            found = [(update["key"], update["update"].get("status")) for update in message["data"]]
        elif message["event"] == "messages.upsert":
            found = [(sent["key"], sent.get("status")) for sent in message["data"]["messages"]]
        for key, status in found:
            if isinstance(status, int):
                self._statuses[key["id"]] = max(status, self._statuses.get(key["id"], 0))

    # ---- commands ----------------------------------------------------------------------------------------------------

    async def call(self, name: str, *args: object, timeout: float = TIMEOUT) -> Any:
        """Runs a command of `peer.mjs` or any method of Baileys' socket. Raises: `PeerError`."""
        if self._ended:
            raise self._gone()
        self._next_id += 1
        future = self._replies[self._next_id] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": self._next_id, "do": name, "args": args}).encode() + b"\n")
        async with asyncio.timeout(timeout):
            await self._process.stdin.drain()
            return await future

    async def pair(self, scan: Callable[[str], Awaitable[object] | object]) -> Json:
        """Shows its QR to `scan`, restarts on 515, logs in, and gives its own contact (`id`, `lid`, `name`)."""
        scanned = scan(await self.qr())
        if inspect.isawaitable(scanned):
            await scanned
        await self.open()
        await self.named()
        return await self.me()

    async def named(self) -> None:
        """Waits until a new link knows its account's name, without which Baileys announces no presence.

        It learns it from the phone's first message, which may come before or after it says that it is online.
        """
        await self.event("me", lambda me: bool(me.get("name")))

    async def pairing_code(self, phone: str) -> str:
        """The eight characters to type on the phone. Waits for the first QR, as Baileys asks its users to."""
        await self.qr()
        return str(await self.call("requestPairingCode", phone))

    async def me(self) -> Json:
        """Its own contact: `id`, `lid`, `name`."""
        me: Json = await self.call("me")
        return me

    async def send_text(self, jid: str, text: str) -> Json:
        """Sends a text and gives the message's key (`id`, `remoteJid`, `fromMe`)."""
        return await self.send(jid, {"text": text})

    async def send(self, jid: str, content: Mapping[str, Any], **extra: object) -> Json:
        """Sends any content that Baileys' `sendMessage` takes, and gives the message's key."""
        key: Json = await self.call("send", jid, content, extra)
        return key

    async def read(self, *keys: Mapping[str, Any]) -> None:
        """Sends read receipts."""
        await self.call("readMessages", list(keys))

    async def presence(self, kind: str, jid: str | None = None) -> None:
        """Sends a presence (`available`, …) or, with a chat, a chat state (`composing`, `paused`, `recording`)."""
        await self.call("sendPresenceUpdate", kind, *([jid] if jid else []))

    async def subscribe(self, jid: str) -> None:
        """Asks for a contact's presence."""
        await self.call("presenceSubscribe", jid)

    async def devices(self, *jids: str) -> list[Json]:
        """The devices of users, asked from the server without a cache."""
        found: list[Json] = await self.call("devices", list(jids))
        return found

    async def forget_sessions(self, user: str) -> list[str]:
        """Deletes every Signal session with a user (`15550100001`, or `123_1` for a LID); gives their names."""
        names: list[str] = await self.call("forget", user)
        return names

    async def key_names(self, kind: str) -> list[str]:
        """The names of stored keys of a kind: `session`, `pre-key`, `sender-key`, `lid-mapping`, …"""
        names: list[str] = await self.call("names", kind)
        return names

    async def query(self, tag: str, attrs: Mapping[str, str], content: object = None) -> Json:
        """Sends a raw node and gives the raw answer."""
        answer: Json = await self.call("query", {"tag": tag, "attrs": dict(attrs), "content": content})
        return answer

    async def close(self) -> None:
        """Closes the connection; `reconnect()` opens it again."""
        await self.call("close")

    async def drop(self) -> None:
        """Cuts the TCP connection without a close frame."""
        await self.call("drop")

    async def reconnect(self) -> None:
        """Connects again with the same keys; `await open()` tells when it is logged in."""
        await self.call("reconnect")

    async def logout(self) -> None:
        """Unlinks the device."""
        with contextlib.suppress(PeerError):  # Baileys closes its socket before its own query is answered.
            await self.call("logout")
