"""Options that several commands share, checked here so that a mistake in them is a matter of usage (exit code 2)."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import urlsplit

import typer

from motte.core.crypto.curve import KEY_SIZE
from motte.core.noise.certificate import WHATSAPP_ROOT
from motte.core.session.payload import ClientInfo
from motte.model.disconnect import Cause, NextAction, Policy
from motte.runtime.config import VERSION_URL, WHATSAPP_URL, Config
from motte.store.store import DEFAULT_ACCOUNT

_WHATSAPP: Final = "whatsapp"
_PANEL: Final = "Which account, which server"


class RootKey(bytes):
    """A Noise root key, 32 bytes."""


def _root_key(text: str) -> RootKey:
    if text == _WHATSAPP:
        return RootKey(WHATSAPP_ROOT)
    try:
        file = Path(text)
        key = bytes.fromhex(file.read_text(encoding="ascii") if file.is_file() else text)
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY_SIZE:
        raise typer.BadParameter(
            f'it takes {2 * KEY_SIZE} hex digits, or a file with them; `motte server` prints its own as "root_key"'
        )
    return RootKey(key)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise typer.BadParameter(f"{text!r} is not the URL of a WebSocket; write wss://… or ws://…")
    return text


def _ca_file(path: Path | None) -> Path | None:
    if path is not None:
        try:
            ssl.create_default_context(cafile=path)
        except (OSError, ssl.SSLError):
            raise typer.BadParameter(f"{path} holds no certificates in PEM") from None
    return path


Db: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--db", envvar="MOTTE_DB", metavar="FILE", rich_help_panel=_PANEL, help="The database; it holds private keys."
    ),
]
AccountName: TypeAlias = Annotated[
    str, typer.Option("--account", metavar="NAME", rich_help_panel=_PANEL, help="Which account of the database.")
]
Url: TypeAlias = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="MOTTE_URL",
        metavar="URL",
        callback=_url,
        rich_help_panel=_PANEL,
        help="The server's WebSocket.",
    ),
]
Root: TypeAlias = Annotated[
    RootKey,
    typer.Option(
        "--root-key",
        envvar="MOTTE_ROOT_KEY",
        metavar="HEX|FILE",
        parser=_root_key,
        rich_help_panel=_PANEL,
        help="The Noise root key that must vouch for the server.",
    ),
]
CaFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        envvar="MOTTE_CA_FILE",
        metavar="PEM",
        exists=True,
        dir_okay=False,
        callback=_ca_file,
        rich_help_panel=_PANEL,
        help="Trust these TLS certificates instead of the system's.",
    ),
]
Proxy: TypeAlias = Annotated[
    str | None,
    typer.Option("--proxy", metavar="URL", rich_help_panel=_PANEL, help="http://, https://, socks4:// or socks5://"),
]
Verbose: TypeAlias = Annotated[
    int,
    typer.Option(
        "--verbose", "-v", count=True, metavar="", show_default=False, help="Log what happens; -vv logs everything."
    ),
]
Debug: TypeAlias = Annotated[bool, typer.Option("--debug", metavar="", help="Show a traceback when something fails.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", metavar="", help="One JSON object a line instead of text.")]

DEFAULT_DB: Final = Path("motte.db")
DEFAULT_URL: Final = WHATSAPP_URL
DEFAULT_ROOT: Final[Any] = _WHATSAPP  # a text, since typer runs the default through the parser, too
DEFAULT_NAME: Final = DEFAULT_ACCOUNT

_HOPELESS: Final = (
    Cause.CONNECTION_REFUSED,
    Cause.NAME_NOT_RESOLVED,
    Cause.TLS_FAILED,
    Cause.HTTP_STATUS,
    Cause.HANDSHAKE_FAILED,
)
"""What a person in front of a terminal wants to hear of at once, rather than have it tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Which account, and which server."""

    db: Path
    account: str
    url: str
    root_key: bytes
    ca_file: Path | None
    proxy: str | None

    def config(self, *, push_name: str | None = None, patient: bool = False) -> Config:
        """The client's settings. `patient` keeps trying when the server cannot be reached."""
        # Not announced as online: the phone goes on showing notifications while a command runs.
        return Config(
            url=self.url,
            root_key=bytes(self.root_key),
            ca_file=self.ca_file,
            proxy=self.proxy,
            device=ClientInfo(push_name=push_name),
            version_url=VERSION_URL if self.url == WHATSAPP_URL else "",
            policy=Policy({} if patient else dict.fromkeys(_HOPELESS, NextAction.STOP)),
            mark_online=False,
            close_grace=0.0,
        )
