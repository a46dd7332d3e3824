"""The account's privacy settings.

<iq xmlns="privacy" type="get" to="@s.whatsapp.net" id="…"><privacy/></iq>
<iq type="result" id="…"><privacy><category name="readreceipts" value="all"/>…</privacy></iq>
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from motte.core.binary.node import Node
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """Category (`readreceipts`, `last`, …) → value (`all`, `contacts`, `none`, …), as the server names them."""

    values: Mapping[str, str]

    @property
    def read_receipts(self) -> bool:
        """Whether others may see what this account has read; true when the server did not say."""
        return self.values.get("readreceipts", "all") == "all"


@dataclass(frozen=True, slots=True)
class GetPrivacySettings(Iq[PrivacySettings]):
    """Fetch the settings."""

    xmlns: ClassVar[str] = "privacy"
    kind: ClassVar[Literal["get", "set"]] = "get"

    def content(self) -> Iterable[Node]:
        """`<privacy/>`."""
        return (Node("privacy"),)

    def result(self, iq: Reader) -> PrivacySettings:
        """All categories that the server sent."""
        categories = iq.child("privacy").children("category")
        return PrivacySettings({category.text("name"): category.text("value") for category in categories})
