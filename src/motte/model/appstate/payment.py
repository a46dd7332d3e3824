"""Payments, where WhatsApp has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from motte.model.appstate.action import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentInfo(Action):
    """How the account is paid."""

    cpi: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    """One way to pay; `details` are pairs of name and value."""

    credential: str = field(repr=False)
    country: str = ""
    type: str = ""
    details: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethods(Action):
    """The ways to pay."""

    methods: tuple[PaymentMethod, ...]


class PaymentNotice(IntEnum):
    """What is agreed to."""

    BR_PAY_PRIVACY_POLICY = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms(Action):
    """Whether the terms of payment were accepted."""

    notice: PaymentNotice | None
    accepted: bool


class PartnerStatus(IntEnum):
    """Whether a partner is in use."""

    ACTIVE = 0
    INACTIVE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPartner(Action):
    """Who handles payments to a merchant."""

    status: PartnerStatus | None
    country: str = ""
    gateway: str = ""
    credential: str = field(default="", repr=False)
