"""Numbers with their units, in the reader's language."""

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


def number(value: float, decimals: int = 0) -> str:
    """With separators between thousands."""
    return number_format(value, decimals, use_l10n=True, force_grouping=True)


def size(count: int) -> str:
    """Bytes as KB, MB or GB."""
    return str(filesizeformat(count))


def percent(share: float) -> str:
    """With a decimal below 10 %."""
    return f"{number(share * 100, 0 if share >= 0.1 or not share else 1)} %"


def people(count: int) -> str:
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": number(count)}


def pictures(count: int) -> str:
    return ngettext("%(count)s picture", "%(count)s pictures", count) % {"count": number(count)}


def duration(seconds: float) -> str:
    """The two largest units: 45 s, 12 min, 5 h 20 min, 3 days 4 h."""
    whole = max(0, round(seconds))
    if whole < MINUTE_S:
        return _("%(count)d s") % {"count": whole}
    if whole < HOUR_S:
        minutes, rest = divmod(whole, MINUTE_S)
        return _pair(_minutes(minutes), _("%(count)d s") % {"count": rest} if rest else "")
    if whole < DAY_S:
        hours, rest = divmod(whole, HOUR_S)
        return _pair(_hours(hours), _minutes(rest // MINUTE_S) if rest >= MINUTE_S else "")
    days, rest = divmod(whole, DAY_S)
    return _pair(_days(days), _hours(rest // HOUR_S) if rest >= HOUR_S and days < 10 else "")


def ago(seconds: float) -> str:
    """How long ago, in the largest unit alone."""
    whole = max(0, round(seconds))
    for unit, name in ((DAY_S, _days), (HOUR_S, _hours), (MINUTE_S, _minutes)):
        if whole >= unit:
            return _("%(time)s ago") % {"time": name(whole // unit)}
    return _("just now")


def _minutes(count: int) -> str:
    return _("%(count)d min") % {"count": count}


def _hours(count: int) -> str:
    return _("%(count)d h") % {"count": count}


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def _pair(first: str, second: str) -> str:
    return f"{first} {second}".rstrip()
