"""Run a program as `python -m tests.docs.pointed PROGRAM`, with WhatsApp's servers replaced by a local one.

The examples say `Client("bot.db")` and nothing of servers, as they should: so the defaults of `Config` change here, by
what the environment says, and the program stays as it is printed.
"""

from __future__ import annotations

import os
import runpy
import sys

from motte import Config


def point(url: str, root_key: bytes) -> None:
    """Make the local server at `url` the default of `Config`."""
    defaults = Config.__init__.__kwdefaults__
    assert defaults is not None
    assert {"url", "root_key", "version_url"} <= defaults.keys()
    defaults.update(url=url, root_key=root_key, version_url="")


if __name__ == "__main__":
    point(os.environ["DOCS_URL"], bytes.fromhex(os.environ["DOCS_ROOT_KEY"]))
    sys.path.insert(0, "")
    runpy.run_path(sys.argv[1], run_name="__main__")
