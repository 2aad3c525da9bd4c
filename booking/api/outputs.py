"""The shapes of answers, for the OpenAPI schema alone.

Some fields of answers bear names that serializers use themselves; DRF takes them out of the class, which
mypy does not know."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from booking.models import Mode, Status
from payments.models import BUCKETS

Shape = serializers.Serializer[Any]
ZONED = "On the client's clocks, with their offset."


class MoneyOutput(Shape):
    amount = serializers.IntegerField(help_text="In minor units.")
    currency = serializers.CharField()


class TaxOutput(Shape):
    rate = serializers.CharField(help_text="A percentage, as `22` or `5.5`.")
    name = serializers.CharField(
        allow_blank=True, help_text="What the provider's country calls it, as `VAT`."
    )
    amount = MoneyOutput(help_text="What the sum includes of it.")


def amounts(name: str, *names: str) -> type[Shape]:
    return type(name, (Shape,), {one: MoneyOutput() for one in names})


DepositStateOutput = amounts("DepositStateOutput", *BUCKETS)


class ProblemOutput(Shape):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(allow_blank=True)
    code = serializers.CharField(help_text="Never changes; for machines.")
    errors = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="A code for each wrong field, in the shape of the body."
    )
    messages = serializers.DictField(required=False, help_text="What would be right, likewise.")
    alternatives = serializers.ListField(
        child=serializers.DateTimeField(),
        required=False,
        help_text="With `slot_taken`: up to three other starts.",
    )


class QuestionOutput(Shape):
    id = serializers.CharField()
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    kind = serializers.ChoiceField(["text", "choice", "yes_no"])
    choices = serializers.ListField(child=serializers.CharField())
    required = serializers.BooleanField()  # type: ignore[assignment]


class ServiceOutput(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    price = MoneyOutput()
    tax = TaxOutput(allow_null=True, help_text="What the price includes.")
    deposit = MoneyOutput()
    modes = serializers.ListField(child=serializers.ChoiceField(Mode.choices))
    questions = QuestionOutput(many=True)
    approval = serializers.BooleanField()
    policy_version = serializers.CharField(help_text="Send it along when booking.")
    policy_text = serializers.CharField()


class ProviderOutput(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()
    about = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    timezone = serializers.CharField()
    currency = serializers.CharField()
    language = serializers.CharField()
    places = serializers.DictField()
    services = ServiceOutput(many=True)


class SlotsOutput(Shape):
    provider = serializers.CharField()
    service = serializers.CharField()
    timezone = serializers.CharField()
    duration_minutes = serializers.IntegerField()
    days = serializers.DictField(
        child=serializers.ListField(child=serializers.DateTimeField()),
        help_text="Days without a start are left out.",
    )


class BookedOutput(Shape):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(Status.choices)
    provider = serializers.CharField()
    service = serializers.CharField()
    start = serializers.DateTimeField(help_text=ZONED)
    end = serializers.DateTimeField(help_text=ZONED)
    timezone = serializers.CharField()
    mode = serializers.ChoiceField(Mode.choices)
    price = MoneyOutput()
    tax = TaxOutput(allow_null=True, help_text="What the price includes.")
    deposit = MoneyOutput()
    pay_url = serializers.CharField(allow_null=True)
    hold_expires_at = serializers.DateTimeField(allow_null=True)
    manage_url = serializers.CharField()


class SettlementOutput(Shape):
    due_at = serializers.DateTimeField()
    forfeit = MoneyOutput()
    fee = MoneyOutput()


class PendingMoveOutput(Shape):
    start = serializers.DateTimeField(help_text=ZONED)
    hold_expires_at = serializers.DateTimeField()


class AgreementOutput(Shape):
    policy_version = serializers.CharField()
    sha256 = serializers.CharField()
    agreed_at = serializers.DateTimeField()
    language = serializers.CharField()
    text = serializers.CharField()


class AppointmentOutput(BookedOutput):
    original_start = serializers.DateTimeField(help_text=ZONED)
    deposit_state = DepositStateOutput()
    owed = MoneyOutput()
    settlement = SettlementOutput(allow_null=True)
    pending_move = PendingMoveOutput(allow_null=True)
    agreement = AgreementOutput(allow_null=True)


class EventOutput(Shape):
    kind = serializers.CharField()
    at = serializers.DateTimeField()


class LineOutput(EventOutput):
    text = serializers.CharField()


class FullAppointmentOutput(AppointmentOutput):
    events = EventOutput(many=True)
    timeline = LineOutput(many=True)


class CancelledOutput(AppointmentOutput):
    offers = serializers.ListField(
        child=serializers.DateTimeField(), help_text="Up to three times to go on with."
    )


class MovedOutput(AppointmentOutput):
    moved = serializers.BooleanField(help_text="False while the new time waits for its deposit (`pay_url`).")


class QuoteOutput(Shape):
    act = serializers.ChoiceField(["cancel", "move"])
    allowed = serializers.BooleanField()
    deposit = amounts("QuotedDepositOutput", "refund", "carry", "forfeit")()
    fee = MoneyOutput()
    tax = TaxOutput(
        allow_null=True, help_text="In what it costs, where the provider taxes what a client loses."
    )
    carry_until = serializers.DateTimeField(allow_null=True)
    free_until = serializers.DateTimeField(allow_null=True)
    valid_until = serializers.DateTimeField(allow_null=True)
    text = serializers.CharField(allow_blank=True)
    quote = serializers.CharField(help_text="Send it along with the act.")
