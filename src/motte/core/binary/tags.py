"""The tag bytes that open every value on the wire, and the limits of the coding.

A value begins with one byte: 1 to 235 is a token of the first dictionary, 236 to 239 opens a token of the other four,
and the rest says what kind of value follows.

    00        empty list, absent or empty text      F9 hh ll  list of up to 65,535 values
    EC..EF i  token i of dictionary 0..3            FA u s    JID pair: user (or 00), server
    F5        interop JID (see decoder)             FB n ..   upper-case hex, two digits a byte
    F6        messenger JID                         FC n      up to 255 bytes
    F7 d n u  JID with a device: domain, device     FD n n n  up to 2^20 - 1 bytes
    F8 n      list of up to 255 values              FE n*4    up to 2^32 - 1 bytes
                                                    FF n ..   digits, `-` and `.`, two a byte
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from motte.model.jid import HOSTED, HOSTED_LID, LID, PN

LIST_EMPTY: Final = 0
DICTIONARY_0: Final = 236
DICTIONARY_3: Final = 239
INTEROP_JID: Final = 245
FB_JID: Final = 246
AD_JID: Final = 247
LIST_8: Final = 248
LIST_16: Final = 249
JID_PAIR: Final = 250
HEX_8: Final = 251
BINARY_8: Final = 252
BINARY_20: Final = 253
BINARY_32: Final = 254
NIBBLE_8: Final = 255

DOMAINS: Final[Mapping[str, int]] = MappingProxyType({PN: 0, LID: 1, HOSTED: 128, HOSTED_LID: 129})
"""The domain byte of an AD_JID for each server whose users have devices."""
MAX_AD_DEVICE: Final = 0xFF
"""Highest device number in an AD_JID."""
MAX_SHORT: Final = 0xFFFF
"""Highest number in the JIDs of other networks."""
HOSTED_BIT: Final = 0x80
LID_BIT: Final = 0x01

FLAG_COMPRESSED: Final = 0x02
"""The bit of a frame's first byte that says: the rest is a zlib stream."""

MAX_PACKED: Final = 127
"""Longest text that is packed two characters a byte."""
MAX_DEPTH: Final = 64
"""Deepest nesting of nodes, both ways. Real stanzas stay below ten."""
MAX_ATTRIBUTES: Final = 1024
"""Most attributes of one node. Real stanzas stay below thirty."""
MAX_NODES: Final = 1 << 18
"""Most nodes in one frame: a bound on the memory that 16 MB of three-byte nodes would take."""
MAX_LIST: Final = 0xFFFF
"""Most values in one list."""
MIN_NODE: Final = 3
"""Bytes of the smallest node: a list tag, its size and a token."""
MAX_INFLATED: Final = 1 << 24
"""Most bytes that a compressed frame may inflate to."""
