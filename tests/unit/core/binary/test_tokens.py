"""The token dictionary: complete, consistent, and the one that Baileys has."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from motte.core.binary import tokens

TESTS = Path(__file__).parents[3]
NODE = shutil.which("node")
MODULES = Path(os.environ.get("BAILEYS_NM") or TESTS / "interop" / "node_modules")
PRINT_TABLES = """
const { SINGLE_BYTE_TOKENS, DOUBLE_BYTE_TOKENS } = await import(process.argv[1])
console.log(JSON.stringify([SINGLE_BYTE_TOKENS, ...DOUBLE_BYTE_TOKENS]))
"""


def test_sizes() -> None:
    assert len(tokens.SINGLE) == 236
    assert [len(dictionary) for dictionary in tokens.DOUBLE] == [256] * 4


def test_every_word_has_one_place() -> None:
    assert len(tokens.WIRE) == 235 + 4 * 256


def test_every_word_is_found_under_its_bytes() -> None:
    for word, wire in tokens.WIRE.items():
        read = tokens.SINGLE[wire[0]] if len(wire) == 1 else tokens.DOUBLE[wire[0] - 236][wire[1]]
        assert read == word


def test_well_known_places() -> None:
    assert tokens.WIRE["xmlstreamend"] == b"\x02"
    assert tokens.WIRE["s.whatsapp.net"] == b"\x03"
    assert tokens.WIRE["read-self"] == b"\xec\x00"


def test_the_table_is_the_recorded_one() -> None:
    """Runs without Node too: the digest was taken from the npm package's tables."""
    recorded = json.loads((TESTS / "vectors" / "tokens.json").read_text())
    words = [*tokens.SINGLE[1:], *(word for dictionary in tokens.DOUBLE for word in dictionary)]
    assert hashlib.sha256("\n".join(words).encode()).hexdigest() == recorded["sha256"]


@pytest.mark.interop
@pytest.mark.skipif(NODE is None or not (MODULES / "baileys").is_dir(), reason="needs Node.js and npm's baileys")
def test_the_table_is_that_of_the_npm_package() -> None:
    assert NODE is not None
    constants = (MODULES / "baileys" / "lib" / "WABinary" / "constants.js").resolve().as_uri()
    output = subprocess.run(
        [NODE, "--input-type=module", "--eval", PRINT_TABLES, constants], capture_output=True, check=True, timeout=60
    ).stdout
    assert json.loads(output) == [list(tokens.SINGLE), *(list(dictionary) for dictionary in tokens.DOUBLE)]
