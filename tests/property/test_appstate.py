"""App state: the hash knows no order, and devices that read each other's patches agree."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from motte.core.appstate import lthash
from motte.core.appstate.state import CollectionState
from tests.unit.core.appstate.collection import Device, change

MACS = st.lists(st.binary(min_size=32, max_size=32), max_size=20)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
CHANGES = st.lists(
    st.builds(
        lambda what, whom, starred, remove: change(what, whom, starred=starred, remove=remove),
        st.sampled_from(["star", "pin_v1"]),
        TEXT | st.sampled_from(["a", "b"]),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@given(MACS, MACS, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(kept: list[bytes], gone: list[bytes], random: object) -> None:
    want = lthash.change(lthash.EMPTY, remove=(), add=kept)
    steps = [(mac, True) for mac in kept + gone] + [(mac, False) for mac in gone]
    random.shuffle(steps)  # type: ignore[attr-defined]
    have = lthash.EMPTY
    for mac, joins in steps:
        have = lthash.change(have, remove=() if joins else [mac], add=[mac] if joins else ())
    assert have == want
    assert lthash.change(want, remove=kept, add=()) == lthash.EMPTY


@given(st.lists(CHANGES, max_size=5))
def test_what_is_written_is_read(patches: list[list[object]]) -> None:
    writer, reader = Device(), Device()
    for mutations in patches:
        reader.read(writer.write(*mutations))  # type: ignore[arg-type]
        assert reader.state == writer.state
        assert CollectionState.parse(reader.state.serialize()) == reader.state
    assert reader.macs == writer.macs
    assert lthash.change(lthash.EMPTY, remove=(), add=reader.macs.values()) == reader.state.lthash
