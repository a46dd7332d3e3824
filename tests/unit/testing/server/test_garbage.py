"""Stanzas that make no sense: refused or passed over, and the server goes on."""

from __future__ import annotations

import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motte.core.binary.node import Node
from motte.model.jid import Jid
from motte.testing.rng import SeededRng
from motte.testing.server.accounts import Device
from motte.testing.server.groups import FIRST_GROUP
from motte.testing.server.hub import Hub
from motte.testing.server.phone import Phone
from motte.testing.server.registry import IQS, STANZAS
from motte.testing.server.shelf import Shelf

GROUP = Jid(str(FIRST_GROUP), "g.us")
JIDS = [
    "15550100001@s.whatsapp.net",
    "200000000000001:1@lid",
    "15550100001:1@s.whatsapp.net",
    "x",
    "",
    "@g.us",
    str(GROUP),
]
VALUES = st.sampled_from(
    [*JIDS, str(GROUP), "1", "²", "-1", "9" * 30, "retry", "sender", "read", "subscribe", "available", "set"]
)
NAMES = st.sampled_from(
    [
        *("id", "to", "from", "type", "participant", "recipient", "jid", "count", "class", "stage", "duration"),
        *("category", "code", "expiration", "admin", "state", "subject", "prev", "delete", "phash", "edit"),
    ]
)
ATTRS = st.dictionaries(NAMES, VALUES, max_size=6)
INNER_TAGS = st.sampled_from(
    sorted(
        {tag for _, tag in IQS if tag}
        | {
            "to",
            "enc",
            "participants",
            "list",
            "user",
            "item",
            "retry",
            "keys",
            "skey",
            "query",
            "identity",
            "registration",
            "offline_batch",
            "collection",
            "participant",
            "group",
            "group_join",
            "approve",
            "reject",
            "add_request",
            "body",
        }
    )
)
LEAVES = st.builds(Node, INNER_TAGS, ATTRS, st.one_of(st.none(), st.binary(max_size=40)))
TREES = st.recursive(
    LEAVES, lambda inner: st.builds(Node, INNER_TAGS, ATTRS, st.lists(inner, max_size=3).map(tuple)), max_leaves=8
)
CHILDREN = st.lists(TREES, max_size=4).map(tuple)


class Sink:
    def __init__(self) -> None:
        self.got: list[Node] = []

    def send(self, node: Node) -> None:
        self.got.append(node)

    def end(self) -> None:
        pass


def world() -> tuple[Hub, Device, Sink]:
    """A hub with two accounts; the first has a connected companion."""
    hub = Hub(STANZAS, IQS, rng=SeededRng(1), clock=lambda: 1_700_000_000.0)
    for name in ("Ann", "Bob"):
        Phone(hub, hub.directory.create(name))
    account = hub.account("Ann")
    phone = account.devices[0].shelf
    device, sink = Device(account, 1, Shelf(1, phone.identity, phone.signed), key_index=1), Sink()
    account.devices[1] = device
    device.outlet = sink
    device.mailbox.connect(sink.send)
    device.mailbox.open()
    account.phone.groups.create("Chess", ["Bob"])
    return hub, device, sink


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    st.one_of(
        st.builds(Node, st.sampled_from([*STANZAS, "unknown"]), ATTRS, CHILDREN),
        st.builds(
            lambda key, attrs, first, more: Node(
                "iq",
                {**attrs, "xmlns": key[0], "type": "get", "id": "i"},
                (first._replace(tag=key[1]), *more) if key[1] else None,
            ),
            st.sampled_from(list(IQS)),
            ATTRS,
            TREES,
            CHILDREN,
        ),
    )
)
def test_no_stanza_breaks_the_server(caplog: pytest.LogCaptureFixture, node: Node) -> None:
    caplog.clear()
    hub, device, sink = world()
    hub.receive(device, node)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    if node.tag == "iq":
        assert [one.attrs["id"] for one in sink.got if one.tag == "iq"] == ["i"]
