"""The known-answer vectors are what their generators make of the pinned Baileys, and all of them are explained."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.interop.peer import modules

VECTORS = Path(__file__).parent.parent / "vectors"
MADE_BY = {
    ("nodes.mjs",): {"nodes.json"},
    ("tokens.mjs", "--digest"): {"tokens.json"},
    ("noise.mjs",): {"noise.json"},
    ("signal.mjs",): {"xeddsa.json", "x3dh.json", "ratchet.json", "senderkey.json"},
    ("pairing.mjs",): {"pairing.json", "pairing_code.json", "payload.json"},
    ("stanzas.mjs",): {"stanzas.json", "usync.json", "prekey_nodes.json", "phash.json", "message_format.json"},
    ("content.mjs",): {"content.json", "secrets.json"},
    ("reporting.mjs",): {"reporting.json"},
    ("groups.mjs",): {"groups.json"},
    ("media.mjs",): {"media.json"},
    ("appstate.mjs",): {"appstate.json"},
    ("actions.mjs",): {"actions.json"},
    ("history.mjs",): {"history.json"},
    ("baileys_folder.mjs",): {"baileys_folder.json"},
}
TIMEOUT = 60.0
OWN = {"signal_records.json"}
"""Not Baileys': kept as earlier versions of motte wrote it."""


@pytest.mark.parametrize("command", MADE_BY, ids=lambda command: command[0])
def test_vectors_are_what_their_generator_makes(command: tuple[str, ...], tmp_path: Path) -> None:
    shutil.copytree(VECTORS / "generate", tmp_path / "generate")
    script, *options = command
    environment = {**os.environ, "BAILEYS_NM": str(modules())}
    made_by = ["node", str(tmp_path / "generate" / script), *options]
    subprocess.run(made_by, env=environment, timeout=TIMEOUT, check=True)
    made = {path.name: path.read_bytes() for path in tmp_path.glob("*.json")}
    assert set(made) == MADE_BY[command]
    stale = [name for name, content in made.items() if content != (VECTORS / name).read_bytes()]
    assert stale == []


def test_every_vector_file_has_a_generator_and_a_place_in_the_readme() -> None:
    files = {path.name for path in VECTORS.glob("*.json")}
    assert files == set().union(*MADE_BY.values()) | OWN
    readme = (VECTORS / "README.md").read_text()
    assert [name for name in sorted(files) if f"`{name}`" not in readme] == []
