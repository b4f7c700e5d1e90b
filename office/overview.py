"""The admin's first page: is it well, who uses it, how full is it."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from office import charts, history, rates, readiness
from office.cards import Card, Group, Level, worst
from office.models import Day, Sample
from office.reading import reading_take
from office.service_cards import dependency_cards, load_cards, machine_cards
from office.use_cards import storage_cards, top_users, use_cards

STALE_AFTER = 3 * rates.SLOT  # then housekeeping does not run


def overview(now: datetime | None = None) -> dict[str, Any]:
    """What the template shows."""
    now = now or timezone.now()
    samples = list(Sample.objects.filter(at__gte=now - history.SAMPLES_FOR).defer("histograms").order_by("at"))
    fine = list(Sample.objects.filter(at__gte=now - timedelta(hours=24)).order_by("at"))
    newest = fine[-1] if fine and now - fine[-1].at < STALE_AFTER else None
    spans = rates.spans(fine)
    last = spans[-1] if spans and now - spans[-1].until < STALE_AFTER else None
    today = timezone.localdate(now)
    days = list(Day.objects.filter(day__gt=today - timedelta(days=history.DAYS_SHOWN)).order_by("day"))
    groups = [
        Group(_("Service"), [*dependency_cards(readiness.checks(), newest), *machine_cards(reading_take())]),
        Group(_("Load in the last five minutes"), load_cards(last)),
        Group(_("People"), use_cards(days, now)),
        Group(_("Storage"), storage_cards(newest, today)),
    ]
    cards = [card for group in groups for card in group.cards]
    return {
        "groups": groups,
        "level": worst(cards),
        "urgent": _of(cards, Level.ACT),
        "notable": _of(cards, Level.LOOK),
        "sampled_at": newest.at if newest else None,
        "now": now,
        "day_charts": charts.day_charts(spans, fine, now),
        "weeks_charts": charts.weeks_charts(samples, days, now),
        "top_users": top_users(),
    }


def _of(cards: list[Card], level: Level) -> list[Card]:
    return [card for card in cards if card.level is level]
