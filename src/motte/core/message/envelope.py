"""The `<message>` stanzas that this client sends, around what is already encrypted.

    <message id="3EB0…" to="15550100002@s.whatsapp.net" type="text" [edit="1"]>
      <participants>
        <to jid="15550100002@s.whatsapp.net"><enc v="2" type="pkmsg" [mediatype] [decrypt-fail="hide"]>…</enc></to>
        <to jid="15550100001:4@s.whatsapp.net"><enc v="2" type="msg">…</enc></to>
      </participants>
      [<device-identity>ADVSignedDeviceIdentity</device-identity>] [<meta polltype="creation"/>] [<biz>…</biz>]
    </message>

    <message id to="120363000000000001@g.us" type phash="2:…" addressing_mode="lid">
      <enc v="2" type="skmsg">…</enc> [<participants>…</participants>] [<device-identity/>]
    </message>

    <message id to="status@broadcast" type phash addressing_mode="lid">            (to whom <participants> names)
      <enc v="2" type="skmsg">…</enc> <participants><to jid><enc/></to> <to jid/>…</participants> [<device-identity/>]
    </message>

    <message id to="15550100002:4@s.whatsapp.net" type device_fanout="false">       (again, to one device)
      <enc v="2" type="msg" count="1">…</enc> <device-identity/>
    </message>

    <message id to="15550100001@s.whatsapp.net" type="text" category="peer" push_priority="high_force">
      <enc v="2" type="msg">…</enc> [<device-identity/>] <meta appdata="default"/>  (to the own phone)
    </message>

The device identity goes along whenever a ciphertext opens a session, so that the receiver can check whose device it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from motte.core.binary.node import NO_ATTRS, Node
from motte.core.message.kinds import Labels
from motte.core.stanza.build import Attrs, element
from motte.core.stanza.message import PEER, PKMSG, SKMSG
from motte.model.jid import Jid
from motte.model.message import Addressing


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A ciphertext for one device."""

    device: Jid
    kind: Literal["msg", "pkmsg"]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What all stanzas of one message share.

    `device_identity` is the own ADVSignedDeviceIdentity, with the account's key.
    """

    id: str
    chat: Jid
    labels: Labels
    device_identity: bytes = field(repr=False)

    def direct(self, sealed: Sequence[Sealed], extra: Iterable[Node | None] = ()) -> Node:
        """The stanza of a direct message."""
        return self._message({}, [self._participants(sealed), self._identity(sealed), *extra])

    def group(
        self,
        ciphertext: bytes,
        distributions: Sequence[Sealed],
        *,
        phash: str,
        addressing: Addressing,
        audience: Iterable[Jid] = (),
        extra: Iterable[Node | None] = (),
    ) -> Node:
        """The stanza of a group message: one ciphertext for all, and the sender key for those who lack it.

        `audience` are the devices that a status is for, those with the key included.
        """
        attrs: Attrs = {"phash": phash, "addressing_mode": addressing}
        brought = {one.device for one in distributions}
        with_key = [device for device in audience if device not in brought]
        keys = self._participants(distributions, with_key) if distributions or with_key else None
        return self._message(attrs, [self._enc(SKMSG, ciphertext), keys, self._identity(distributions), *extra])

    def resend(self, sealed: Sealed, count: int, *, to_own_device: bool) -> Node:
        """The stanza that answers a device's `count`-th retry receipt; nobody else gets it."""
        if self.chat.is_user:
            attrs: Attrs = {
                "to": sealed.device,
                "recipient": self.chat if to_own_device else None,
                "device_fanout": "false",
            }
        else:
            attrs = {"participant": sealed.device}
        enc = element("enc", {"v": 2, "type": sealed.kind, "count": count}, sealed.body)
        return self._message(attrs, [enc, element("device-identity", body=self.device_identity)])

    def peer(self, sealed: Sealed) -> Node:
        """The stanza of a message that only own devices exchange."""
        attrs: Attrs = {"category": PEER, "push_priority": "high_force"}
        meta = element("meta", {"appdata": "default"})
        return self._message(attrs, [self._enc(sealed.kind, sealed.body), self._identity([sealed]), meta])

    def _message(self, attrs: Attrs, body: Iterable[Node | None]) -> Node:
        common: Attrs = {"id": self.id, "to": self.chat, "type": self.labels.type, "edit": self.labels.edit}
        meta = element("meta", dict(self.labels.meta)) if self.labels.meta else None
        return element("message", {**common, **attrs}, [*body, meta, self._business()])

    def _business(self) -> Node | None:
        if self.labels.business is None:
            return None
        name, attrs = self.labels.business
        return element("biz", {}, [element(name, dict(attrs))])

    def _enc(self, kind: str, body: bytes) -> Node:
        labels = self.labels
        attrs: Attrs = {
            "v": 2,
            "type": kind,
            "mediatype": labels.media_type,
            "decrypt-fail": "hide" if labels.hide_failure else None,
        }
        return element("enc", attrs, body)

    def _participants(self, sealed: Sequence[Sealed], named: Iterable[Jid] = ()) -> Node:
        to = (Node("to", {"jid": str(one.device)}, (self._enc(one.kind, one.body),)) for one in sealed)
        return Node("participants", NO_ATTRS, (*to, *(Node("to", {"jid": str(device)}) for device in named)))

    def _identity(self, sealed: Sequence[Sealed]) -> Node | None:
        if not any(one.kind == PKMSG for one in sealed):
            return None
        return element("device-identity", body=self.device_identity)
