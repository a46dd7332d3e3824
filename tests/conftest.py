"""Settings for every test."""

from __future__ import annotations

import os

from hypothesis import settings

# A busy machine is not a bug: examples have no deadline. On CI each run is the same run, so that a failure is
# the change's.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
