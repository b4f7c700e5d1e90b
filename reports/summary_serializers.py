"""The answer of a summary, for the documentation: views.py makes it."""

from typing import Any

from rest_framework import serializers

from reports.serializers import BlinkRateSerializer


class TotalsSerializer(serializers.Serializer[Any]):
    sessions = serializers.IntegerField()
    active_s = serializers.FloatField(help_text="seconds at the desk")
    good_share = serializers.FloatField(allow_null=True, help_text="of the time with known posture; 0 to 1")
    neck = serializers.IntegerField()
    neck_per_hour = serializers.FloatField(
        allow_null=True, help_text="neck alarms in an hour at the desk; null below ten minutes there"
    )
    blinks = serializers.IntegerField()
    blink_rate = BlinkRateSerializer(allow_null=True)
    stretches = serializers.IntegerField()
    rests = serializers.IntegerField()
    wrong_alarms = serializers.IntegerField(help_text="alarms that the user told were wrong")
    wrong_alarms_per_8_h = serializers.FloatField(
        allow_null=True, help_text="of those, in eight hours at the desk; null below ten minutes there"
    )


class BucketSerializer(TotalsSerializer):
    first_day = serializers.DateField()


class TrendSerializer(serializers.Serializer[Any]):
    direction = serializers.ChoiceField(
        choices=["rising", "falling", "level"],
        allow_null=True,
        help_text="level if it may be chance; null if there is too little data",
    )
    reason = serializers.ChoiceField(
        choices=["too_few_buckets"], allow_null=True, help_text="why there is no direction"
    )
    buckets = serializers.IntegerField(help_text="number of buckets with enough data")
    needed = serializers.IntegerField(help_text="number of buckets needed for a trend")


class TrendsSerializer(serializers.Serializer[Any]):
    good_share = TrendSerializer()
    blink_rate = TrendSerializer()


class SummarySerializer(serializers.Serializer[Any]):
    bucket = serializers.ChoiceField(choices=["day", "week", "month"])
    time_zone = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    buckets = BucketSerializer(many=True)
    total = TotalsSerializer()
    median_good_share = serializers.FloatField(
        allow_null=True,
        help_text="of the buckets with ten minutes of known posture or more; null without such a bucket",
    )
    trends = TrendsSerializer()
