"""The answers about a user's day and week, their goal, and what their hours bear out."""

from typing import Any, get_args

from rest_framework import serializers

from reports.insights.rules import Kind
from reports.serializers import BlinkRateSerializer
from reports.strips import DIRECTIONS

MIN_GOAL = 0.1


class DirectionsSerializer(serializers.Serializer[Any]):
    closer = serializers.FloatField()
    lower = serializers.FloatField()
    tilted = serializers.FloatField()


class StripTotalsSerializer(serializers.Serializer[Any]):
    desk_s = serializers.FloatField(help_text="seconds at the desk")
    good_s = serializers.FloatField(help_text="seconds in good posture")
    bad_s = serializers.FloatField(help_text="seconds in bad posture")
    good_share = serializers.FloatField(allow_null=True, help_text="of the time with known posture; 0 to 1")
    shares = DirectionsSerializer(
        allow_null=True, help_text="of bad_s, for each direction; they may overlap. null without bad posture"
    )
    direction = serializers.ChoiceField(
        choices=[(name, name) for name in DIRECTIONS], allow_null=True, help_text="of most of the bad posture"
    )
    worst = DirectionsSerializer(
        allow_null=True,
        help_text="the farthest in each direction; 1 is at the limit. tilted: negative to the left in the picture",
    )
    blink_rate = BlinkRateSerializer(allow_null=True, help_text="null if less than half a minute was watched")
    rests = serializers.IntegerField(help_text="breaks of a minute or more that ended then")
    neck = serializers.IntegerField(help_text="neck alarms")
    neck_per_hour = serializers.FloatField(
        allow_null=True, help_text="neck alarms in an hour at the desk; null below ten minutes there"
    )


class StripHourSerializer(StripTotalsSerializer):
    hour = serializers.IntegerField(help_text="0 to 23; where clocks go back, one comes twice")
    starts_at = serializers.DateTimeField()
    outlines = serializers.ListField(child=serializers.IntegerField(), help_text="ids of those in `outlines/`")


class StripSerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    time_zone = serializers.CharField()
    hours = StripHourSerializer(many=True)
    total = StripTotalsSerializer()


class WeekDaySerializer(StripTotalsSerializer):
    date = serializers.DateField()


class BeforeSerializer(serializers.Serializer[Any]):
    weeks = serializers.IntegerField(help_text="of the eight before, those with ten minutes of known posture or more")
    desk_s = serializers.FloatField(allow_null=True, help_text="the median of those weeks; null if there are none")
    good_share = serializers.FloatField(allow_null=True, help_text="likewise")
    neck_per_hour = serializers.FloatField(allow_null=True, help_text="likewise")


class WeekSerializer(serializers.Serializer[Any]):
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    time_zone = serializers.CharField()
    days = WeekDaySerializer(many=True, help_text="those with a session")
    total = StripTotalsSerializer()
    before = BeforeSerializer()


class ThisWeekSerializer(serializers.Serializer[Any]):
    good_share = serializers.FloatField(allow_null=True, help_text="null below ten minutes of known posture")
    is_reached = serializers.BooleanField(help_text="so far")


class GoalSerializer(serializers.Serializer[Any]):
    good_share = serializers.FloatField(
        allow_null=True, min_value=MIN_GOAL, max_value=1.0, help_text="of the time with known posture; null: no goal"
    )
    this_week = ThisWeekSerializer(read_only=True)
    median_good_share = serializers.FloatField(
        read_only=True, allow_null=True, help_text="of the user's own eight weeks before this one"
    )
    streak_weeks = serializers.IntegerField(read_only=True)


class InsightSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=[(kind, kind) for kind in get_args(Kind)])
    effect = serializers.FloatField(
        help_text="how the share of good posture differs; positive is better. mostly: the share of bad posture of "
        "this fault. blinks_fall_after: blinks a minute"
    )
    low = serializers.FloatField(help_text="the true effect is between low and high at least 99 times in 100")
    high = serializers.FloatField()
    days = serializers.IntegerField(help_text="on how many days it rests")
    hour = serializers.IntegerField(allow_null=True, help_text="after which it is so")
    breaks = serializers.IntegerField(allow_null=True, help_text="breaks_help: so many before the hour, or more")
    fault = serializers.ChoiceField(choices=[(name, name) for name in DIRECTIONS], allow_null=True)


class InsightsSerializer(serializers.Serializer[Any]):
    first_day = serializers.DateField()
    last_day = serializers.DateField(help_text="yesterday: today is not over")
    insights = InsightSerializer(many=True, help_text="the most useful first; none if nothing is certain enough")
    goal = GoalSerializer()
