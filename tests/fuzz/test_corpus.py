"""The fuzzing corpus as ordinary tests: every input, every prefix of it, and some damage done to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
MAX_CUTS = 60
MAX_FLIPS = 120


def inputs(target: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((CORPUS / target).iterdir())]


def spread(size: int, count: int) -> range:
    """At most about `count` places in `size` bytes, evenly spread."""
    return range(0, size, max(1, size // count))


@pytest.mark.parametrize("target", TARGETS)
def test_inputs(target: str) -> None:
    seeds = inputs(target)
    assert seeds
    for data in [b"", *seeds]:
        TARGETS[target](data)


@pytest.mark.parametrize("target", TARGETS)
def test_cut_inputs(target: str) -> None:
    for data in inputs(target):
        for end in spread(len(data), MAX_CUTS):
            TARGETS[target](data[:end])


@pytest.mark.parametrize("target", TARGETS)
def test_damaged_inputs(target: str) -> None:
    for data in inputs(target):
        for index in spread(len(data), MAX_FLIPS):
            for bit in (0x01, 0x80):
                TARGETS[target](data[:index] + bytes((data[index] ^ bit,)) + data[index + 1 :])


def test_every_folder_of_the_corpus_has_a_target() -> None:
    assert {path.name for path in CORPUS.iterdir() if path.is_dir()} == set(TARGETS)
