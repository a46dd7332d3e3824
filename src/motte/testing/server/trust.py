"""Privacy tokens: who may write to a person that restricts it.

    <iq type="set" xmlns="privacy"><tokens><token jid="B@s.whatsapp.net" t="…" type="trusted_contact"/></tokens></iq>
        → to every device of B:
          <notification type="privacy_token" from="A@s.whatsapp.net" sender_lid="A@lid" id="…" t="…"><tokens>
              <token jid="B:2@s.whatsapp.net" t="…" type="trusted_contact">bytes</token></tokens></notification>

B shows these bytes as `<tctoken>` in messages to A, in subscriptions to A's presence and in requests for A's picture.
An account whose name begins with `restricted:`, or with `scenario:restricted,…:`, wants to see one: else the message
gets an ack with error 463 and goes nowhere, the subscription is ignored, the picture refused. The phone of such an
account gives a token by itself with the first message to a person in each week.

Who has no such token may show one of their client's making in a message:

    <cstoken>HMAC-SHA256(the sender's salt, "B@lid")</cstoken>

A name is `scenario:` with flags, a comma between two, and a colon at the end. What they mean for those who write to it:

    restricted                              there has to be a token
    tc_enabled=0, cs_enabled=0              tokens of the first kind, or of the second, do not count

And for itself, when it writes to others:

    nct_send_ab=1                           its clients are told to make tokens
    nct_history_ab=1, nct_syncd_ab=1        its phone brings its salt to companions, in the history, in the app state
    nct_history_delivery=0, nct_syncd_delivery=0    or is to, and does not
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.testing.server.accounts import Account, Device
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.reader import Refused, attr, child, jid, number
from motte.testing.server.tokens import BUCKET, Token

NO_TOKEN: Final = 463
MAX_GIVEN: Final = 4
"""Tokens of one person for another that count at the same time: the newest."""
_SIZE: Final = 11
_KIND: Final = "trusted_contact"
_SALT: Final = 32
_SWITCHES: Final = {"nct_send_ab": "24941", "nct_history_ab": "25189", "nct_syncd_ab": "25253"}


def flags(account: Account) -> Mapping[str, str]:
    """What the account's name says of its behaviour: `scenario:restricted,tc_enabled=0:Bob`."""
    prefix, _, rest = account.name.partition(":")
    if prefix == "restricted" and rest:
        return {"restricted": ""}
    if prefix != "scenario" or ":" not in rest:
        return {}
    return {name: value for name, _, value in (flag.partition("=") for flag in rest.partition(":")[0].split(","))}


def is_restricted(account: Account) -> bool:
    """Whether strangers may not write to it."""
    return "restricted" in flags(account)


def switches(account: Account) -> dict[str, str]:
    """The AB props that its name turns on."""
    named = flags(account)
    return {code: named[flag] for flag, code in _SWITCHES.items() if flag in named}


def salt_of(hub: Hub, account: Account) -> bytes:
    """What the account's clients make tokens of."""
    return hub.salts.setdefault(account, hub.rng(_SALT))


def salt_for_history(hub: Hub, account: Account) -> bytes | None:
    """The salt as its phone puts it into the history (`HistorySync.nctSalt`); None: it does not."""
    return _delivered(hub, account, "history")


def salt_for_app_state(hub: Hub, account: Account) -> bytes | None:
    """The salt as its phone puts it into the app state (`nct_salt_sync`, `regular_high`); None: it does not."""
    return _delivered(hub, account, "syncd")


def _delivered(hub: Hub, account: Account, way: str) -> bytes | None:
    named = flags(account)
    shared = named.get(f"nct_{way}_ab") == "1" and named.get(f"nct_{way}_delivery", "1") == "1"
    return salt_of(hub, account) if shared else None


def admits(hub: Hub, account: Account, stranger: Account, shown: Node) -> bool:
    """Whether an account lets somebody do what `shown` asks: it is open, it is the same one, or there is its token."""
    if account is stranger or not is_restricted(account):
        return True
    token = shown.child("tctoken")
    if token is None or flags(account).get("tc_enabled") == "0":
        return False
    given = hub.tokens.get((account, stranger), ())
    return any(one.content == token.data and one.is_good(hub.now) for one in given)


def lets_in(hub: Hub, account: Account, stranger: Account, message: Node) -> bool:
    """Whether an account takes a message from somebody: as `admits`, or it has a token of their client's making."""
    if admits(hub, account, stranger, message):
        return True
    token = message.child("cstoken")
    if token is None or flags(account).get("cs_enabled") == "0":
        return False
    right = hmac.digest(salt_of(hub, stranger), str(account.lid).encode(), "sha256")
    return hmac.compare_digest(right, token.data)


def give(hub: Hub, giver: Account, receiver: Account, at: int) -> None:
    """Make a token and bring it to every device of the receiver."""
    token = Token(hub.rng(_SIZE), at)
    hub.tokens[giver, receiver] = (token, *hub.tokens.get((giver, receiver), ()))[:MAX_GIVEN]
    for device in receiver.devices.values():
        attrs = {"jid": str(device.pn), "t": str(at), "type": _KIND}
        tokens = Node("tokens", {}, (Node("token", attrs, token.content),))
        hub.notify(device, "privacy_token", tokens, sender=str(giver.pn), sender_lid=str(giver.lid))


def give_when_due(hub: Hub, giver: Account, receiver: Account) -> None:
    """What the phone of a restricted account does after a message: a new token each week."""
    given = hub.tokens.get((giver, receiver), ())
    if (
        giver is not receiver
        and is_restricted(giver)
        and not any(one.given_at // BUCKET == hub.now // BUCKET for one in given)
    ):
        give(hub, giver, receiver, hub.now)


def _issue(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    for token in child(iq, "tokens").all("token"):
        if attr(token, "type") != _KIND:
            raise Refused(400, "there is one kind of token")
        receiver, at = hub.directory.account(jid(token, "jid")), number(token, "t")
        if receiver is not None and receiver is not device.account:
            give(hub, device.account, receiver, at)
    return ()


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {("privacy", "tokens"): _issue}
