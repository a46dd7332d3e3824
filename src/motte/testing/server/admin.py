"""The HTTP side door: what a person, or a test in another language, can make a running server do.

    POST /admin/mock-phone/scan-qr       body: the QR's text; ?phone= picks another phone than the push name says
    POST /admin/mock-phone/confirm-code  {"phone": "15550100001", "code": "ABCD-EFGH"}
    POST /admin/mock-phone/<act>         {"phone": "Ann", "to": "Bob", "text": "hi"}     see `acts`
    GET  /admin/mock-phone/received      ?phone=Ann
    POST /admin/rotate-noise-key
    POST /admin/faults/<name>            the arguments of `Faults.<name>` as a JSON object
    GET  /admin/state

Errors are `{"error": "…"}` with the status that fits.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiohttp import web

from motte.errors import MotteError
from motte.testing.server.accounts import Account
from motte.testing.server.acts import perform
from motte.testing.server.faults import Faults
from motte.testing.server.groups import Group
from motte.testing.server.hub import Hub
from motte.testing.server.noisekeys import NoiseKeys
from motte.testing.server.phone import confirm_code, scan
from motte.testing.server.reader import Refused

FAULTS: Final = (
    "drop",
    "stream_error",
    "end_stream",
    "downgrade",
    "silence",
    "frames",
    "low_prekeys",
    "unlink",
    "refuse_upgrade",
    "silent_handshake",
    "bad_certificate",
    "forge_pairing",
    "refresh_registration",
    "refresh_code",
    "spoil_passkey",
    "fail_login",
    "nack_message",
    "drop_ack",
    "refuse_iq",
    "expire_media",
    "revoke_media_auth",
    "refuse_upload",
    "refuse_download",
    "cut_upload",
    "lose_media",
    "spoil_state",
    "spoil_history",
    "conflict",
    "withhold_keys",
)
MAX_BODY: Final = 1 << 16

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Admin:
    """The admin routes of one server."""

    def __init__(self, hub: Hub, keys: NoiseKeys, faults: Faults) -> None:
        self._hub = hub
        self._keys = keys
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """All routes, for the application."""
        posts: Mapping[str, Handler] = {
            "/admin/mock-phone/scan-qr": self._scan,
            "/admin/mock-phone/confirm-code": self._confirm_code,
            "/admin/mock-phone/{act}": self._act,
            "/admin/rotate-noise-key": self._rotate,
            "/admin/faults/{name}": self._fault,
        }
        gets: Mapping[str, Handler] = {"/admin/state": self._state, "/admin/mock-phone/received": self._received}
        return [web.post(path, answered(handler)) for path, handler in posts.items()] + [
            web.get(path, answered(handler)) for path, handler in gets.items()
        ]

    async def _scan(self, request: web.Request) -> web.Response:
        account = scan(self._hub, await request.text(), request.query.get("phone"))
        return web.json_response({"phone": account.pn.user, "jid": str(account.pn), "lid": str(account.lid)})

    async def _confirm_code(self, request: web.Request) -> web.Response:
        body = await _json(request)
        account = confirm_code(self._hub, _text(body, "phone"), _text(body, "code"))
        return web.json_response({"phone": account.pn.user, "jid": str(account.pn), "lid": str(account.lid)})

    async def _act(self, request: web.Request) -> web.Response:
        body = await _json(request)
        who = _text(body, "from" if "from" in body else "phone")
        arguments = {name: value for name, value in body.items() if name not in ("from", "phone")}
        return web.json_response(perform(self._hub.account(who).phone, request.match_info["act"], arguments))

    async def _received(self, request: web.Request) -> web.Response:
        phone = self._hub.account(request.query.get("phone", "")).phone
        texts = [
            {"id": text.id, "chat": str(text.chat), "sender": str(text.sender), "text": text.text}
            for text in phone.received
        ]
        return web.json_response(texts)

    async def _rotate(self, request: web.Request) -> web.Response:
        self._keys.rotate(self._hub.clock())
        return web.json_response({})

    async def _fault(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in FAULTS:
            raise Refused(404, f"the faults are {', '.join(FAULTS)}")
        try:
            struck = getattr(self._faults, name)(**await _json(request))
        except TypeError as error:
            raise Refused(400, str(error)) from error
        return web.json_response({"struck": struck})

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "waiting_to_be_linked": len(self._hub.lobby),
                "accounts": [_account_state(account) for account in self._hub.directory],
                "groups": [_group_state(group) for group in self._hub.groups],
            }
        )


def _account_state(account: Account) -> dict[str, object]:
    devices = [
        {
            "device": device.number,
            "jid": str(device.pn),
            "connected": device.outlet is not None,
            "waiting": len(device.mailbox),
            "prekeys": len(device.shelf.one_time),
        }
        for device in account.devices.values()
    ]
    versions = {name: collection.version for name, collection in sorted(account.collections.items())}
    known = {"name": account.name, "pn": str(account.pn), "lid": str(account.lid)}
    return {**known, "devices": devices, "app_state": versions}


def _group_state(group: Group) -> dict[str, object]:
    members = [{"pn": str(account.pn), "role": role} for account, role in group.members.items()]
    return {"jid": str(group.jid), "subject": group.subject.text, "mode": group.mode, "members": members}


def answered(handler: Handler) -> Handler:
    """The handler, with its refusals turned into HTTP answers."""

    async def wrapped(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as reason:
            return web.json_response({"error": reason.why}, status=reason.code)
        except MotteError as error:
            return web.json_response({"error": str(error)}, status=400)

    return wrapped


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "the body is not a JSON object")
    return body


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Refused(400, f"the body lacks the text {name!r}")
    return value
