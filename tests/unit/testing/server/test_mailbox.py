"""The mailbox of a device: order, redelivery, the offline announcement, flow control."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from motte.core.binary.node import Node
from motte.testing.server.mailbox import Mailbox


def message(number: int, sender: str = "a@lid") -> Node:
    return Node("message", {"id": f"m{number}", "from": sender})


def ids(nodes: list[Node]) -> list[str]:
    return [node.attrs["id"] for node in nodes if node.tag == "message"]


def end_of_offline(nodes: list[Node]) -> list[str]:
    return [node.content[0].attrs["count"] for node in nodes if node.tag == "ib" and isinstance(node.content, tuple)]


def test_live_stanzas_flow_once_the_device_is_ready() -> None:
    box, out = Mailbox(), list[Node]()
    box.connect(out.append)
    box.put(message(1))
    assert ids(out) == []
    box.open()
    box.put(message(2))
    assert ids(out) == ["m1", "m2"]
    assert not any("offline" in node.attrs for node in out)


def test_nothing_waiting_is_said_at_once() -> None:
    out = list[Node]()
    assert not Mailbox().connect(out.append)
    assert end_of_offline(out) == ["0"]


def test_what_waited_comes_marked_and_in_order_then_the_end() -> None:
    box, out = Mailbox(), list[Node]()
    for number in range(3):
        box.put(message(number))
    assert box.connect(out.append) == {"message": 3}
    assert out == []
    box.open()
    assert ids(out) == ["m0", "m1", "m2"]
    assert all(node.attrs["offline"] == "0" for node in out[:3])
    assert end_of_offline(out) == ["3"]
    box.put(message(9))
    assert "offline" not in out[-1].attrs


def test_what_is_not_acknowledged_comes_again() -> None:
    box, out = Mailbox(), list[Node]()
    box.connect(out.append)
    box.open()
    for number in range(4):
        box.put(message(number))
    assert box.acknowledge("message", "m1")
    box.disconnect()
    box.put(message(4))
    again = list[Node]()
    box.connect(again.append)
    box.open()
    assert ids(again) == ["m0", "m2", "m3", "m4"]
    assert len(box) == 4


def test_a_batch_bounds_what_is_in_flight_and_acks_make_room() -> None:
    box, out = Mailbox(), list[Node]()
    for number in range(5):
        box.put(message(number))
    box.connect(out.append)
    box.open(2)
    box.open()  # `<active/>` does not lift the window
    assert ids(out) == ["m0", "m1"]
    box.acknowledge("message", "m0")
    assert ids(out) == ["m0", "m1", "m2"]
    box.open(2)
    assert ids(out) == ["m0", "m1", "m2", "m3", "m4"]
    assert end_of_offline(out) == ["5"]


def test_an_ack_takes_the_one_that_it_names() -> None:
    box, out = Mailbox(), list[Node]()
    box.connect(out.append)
    box.open()
    box.put(message(1, "a@lid"))
    box.put(message(1, "b@lid"))
    assert box.acknowledge("message", "m1", "b@lid")
    box.disconnect()
    again = list[Node]()
    box.connect(again.append)
    box.open()
    assert [node.attrs["from"] for node in again if node.tag == "message"] == ["a@lid"]


def test_an_ack_of_something_else_changes_nothing() -> None:
    box, out = Mailbox(), list[Node]()
    box.connect(out.append)
    box.open()
    box.put(message(1))
    assert not box.acknowledge("message", "m2")
    assert not box.acknowledge("receipt", "m1")
    assert len(box) == 1


@given(st.lists(st.sampled_from(["put", "ack", "drop", "connect", "open", "batch"]), max_size=60))
def test_nothing_is_lost_and_order_holds(steps: list[str]) -> None:
    box, put, acked, out = Mailbox(), 0, set[str](), list[Node]()
    online = False
    for step in steps:
        if step == "put":
            box.put(message(put))
            put += 1
        elif step == "ack" and online and (seen := [one for one in ids(out) if one not in acked]):
            assert box.acknowledge("message", seen[0])
            acked.add(seen[0])
        elif step == "drop":
            box.disconnect()
            online = False
        elif step == "connect":
            out = []
            box.connect(out.append)
            online = True
        elif step == "open":
            box.open()
        elif step == "batch":
            box.open(3)
        numbers = [int(one[1:]) for one in ids(out)]
        assert numbers == sorted(set(numbers))
    out = []
    box.connect(out.append)
    box.open()
    assert ids(out) == [f"m{number}" for number in range(put) if f"m{number}" not in acked]
