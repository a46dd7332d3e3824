"""What a business shows of itself, and the list of bots.

<iq xmlns="w:biz" type="get" to="s.whatsapp.net" id="…">
  <business_profile v="244"><profile jid="15550100002@s.whatsapp.net"/></business_profile>
</iq>
<iq type="result" id="…"><business_profile><profile jid="15550100002@s.whatsapp.net" tag="…">
  <description>…</description> <address>…</address> <email>…</email> <website>https://…</website>…
  <categories><category id="2250">Bakery</category>…</categories>
  <business_hours timezone="Europe/Berlin">
    <business_hours_config day_of_week="mon" mode="specific_hours" open_time="480" close_time="1080"/>…
  </business_hours>
  <profile_options><commerce_experience>catalog</commerce_experience>…</profile_options>
</profile></business_profile></iq>                            (no <profile>: they are no business)

<iq xmlns="bot" type="get" to="@s.whatsapp.net" id="…"><bot v="2"/></iq>
<iq type="result" id="…"><bot><section type="all"><bot jid="867051314767696@bot" persona_id="…"/>…</section>…</bot></iq>
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.business import Bot, BusinessCategory, BusinessProfile, Opening, OpeningHours
from motte.model.jid import Jid

_VERSION: Final = 244
_MODES: Final = frozenset(Opening)


@dataclass(frozen=True, slots=True)
class GetBusinessProfile(Iq[BusinessProfile | None]):
    """Fetch what a business shows; None when it is none."""

    xmlns: ClassVar[str] = "w:biz"
    kind: ClassVar[Literal["get", "set"]] = "get"

    user: Jid

    def content(self) -> Iterable[Node]:
        """`<business_profile>`."""
        profile = element("profile", {"jid": self.user.user_jid})
        return (element("business_profile", {"v": _VERSION}, [profile]),)

    def result(self, iq: Reader) -> BusinessProfile | None:
        """The profile."""
        listing = iq.optional_child("business_profile")
        profile = listing.optional_child("profile") if listing else None
        return _profile(profile) if profile else None


@dataclass(frozen=True, slots=True)
class GetBots(Iq[tuple[Bot, ...]]):
    """Fetch the bots that can be written to."""

    xmlns: ClassVar[str] = "bot"
    kind: ClassVar[Literal["get", "set"]] = "get"

    def content(self) -> Iterable[Node]:
        """`<bot>`."""
        return (element("bot", {"v": 2}),)

    def result(self, iq: Reader) -> tuple[Bot, ...]:
        """Those of the section that has all of them."""
        sections = [one for one in iq.child("bot").children("section") if one.optional_text("type") == "all"]
        bots = (bot for section in sections for bot in section.children("bot"))
        return tuple(Bot(jid=bot.jid("jid"), persona_id=bot.optional_text("persona_id") or "") for bot in bots)


def _profile(profile: Reader) -> BusinessProfile:
    hours, categories = profile.optional_child("business_hours"), profile.optional_child("categories")
    options = profile.optional_child("profile_options")
    return BusinessProfile(
        jid=profile.jid("jid").user_jid,
        description=_text(profile, "description"),
        address=_text(profile, "address"),
        email=_text(profile, "email"),
        websites=tuple(text for site in profile.children("website") if (text := site.string())),
        categories=tuple(
            BusinessCategory(id=one.optional_text("id") or "", name=one.string())
            for one in (categories.children("category") if categories else ())
        ),
        time_zone=hours.optional_text("timezone") if hours else None,
        hours=tuple(_hours(day) for day in hours.children("business_hours_config")) if hours else (),
        # An option that has parts of its own is none that a text could tell.
        options={one.tag: one.string() for one in options.children() if not one.node.children} if options else {},
    )


def _hours(day: Reader) -> OpeningHours:
    mode = day.text("mode")
    return OpeningHours(
        day=day.text("day_of_week"),
        opening=Opening(mode) if mode in _MODES else mode,
        opens=day.optional_integer("open_time", high=24 * 60),
        closes=day.optional_integer("close_time", high=48 * 60),
    )


def _text(profile: Reader, tag: str) -> str:
    found = profile.optional_child(tag)
    return found.string() if found else ""
