"""Who sees an account's status, as its phone has set it.

<iq type="get" xmlns="status"><privacy/></iq>
    → <privacy><list type="contacts|blacklist|whitelist" default="true"><user jid="B@lid"/>…</list></privacy>

What devices set in the app state (`status_privacy`) is the rule; until then it is what a test puts into
`server.account("Ann").profile.status_rule` and `.status_people`. The server passes a status to
whom its stanza names; the rule is for the clients to keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.testing.server.accounts import Device
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.reader import Refused

_RULES: Final = {0: "whitelist", 1: "blacklist", 2: "contacts", 3: "whitelist"}
"""The modes of `StatusPrivacyAction`."""


def _privacy(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    profile, said = device.account.profile, device.account.state.value("status_privacy")
    if iq.attrs.get("type") != "get":
        raise Refused(501, "the rule is set on the phone")
    if said is not None:
        attrs = {"type": _RULES[said.statusPrivacy.mode], "default": "true"}
        named = tuple(Node("user", {"jid": user}) for user in said.statusPrivacy.userJid)
        return (Node("privacy", {}, (Node("list", attrs, named),)),)
    if profile.status_rule is None:
        raise Refused(404, "no rule was ever set")
    users = tuple(Node("user", {"jid": str(account.lid)}) for account in profile.status_people)
    chosen = Node("list", {"type": profile.status_rule, "default": "true"}, users)
    return (Node("privacy", {}, (chosen,)),)


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {("status", "privacy"): _privacy}
