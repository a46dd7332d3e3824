"""Fuzzes one target with atheris, guided by coverage:

    python -m tests.fuzz.run decode -max_total_time=60

All arguments behind the target's name go to libFuzzer. New inputs that reach new code land in a directory of the
system's temporary files, which is printed; one that shows a defect belongs into `tests/fuzz/corpus/<target>/`,
where the ordinary tests will run it for ever. atheris is not among the development dependencies: `pip install atheris`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


def main() -> None:
    try:
        import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        sys.exit("atheris is not installed; `pip install atheris`, or run the corpus alone: pytest tests/fuzz")
    with atheris.instrument_imports(include=["motte"]):
        from tests.fuzz.targets import TARGETS
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: python -m tests.fuzz.run TARGET [libFuzzer options]; targets: {', '.join(TARGETS)}")
    name, options = sys.argv[1], sys.argv[2:]
    found = tempfile.mkdtemp(prefix=f"motte-fuzz-{name}-")
    print(f"new inputs go to {found}")
    atheris.Setup([sys.argv[0], *options, found, str(CORPUS / name)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
