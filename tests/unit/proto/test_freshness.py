"""The committed modules are what protoc makes of the `.proto` files, and run on the declared protobuf runtime."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROTO = ROOT / "src/motte/proto"


def test_generated_modules_are_fresh() -> None:
    run = subprocess.run(
        [str(ROOT / "scripts/proto"), "--check"],
        env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_check_notices_a_stale_module(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "src/motte/proto").mkdir(parents=True)
    script = tmp_path / "scripts/proto"
    script.write_bytes((ROOT / "scripts/proto").read_bytes())
    script.chmod(0o755)
    for suffix in (".proto", "_pb2.py", "_pb2.pyi"):
        source = PROTO / f"message_key{suffix}"
        (tmp_path / "src/motte/proto" / source.name).write_bytes(source.read_bytes())
    command = [str(script), "--check"]
    env = {"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"}
    assert subprocess.run(command, env=env, capture_output=True, timeout=60).returncode == 0
    proto = tmp_path / "src/motte/proto/message_key.proto"
    proto.write_text(proto.read_text().replace("participant = 4", "participant = 5"))
    assert subprocess.run(command, env=env, capture_output=True, timeout=60).returncode == 1


def test_the_runtime_floor_is_not_below_the_generator() -> None:
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (floor,) = (re.search(r">=([\d.]+)", item) for item in dependencies if item.startswith("protobuf"))
    assert floor is not None
    generators = {
        match[1]
        for path in PROTO.glob("*_pb2.py")
        if (match := re.search(r"^# Protobuf Python Version: ([\d.]+)$", path.read_text(), re.M))
    }
    assert len(generators) == 1, "regenerate everything with one version: scripts/proto"
    assert _version(floor[1]) >= _version(generators.pop())


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))
