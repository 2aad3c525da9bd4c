"""The words of the OpenAPI schema for the figures of the reports."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers

from booking.api.outputs import MoneyOutput, Shape
from booking.api.schema import described, query
from booking.api.schema_desk import READS
from booking.insights import LEAD_NAMES


class CountsOutput(Shape):
    """Each appointment once, by how it ended."""

    booked = serializers.IntegerField(
        help_text="Once confirmed, whatever became of them: the sum of all but `due`."
    )
    due = serializers.IntegerField(help_text="`kept` + `no_show` + `late_cancel`.")
    kept = serializers.IntegerField()
    no_show = serializers.IntegerField(help_text="Missed, and not excused.")
    late_cancel = serializers.IntegerField(help_text="Cancelled late by the client, and not excused.")
    excused = serializers.IntegerField(help_text="Missed or cancelled late, and excused.")
    in_time = serializers.IntegerField(help_text="Cancelled by the client otherwise.")
    by_provider = serializers.IntegerField(help_text="Cancelled by the provider.")
    open = serializers.IntegerField(help_text="Still to come, or not marked yet.")
    show_rate = serializers.FloatField(
        allow_null=True, help_text="`kept` of `due`, 0 to 1; null where none was due."
    )


class _FromOutput(CountsOutput):
    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(help_text="A first day.")} | super().get_fields()


class StepCountsOutput(_FromOutput):
    """One step; its first day may lie before the first day asked for."""


class BeforeCountsOutput(_FromOutput):
    """The time before."""

    to = serializers.DateField()


class WeekdayCountsOutput(CountsOutput):
    weekday = serializers.CharField(help_text="`mon` to `sun`.")


class LeadCountsOutput(CountsOutput):
    booked_ahead = serializers.ChoiceField(
        choices=LEAD_NAMES, help_text="How long before the start it was booked."
    )


class ServiceCountsOutput(CountsOutput):
    service = serializers.CharField(help_text="Its `slug`.")


class CauseOutput(Shape):
    kind = serializers.ChoiceField(choices=["no_show", "late_cancel", "late_move"])
    reason = serializers.CharField(allow_null=True, help_text="What the client told; null: nothing.")
    counting = serializers.IntegerField()
    excused = serializers.IntegerField()


def _reasons(words: str) -> serializers.DictField:
    return serializers.DictField(child=MoneyOutput(), help_text=words)


class InsightMoneyOutput(Shape):
    """`paid` is the sum of `applied` to `disputed`."""

    currency = serializers.CharField()
    paid = MoneyOutput(help_text="Paid ahead for these appointments, with a credit too.")
    from_credit = MoneyOutput(help_text="Of it with a credit.")
    applied = MoneyOutput()
    kept = MoneyOutput(help_text="Forfeited, without what was given back later.")
    returned = MoneyOutput()
    carried = MoneyOutput()
    held = MoneyOutput()
    disputed = MoneyOutput()
    returned_for = _reasons("The parts of `returned` by reason; a refund that failed is below nothing.")
    fees_asked = MoneyOutput()
    fees_paid = MoneyOutput()
    fees_waived = MoneyOutput()
    forgiven = MoneyOutput(help_text="By exceptions: given back, or no longer asked.")
    exceptions = serializers.IntegerField()
    forgiven_for = _reasons("The parts of `forgiven` by reason.")


class RemindersOutput(Shape):
    """No experiment: who was not reminded mostly booked at the last moment."""

    reminded = CountsOutput(help_text="A reminder of this start was sent before it.")
    not_reminded = CountsOutput()
    said_yes = CountsOutput(help_text="Of those reminded: the client said *I'll be there* after it.")
    freed = serializers.IntegerField(help_text="Of those reminded: cancelled in time after it.")
    enough_to_compare = serializers.BooleanField(help_text="20 or more were due on either side.")


class InsightsOutput(Shape):
    to = serializers.DateField()
    timezone = serializers.CharField()
    service = serializers.CharField(allow_null=True)
    appointments = CountsOutput()
    before = BeforeCountsOutput(help_text="As many days before; of whole months as many months.")
    step = serializers.ChoiceField(choices=["week", "month", "year"])
    over_time = StepCountsOutput(many=True)
    by_weekday = WeekdayCountsOutput(many=True)
    by_lead_time = LeadCountsOutput(many=True)
    by_service = ServiceCountsOutput(many=True)
    lapses = CauseOutput(many=True)
    price_of_lapses = MoneyOutput(many=True, help_text="Of what was missed or cancelled late, by currency.")
    money = InsightMoneyOutput(
        many=True, help_text="By currency, of these appointments on whatever day it moved."
    )
    reminders = RemindersOutput()

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField()} | super().get_fields()


insights = described(
    "Show rate, lapses and money of the appointments that start on some days of the provider's calendar.",
    InsightsOutput,
    no=READS,
    parameters=(
        query("from", OpenApiTypes.DATE, "The first day.", required=True),
        query("to", OpenApiTypes.DATE, "The last day.", required=True),
        query("service", str, "The `slug` of a service."),
    ),
    tag="desk",
)
