from django.db import models
from django.utils.translation import gettext_lazy as _


class TeamWeek(models.Model):
    """The team's sums of a week, as they were published: once, and never again, whatever becomes of its people's rows.

    Without numbers the week is withheld: fewer than five people were there.
    """

    first_day = models.DateField(_("week from"), primary_key=True)
    people = models.PositiveIntegerField(_("people, at least"), null=True)
    desk_hours = models.PositiveIntegerField(_("hours at the desk"), null=True)
    good_hours = models.PositiveIntegerField(_("hours with good posture"), null=True)
    known_hours = models.PositiveIntegerField(_("hours with known posture"), null=True)
    breaks = models.PositiveIntegerField(_("breaks"), null=True)
    wrong_alarms = models.PositiveIntegerField(_("wrong alarms"), null=True)
    published_at = models.DateTimeField(_("published"), auto_now_add=True)

    class Meta:
        ordering = ("-first_day",)
        verbose_name = _("week of the team")
        verbose_name_plural = _("the team by week")

    def __str__(self) -> str:
        return f"the team's week from {self.first_day}"

    @property
    def good_share(self) -> float | None:
        """The share of good posture, 0 to 1, from the rounded hours; None if they are 0 or the week is withheld."""
        return min(1.0, (self.good_hours or 0) / self.known_hours) if self.known_hours else None
