"""Faults on purpose: everything that a network or a server can do to a client, on request.

`who` names an account by name, phone number or JID, and means each of its connected companions; None means everybody.
What strikes a connection that already stands happens at once or to its next stanzas; what strikes a connection, a
handshake, a login or an ack that is still to come waits in the plan and is used up there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.testing.server.accounts import Account, Device
from motte.testing.server.appstate_faults import STATE_FAULTS, StateFault
from motte.testing.server.devices import remove
from motte.testing.server.faultplan import PAIRING_FAULTS, PASSKEY_FAULTS, AckFault, Conflict, IqFault, LoginFailure
from motte.testing.server.history_faults import BOMB_SIZE, HISTORY_FAULTS, HistoryFault
from motte.testing.server.hub import Hub
from motte.testing.server.noisekeys import CERTIFICATE_FAULTS
from motte.testing.server.prekeys import tell_low
from motte.testing.server.reader import Refused
from motte.testing.server.wire import FrameFault, FrameRule, Wire

_NORMAL_CLOSE: Final = 1000


class Faults:
    """The calls that make things go wrong on one server."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    # ---- connections that stand ----

    def drop(self, who: str | None = None, *, code: int | None = None) -> int:
        """Break connections: a TCP reset, or a WebSocket close with `code`. How many there were."""
        wires = [wire for _, wire in self._connected(who)]
        for wire in wires:
            if code is None:
                wire.reset()
            else:
                wire.end(code, grace=0)
        return len(wires)

    def stream_error(
        self, who: str | None = None, *, code: int | None = None, conflict: str = "", child: str = ""
    ) -> int:
        """Send `<stream:error>`, with a code, a `<conflict type>` or another child's tag, and close."""
        attrs = {} if code is None else {"code": str(code)}
        inner = (Node("conflict", {"type": conflict}),) if conflict else (Node(child),) if child else None
        return self._last_word(who, Node("stream:error", attrs, inner))

    def end_stream(self, who: str | None = None) -> int:
        """Send `<xmlstreamend/>` and close."""
        return self._last_word(who, Node("xmlstreamend"))

    def downgrade(self, who: str | None = None) -> int:
        """Send `<ib><downgrade_webclient/></ib>`."""
        node = Node("ib", {"from": "s.whatsapp.net"}, (Node("downgrade_webclient"),))
        return self._say(who, node)

    def silence(self, who: str | None = None, *, silent: bool = True) -> int:
        """Send nothing any more, pongs included, and ignore what comes; `silent=False` ends it."""
        wires = [wire for _, wire in self._connected(who)]
        for wire in wires:
            wire.faults.silent = silent
        return len(wires)

    def frames(
        self, fault: FrameFault | str, who: str | None = None, *, tag: str = "", seconds: float = 0.0, times: int = 1
    ) -> int:
        """Meddle with the next `times` stanzas (with this tag): delay, duplicate, reorder, corrupt or drop them."""
        try:
            rule = FrameRule(fault=FrameFault(fault), tag=tag, seconds=seconds)
        except ValueError as error:
            raise Refused(400, str(error)) from error
        wires = [wire for _, wire in self._connected(who)]
        for wire in wires:
            wire.faults.rules += [rule] * times
        return len(wires)

    def low_prekeys(self, who: str | None = None, *, count: int = 0) -> int:
        """Tell devices that only `count` of their prekeys are left."""
        devices = [device for device, _ in self._connected(who)]
        for device in devices:
            tell_low(self._hub, device, count)
        return len(devices)

    def unlink(self, who: str) -> int:
        """Remove an account's companions, as its owner would do on the phone."""
        companions = self._hub.account(who).companions
        for device in companions:
            remove(self._hub, device)
        return len(companions)

    # ---- what is still to come ----

    def refuse_upgrade(self, status: int = 503, *, times: int = 1) -> None:
        """Answer the next WebSocket requests with an HTTP status instead."""
        self._hub.plan.upgrades.extend([status] * times)

    def silent_handshake(self, *, times: int = 1) -> None:
        """Never answer the next handshakes."""
        self._hub.plan.silent_handshakes += times

    def bad_certificate(self, check: str, *, times: int = 1) -> None:
        """Show the next clients a chain in which only this check fails (`CERTIFICATE_FAULTS`)."""
        if check not in CERTIFICATE_FAULTS:
            raise Refused(400, f"a certificate's faults are {', '.join(sorted(CERTIFICATE_FAULTS))}")
        self._hub.plan.certificates.extend([check] * times)

    def forge_pairing(self, proof: str, *, times: int = 1) -> None:
        """Let the next phones vouch wrongly: only this proof does not verify (`hmac`, `account_signature`)."""
        if proof not in PAIRING_FAULTS:
            raise Refused(400, f"the proofs of a pairing are {', '.join(sorted(PAIRING_FAULTS))}")
        self._hub.plan.pairings.extend([proof] * times)

    def refresh_registration(self, *, tag: str = "companion_reg_refresh") -> int:
        """Retire what the clients that wait to be linked have registered; `tag` may be `pair-device-rotate-qr`."""
        waiting = list(self._hub.lobby)
        for pairing in waiting:
            pairing.refresh(tag)
        return len(waiting)

    def refresh_code(self, phone: str) -> int:
        """Have the client that waits for this phone number's pairing code show another."""
        pairing = self._hub.lobby.for_phone(phone.lstrip("+"))
        if pairing is None:
            return 0
        pairing.refresh_code()
        return 1

    def spoil_passkey(self, part: str, *, times: int = 1) -> None:
        """Let a part of the next linkings with a passkey be unreadable: `challenge` or `continuation`."""
        if part not in PASSKEY_FAULTS:
            raise Refused(400, f"the parts of a linking with a passkey are {', '.join(sorted(PASSKEY_FAULTS))}")
        self._hub.plan.passkeys.extend([part] * times)

    def fail_login(
        self, reason: int | str, who: str | None = None, *, attrs: Mapping[str, str] | None = None, times: int = 1
    ) -> None:
        """Answer the next logins with `<failure reason=…>` and more attributes."""
        fault = LoginFailure(account=self._named(who), attrs={"reason": str(reason), **(attrs or {})})
        self._hub.plan.logins += [fault] * times

    def nack_message(self, error: int, who: str | None = None, *, times: int = 1) -> None:
        """Refuse the next messages: their acks carry an error, and they go nowhere."""
        self._hub.plan.acks += [AckFault(account=self._named(who), error=error)] * times

    def drop_ack(self, who: str | None = None, *, times: int = 1) -> None:
        """Deliver the next messages without ever acking them."""
        self._hub.plan.acks += [AckFault(account=self._named(who), error=None)] * times

    # ---- the media host ----

    def expire_media(self, path: str | None = None, *, status: int = 410) -> int:
        """Let a medium (by its direct path or URL), or all, be gone: 410, or another status. How many there were."""
        return self._hub.media.expire(path, status)

    def revoke_media_auth(self) -> None:
        """Refuse every upload token that was given so far (401)."""
        self._hub.media.revoke_auths()

    def refuse_upload(self, status: int = 503, *, times: int = 1) -> None:
        """Answer the next uploads with an HTTP status."""
        self._hub.media.faults.uploads.extend([status] * times)

    def refuse_download(self, status: int = 503, *, times: int = 1) -> None:
        """Answer the next downloads with an HTTP status."""
        self._hub.media.faults.downloads.extend([status] * times)

    def cut_upload(self, size: int, *, times: int = 1) -> None:
        """Break the connection of the next uploads once `size` bytes are here."""
        self._hub.media.faults.cuts.extend([size] * times)

    def lose_media(self, *, times: int = 1) -> None:
        """Let the next phone that is asked to upload a medium again have lost it, too."""
        self._hub.media.faults.lost_by_phones += times

    def refuse_iq(self, code: int, xmlns: str, who: str | None = None, *, times: int = 1) -> None:
        """Refuse the next IQs of a namespace: `refuse_iq(429, "w:g2")` is the rate limit of groups."""
        self._hub.plan.iqs += [IqFault(account=self._named(who), xmlns=xmlns, code=code)] * times

    def spoil_state(self, kind: str, collection: str = "", *, times: int = 1, size: int = 64 * 1024 * 1024) -> None:
        """Serve the next patches or snapshots of a collection, or of any, so that one check fails (`STATE_FAULTS`)."""
        if kind not in STATE_FAULTS:
            raise Refused(400, f"the faults of app state are {', '.join(STATE_FAULTS)}")
        self._hub.plan.state.waiting.append(StateFault(kind, collection, times, size))

    def spoil_history(self, kind: str, *, times: int = 1, size: int = BOMB_SIZE) -> None:
        """Let something be wrong with the next chunks of history (`HISTORY_FAULTS`); `size` is of a bomb, in bytes."""
        if kind not in HISTORY_FAULTS:
            raise Refused(400, f"the faults of history are {', '.join(HISTORY_FAULTS)}")
        self._hub.plan.history.waiting.extend([HistoryFault(kind, size)] * times)

    def conflict(self, who: str | None = None, *, times: int = 1) -> None:
        """Let the phone be faster than the next pushes of app state: they get a 409."""
        self._hub.plan.conflicts.append(Conflict(self._named(who), times))

    def withhold_keys(self, who: str, *, withheld: bool = True) -> None:
        """Let a phone share no app state key, whether asked or not, and recover nothing; `withheld=False` ends it."""
        self._hub.account(who).state.withheld = withheld

    def _named(self, who: str | None) -> Account | None:
        return None if who is None else self._hub.account(who)

    def _connected(self, who: str | None) -> Iterator[tuple[Device, Wire]]:
        account = self._named(who)
        for owner in list(self._hub.directory) if account is None else [account]:
            for device in owner.companions:
                if isinstance(device.outlet, Wire):
                    yield device, device.outlet

    def _say(self, who: str | None, node: Node) -> int:
        wires = [wire for _, wire in self._connected(who)]
        for wire in wires:
            wire.send(node)
        return len(wires)

    def _last_word(self, who: str | None, node: Node) -> int:
        wires = [wire for _, wire in self._connected(who)]
        for wire in wires:
            wire.send(node)
            wire.end(_NORMAL_CLOSE)
        return len(wires)
