"""A JID: who or what a stanza is about.

On the wire and in text `user[:device]@server`. A person has two: a PN (phone number, `s.whatsapp.net`) and a LID
(`lid`). Device 0 is the phone; it is written without `:0`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from motte.errors import InvalidJid

PN: Final = "s.whatsapp.net"
LID: Final = "lid"
HOSTED: Final = "hosted"
HOSTED_LID: Final = "hosted.lid"
GROUP: Final = "g.us"
BROADCAST: Final = "broadcast"
NEWSLETTER: Final = "newsletter"
BOT: Final = "bot"
CALL: Final = "call"
INTEROP: Final = "interop"
MESSENGER: Final = "msgr"
LEGACY_USER: Final = "c.us"

SERVERS: Final = frozenset(
    {PN, LID, HOSTED, HOSTED_LID, GROUP, BROADCAST, NEWSLETTER, BOT, CALL, INTEROP, MESSENGER, LEGACY_USER}
)
HOSTED_DEVICE: Final = 99
MAX_DEVICE: Final = 0xFFFF
_USER_SERVERS: Final = frozenset({PN, LID, HOSTED, HOSTED_LID})
_PLAIN: Final = {HOSTED: PN, HOSTED_LID: LID}
_TEXT = re.compile(r"(?P<user>[^@:\s/]*)(?::(?P<device>[0-9]{1,5}))?@(?P<server>[a-z.]+)", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Jid:
    """An address: `user` (digits for people, may be empty for a server), `server`, and the `device` number.

    Raises:
        InvalidJid: by `parse`, when a text is not a JID.
    """

    user: str
    server: str
    device: int = 0

    @classmethod
    def parse(cls, text: str) -> Jid:
        """The JID that `text` spells; `…@c.us` becomes `…@s.whatsapp.net`, a bare `s.whatsapp.net` is a server."""
        match = _TEXT.fullmatch(text)
        if match is None:
            if text in SERVERS:
                return cls("", text)
            raise InvalidJid(f"{text[:80]!r} is not a JID; expected something like 12345@s.whatsapp.net")
        user, device, server = match["user"], int(match["device"] or 0), match["server"]
        if server not in SERVERS:
            raise InvalidJid(f"{text[:80]!r} is not a JID: unknown server {server!r}")
        if device > MAX_DEVICE:
            raise InvalidJid(f"{text[:80]!r} is not a JID: device numbers end at {MAX_DEVICE}")
        return cls(user, PN if server == LEGACY_USER else server, device)

    @classmethod
    def phone(cls, number: str) -> Jid:
        """The PN JID of a phone number in any common spelling (`+49 123/45 67`), country code included."""
        digits = re.sub(r"[\s()+./-]", "", number)
        if not (digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 17) or digits.startswith("0"):
            raise InvalidJid(f"{number[:40]!r} is not a phone number; write it with its country code, digits only")
        return cls(digits, PN)

    @property
    def user_jid(self) -> Jid:
        """The same user without a device; hosted servers become the plain ones."""
        server = _PLAIN.get(self.server, self.server)
        return self if not self.device and server == self.server else Jid(self.user, server)

    def with_device(self, device: int) -> Jid:
        """The given device of this user."""
        return replace(self, device=device)

    @property
    def is_pn(self) -> bool:
        """A person addressed by phone number (hosted devices included)."""
        return self.server in (PN, HOSTED)

    @property
    def is_lid(self) -> bool:
        """A person addressed by LID (hosted devices included)."""
        return self.server in (LID, HOSTED_LID)

    @property
    def is_user(self) -> bool:
        """A person, by PN or LID."""
        return self.server in _USER_SERVERS and bool(self.user)

    @property
    def is_group(self) -> bool:
        """A group or community."""
        return self.server == GROUP

    @property
    def is_broadcast(self) -> bool:
        """A broadcast list, or the status list."""
        return self.server == BROADCAST

    @property
    def is_status(self) -> bool:
        """`status@broadcast`."""
        return self.server == BROADCAST and self.user == "status"

    @property
    def is_newsletter(self) -> bool:
        """A channel."""
        return self.server == NEWSLETTER

    @property
    def is_hosted(self) -> bool:
        """A device that a business hosts in the cloud."""
        return self.server in (HOSTED, HOSTED_LID)

    def __str__(self) -> str:
        if self.device:
            return f"{self.user}:{self.device}@{self.server}"
        return f"{self.user}@{self.server}"


SERVER_JID: Final = Jid("", PN)
"""The server itself: `@s.whatsapp.net` on the wire (a JID pair with an empty user)."""
STATUS_JID: Final = Jid("status", BROADCAST)
