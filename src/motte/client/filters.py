"""Which events a handler wants: `F` looks into an event, and what it finds is compared and combined.

    F.text.startswith("/")                              a method of the text
    (F.chat.is_group) & ~(F.message.key.from_me)        and, or (|), not
    (F.emoji == "👍") | (F.emoji == "")                  comparisons, in brackets

A filter is a function from an event to a truth value, so that any function of one's own goes with it:
`Filter(lambda event: …) & F.text`. What is not there is false: an event without a text matches no filter on it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Container
from typing import Any, Final

from motte.events.base import Event

Test = Callable[[Any], object]


class Filter:
    """A test of events. Filters combine with `&`, `|` and `~`."""

    def __init__(self, test: Test) -> None:
        self._test = test

    def __call__(self, event: Any) -> bool:
        """Whether the event passes."""
        return bool(self._test(event))

    def __and__(self, other: Test) -> Filter:
        """Both."""
        return Filter(lambda event: self(event) and other(event))

    def __or__(self, other: Test) -> Filter:
        """At least one."""
        return Filter(lambda event: self(event) or other(event))

    def __invert__(self) -> Filter:
        """Not this one."""
        return Filter(lambda event: not self(event))

    def __bool__(self) -> bool:
        """Raises: `and`, `or` and `not` cannot combine filters."""
        raise TypeError("filters combine with &, | and ~, not with and, or and not")


class Field(Filter):
    """Something inside an event, found when there is one; as a filter it is whether that is there and true.

    Every attribute and method of what will be found can be written after it.
    """

    def __init__(self, find: Callable[[Any], Any]) -> None:
        super().__init__(find)
        self._find = find

    def __getattr__(self, name: str) -> Field:
        """The attribute of that name; of nothing, and of what has none, nothing."""
        if name.startswith("_"):
            raise AttributeError(name)
        return Field(lambda event: getattr(self._find(event), name, None))

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Of a method, what it gives; of an event, whether it passes."""
        if len(args) == 1 and not named and isinstance(args[0], Event):
            return super().__call__(args[0])
        return Field(lambda event: None if (found := self._find(event)) is None else found(*args, **named))

    def __eq__(self, other: object) -> Filter:  # type: ignore[override]
        """Whether it equals this."""
        return self._compared(operator.eq, other)

    def __ne__(self, other: object) -> Filter:  # type: ignore[override]
        """Whether it is there and differs from this."""
        return self._compared(operator.ne, other)

    def __lt__(self, other: Any) -> Filter:
        """Whether it is less than this."""
        return self._compared(operator.lt, other)

    def __gt__(self, other: Any) -> Filter:
        """Whether it is more than this."""
        return self._compared(operator.gt, other)

    __hash__ = None  # type: ignore[assignment]

    def is_in(self, values: Container[Any]) -> Filter:
        """Whether it is one of these."""
        return self._compared(lambda found, among: found in among, values)

    def is_a(self, kind: type) -> Filter:
        """Whether it is of this class, as in `F.content.is_a(Image)`."""
        return self._compared(isinstance, kind)

    def matches(self, pattern: str) -> Filter:
        """Whether the regular expression is found somewhere in it, which is to be a text."""
        return self._compared(lambda found, compiled: compiled.search(found) is not None, re.compile(pattern))

    def _compared(self, compare: Callable[[Any, Any], object], other: object) -> Filter:
        return Filter(lambda event: (found := self._find(event)) is not None and compare(found, other))


F: Final = Field(lambda event: event)
"""The event itself."""
