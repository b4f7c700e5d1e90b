"""What the staff choose for several people at once; an empty field leaves the setting as it is."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import BREAKS_S, WATCHED_S, Sensitivity, Sound, User
from accounts.privacy import MAX_KEEP_DAYS

AS_IS = ("", gettext_lazy("leave as it is"))
SWITCHES = ("neck_on", "blink_on", "stretching_on", "rest_on", "stranger_on", "someone_behind_on")
SECONDS = {"neck_time": WATCHED_S, "blink_time": WATCHED_S}
MINUTES = {"stretching_time": BREAKS_S, "rest_time": BREAKS_S}
CHOICES = {"sensitivity": Sensitivity, "sound": Sound}
MINUTE_S = 60


class AlarmsForm(forms.Form):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        on_off = [AS_IS, ("on", gettext_lazy("on")), ("off", gettext_lazy("off"))]
        for name in SWITCHES:
            self.fields[name] = forms.ChoiceField(label=_label(name), choices=on_off, required=False)
        for name, (low, high) in SECONDS.items():
            self.fields[name] = _number(name, low, high, _("seconds, %(low)d to %(high)d"))
        for name, (low, high) in MINUTES.items():
            self.fields[name] = _number(name, low // MINUTE_S, high // MINUTE_S, _("minutes, %(low)d to %(high)d"))
        for name, choices in CHOICES.items():
            self.fields[name] = forms.ChoiceField(label=_label(name), choices=[AS_IS, *choices.choices], required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.chosen(cleaned):
            raise ValidationError(_("Choose at least one setting."))
        return cleaned

    @staticmethod
    def chosen(cleaned: dict[str, Any]) -> dict[str, Any]:
        """The settings to change, by their columns."""
        convert: Callable[[str, Any], Any] = lambda name, value: (  # noqa: E731
            value == "on" if name in SWITCHES else value * MINUTE_S if name in MINUTES else value
        )
        return {name: convert(name, value) for name, value in cleaned.items() if value not in ("", None)}


class RetentionForm(forms.Form):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        most = settings.FRAME_RETENTION_DAYS or MAX_KEEP_DAYS
        self.fields["days"] = forms.IntegerField(
            label=_("Keep pictures for at most"),
            min_value=1,
            max_value=most,
            help_text=_("days, 1 to %(most)d. Whoever chose fewer, or keeps none, stays with that.") % {"most": most},
        )


def _label(name: str) -> Any:
    field: Field[Any, Any] = User._meta.get_field(name)  # type: ignore[assignment]
    return str(field.verbose_name).capitalize()


def _number(name: str, low: int, high: int, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=_label(name),
        min_value=low,
        max_value=high,
        required=False,
        help_text=help_text % {"low": low, "high": high},
    )
