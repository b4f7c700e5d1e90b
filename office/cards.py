"""The figures of the overview: a value, what it means, and whether somebody has to look into it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise  # Promise: translated where it is shown


class Level(StrEnum):
    GOOD = "good"
    LOOK = "look"
    ACT = "act"
    NONE = "none"  # a number that is neither good nor bad, or not known


WORDS: dict[Level, Text] = {
    Level.GOOD: _("Good"),
    Level.LOOK: _("Look into it"),
    Level.ACT: _("Act now"),
    Level.NONE: "",
}
OF_STATUS = {"ok": Level.GOOD, "degraded": Level.LOOK, "unavailable": Level.ACT}


@dataclass(frozen=True, slots=True)
class Card:
    """limit: from where on somebody is told. note: since when, or what it means."""

    label: Text
    value: Text
    level: Level = Level.NONE
    limit: Text = ""
    note: Text = ""

    @property
    def word(self) -> Text:
        return WORDS[self.level]


@dataclass(frozen=True, slots=True)
class Group:
    title: Text
    cards: list[Card]


def level_of(value: float, *, look: float, act: float = float("inf")) -> Level:
    """By limits that the value may reach but not pass."""
    if value > act:
        return Level.ACT
    return Level.LOOK if value > look else Level.GOOD


def of_check(check: dict[str, Any]) -> Level:
    """A dependency's level in /readyz."""
    return OF_STATUS[check["status"]]


def worst(cards: Iterable[Card]) -> Level:
    levels = {card.level for card in cards}
    return next((level for level in (Level.ACT, Level.LOOK) if level in levels), Level.GOOD)
