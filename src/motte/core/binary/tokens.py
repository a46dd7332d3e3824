"""The token dictionary, version 3: words that travel as one or two bytes.

`tokens_v3.txt` holds one word a line: first the 235 words of one byte (1 to 235), then four dictionaries of 256 words,
which take two bytes: the dictionary (236 to 239) and the index. The version is part of the connection's header
(`WA 06 03`); header and table must match, since version 2 has other words in almost every place.
"""

from __future__ import annotations

import pkgutil
from typing import Final

from motte.core.binary.tags import DICTIONARY_0

VERSION: Final = 3
_SINGLE: Final = 235
_DOUBLE: Final = 256


def _words() -> list[str]:
    data = pkgutil.get_data("motte.core.binary", "tokens_v3.txt")
    if data is None:
        raise FileNotFoundError("tokens_v3.txt is missing from the installed package")
    return data.decode("ascii").split()


_WORDS: Final = _words()

SINGLE: Final[tuple[str, ...]] = ("", *_WORDS[:_SINGLE])
"""The word of each one-byte token; 0 is no token but the empty text."""
DOUBLE: Final[tuple[tuple[str, ...], ...]] = tuple(
    tuple(_WORDS[start : start + _DOUBLE]) for start in range(_SINGLE, len(_WORDS), _DOUBLE)
)
"""The words of the four two-byte dictionaries."""
WIRE: Final[dict[str, bytes]] = {
    **{word: bytes((index,)) for index, word in enumerate(SINGLE) if word},
    **{
        word: bytes((DICTIONARY_0 + number, index))
        for number, dictionary in enumerate(DOUBLE)
        for index, word in enumerate(dictionary)
    },
}
"""The bytes of each word."""
