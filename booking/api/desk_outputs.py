"""The shapes of the provider's side, for the OpenAPI schema alone."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from booking.api.desk_inputs import ANSWERS
from booking.api.outputs import (
    AgreementOutput,
    ChargeOutput,
    DepositStateOutput,
    EventOutput,
    HealthConsentOutput,
    MoneyOutput,
    PendingMoveOutput,
    PreferencesOutput,
    ProposalOutput,
    SettlementOutput,
    Shape,
    SharedNoteOutput,
    TaxOutput,
    mail_trouble,
)
from booking.lifecycle.concerns import CAUSES, DECISIONS
from booking.models import HourCycle, Mode, Status, WebhookDelivery
from booking.outgoing import EVENTS, TEST
from payments.models import Paper, Payment, Refund, Repayment

DELIVERY_STATES = WebhookDelivery.State.choices
PAYMENT_STATES = Payment.State.choices
PAYMENT_METHODS = Payment.Method.choices


class ClientOutput(Shape):
    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField(allow_blank=True)
    language = serializers.CharField()
    hour_cycle = serializers.ChoiceField(HourCycle.choices)
    timezone = serializers.CharField()
    blocked = serializers.BooleanField()
    erased_at = serializers.DateTimeField(
        allow_null=True, help_text="Since then the client is a number, and no person."
    )
    merged_into = serializers.UUIDField(
        allow_null=True, help_text="The `id` of the client that has all of it now."
    )
    preferences = PreferencesOutput()
    mail_trouble = mail_trouble()


class ConcernOutput(Shape):
    id = serializers.UUIDField()
    client = serializers.UUIDField()
    pattern = serializers.ChoiceField(list(DECISIONS))
    suggestion = serializers.CharField(help_text="What the pattern suggests; nothing follows by itself.")
    state = serializers.ChoiceField(["open", "decided"])
    answers = serializers.ListField(
        child=serializers.ChoiceField(ANSWERS),
        help_text="Those that `decide/` takes; empty once it is answered.",
    )
    decision = serializers.ChoiceField(ANSWERS, allow_null=True)
    reason = serializers.ChoiceField(
        CAUSES, allow_null=True, help_text="What it was, where the client said so."
    )
    note = serializers.CharField(allow_blank=True)
    raised_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class DeskRowOutput(Shape):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(Status.choices)
    service = serializers.CharField()
    start = serializers.DateTimeField(help_text="On the provider's clocks.")
    end = serializers.DateTimeField(help_text="On the provider's clocks.")
    mode = serializers.ChoiceField(Mode.choices)
    price = MoneyOutput()
    tax = TaxOutput(allow_null=True, help_text="What the price includes.")
    deposit = MoneyOutput()
    waits_for = serializers.ChoiceField(["answer", "mail", "deposit"], allow_null=True)
    hold_expires_at = serializers.DateTimeField(allow_null=True)
    client = ClientOutput()
    timezone = serializers.CharField(help_text="The client's.")
    language = serializers.CharField()
    hour_cycle = serializers.ChoiceField(HourCycle.choices, help_text="How times are written for the client.")
    needs_help_at = serializers.DateTimeField(
        allow_null=True,
        help_text="Since when the client needs help with the video call; null where nobody asks.",
    )
    answers = serializers.DictField()
    created_at = serializers.DateTimeField()


class DeskEventOutput(EventOutput):
    by = serializers.CharField()
    facts = serializers.DictField()


class DeskAppointmentOutput(DeskRowOutput):
    original_start = serializers.DateTimeField()
    deposit_state = DepositStateOutput()
    owed = MoneyOutput()
    charges = ChargeOutput(many=True)
    settlement = SettlementOutput(allow_null=True)
    pending_move = PendingMoveOutput(allow_null=True)
    proposal = ProposalOutput(allow_null=True)
    urgent = serializers.CharField(allow_null=True)
    agreement = AgreementOutput(allow_null=True)
    health_consent = HealthConsentOutput(allow_null=True)
    shared_notes = SharedNoteOutput(many=True, help_text="What the client reads on the appointment's page.")
    allowed = serializers.ListField(child=serializers.CharField(), help_text="The acts that fit now.")
    events = DeskEventOutput(many=True)
    offers = serializers.ListField(
        child=serializers.DateTimeField(),
        required=False,
        help_text="After a cancel: times the client was offered.",
    )


class RefundOutput(Shape):
    id = serializers.UUIDField()
    amount = MoneyOutput()
    state = serializers.ChoiceField(Refund.State.choices)
    reason = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    failure = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)


class RepaymentOutput(Shape):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(Repayment.State.choices)
    deposit = serializers.UUIDField(allow_null=True)
    charge = serializers.UUIDField(allow_null=True)
    amount = MoneyOutput()
    reason = serializers.CharField()
    asked_by = serializers.CharField(allow_blank=True)
    asked_at = serializers.DateTimeField()
    decided_by = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_blank=True)

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"as": serializers.CharField(help_text="`card`, `credit` or `hand`.")}


class EntryOutput(Shape):
    source = serializers.CharField(help_text="`outside` is the client's pocket.")  # type: ignore[assignment]
    target = serializers.CharField()
    amount = MoneyOutput()
    reason = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField()


class DepositOutput(Shape):
    id = serializers.UUIDField()
    appointment = serializers.UUIDField()
    current = serializers.BooleanField()
    asked = MoneyOutput()
    paid = MoneyOutput()
    amounts = DepositStateOutput()
    due_at = serializers.DateTimeField(
        allow_null=True, help_text="When what the client loses of it is settled."
    )
    refunds = RefundOutput(many=True)
    entries = EntryOutput(many=True)
    created_at = serializers.DateTimeField()


class PaymentOutput(Shape):
    id = serializers.UUIDField()
    amount = MoneyOutput()
    state = serializers.ChoiceField(PAYMENT_STATES)
    method = serializers.ChoiceField(PAYMENT_METHODS)
    reference = serializers.CharField(allow_blank=True)
    received_on = serializers.DateField(allow_null=True, help_text="Of a payment by hand.")
    paid_at = serializers.DateTimeField(allow_null=True)


class UndoneOutput(PaymentOutput):
    deposit = serializers.UUIDField(allow_null=True)
    charge = serializers.UUIDField(allow_null=True)


class PaperOutput(Shape):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Paper.Kind.choices)
    number = serializers.CharField()
    follows = serializers.CharField(allow_null=True, help_text="The number of the paper that it follows.")
    amount = MoneyOutput()
    tax = TaxOutput(allow_null=True, help_text="Within the amount.")
    client = serializers.UUIDField()
    appointment = serializers.UUIDField()
    payment = serializers.UUIDField()
    refund = serializers.UUIDField(allow_null=True)
    language = serializers.CharField()
    issued_at = serializers.DateTimeField()


class MonthOutput(Shape):
    month = serializers.CharField(help_text="As 2027-03.")


class StatementsOutput(Shape):
    results = MonthOutput(many=True)


class BalancesOutput(Shape):
    paid_ahead = MoneyOutput()
    owed = MoneyOutput()


class TaxLineOutput(Shape):
    rate = serializers.CharField(allow_null=True, help_text="In percent; null: no tax.")
    net = MoneyOutput()
    tax = MoneyOutput()
    gross = MoneyOutput()


class WayOutput(Shape):
    method = serializers.CharField(help_text="`card`, `cash`, `transfer` or `other`.")
    account = serializers.CharField(
        allow_blank=True, help_text="The connected Stripe account; empty: the installation's own, or by hand."
    )
    paid = MoneyOutput()
    given_back = MoneyOutput()
    disputed = MoneyOutput()
    platform_fee = MoneyOutput(help_text="What the installation kept of it.")
    stays = MoneyOutput(help_text="`paid` less the others, before Stripe's own charges.")


class StatementOutput(Shape):
    month = serializers.CharField()
    client = serializers.UUIDField(allow_null=True)
    opening = BalancesOutput()
    closing = BalancesOutput()
    sums = serializers.DictField(child=MoneyOutput(), help_text="By what happened: `paid`, `given_back`, …")
    ways = WayOutput(many=True, help_text="By method and account.")
    taxes = TaxLineOutput(many=True)


class DeskChargeOutput(ChargeOutput):
    appointment = serializers.UUIDField()
    client = serializers.UUIDField()
    payments = PaymentOutput(many=True)
    refunds = RefundOutput(many=True)
    entries = EntryOutput(many=True)


class ServiceInput(Shape):
    name = serializers.DictField(child=serializers.CharField(), help_text="By language.")
    about = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="Text of the booking page, by language."
    )
    hidden = serializers.BooleanField(
        required=False, help_text="Not shown to clients and not booked; false when left out."
    )
    duration_minutes = serializers.IntegerField()
    buffer_before_minutes = serializers.IntegerField()
    buffer_after_minutes = serializers.IntegerField()
    slot_interval_minutes = serializers.IntegerField()
    min_notice_minutes = serializers.IntegerField()
    horizon_days = serializers.IntegerField()
    price = MoneyOutput()
    modes = serializers.ListField(child=serializers.ChoiceField(Mode.choices))
    policy = serializers.CharField(help_text="Its name.")
    approval = serializers.BooleanField()
    series_most = serializers.IntegerField(
        required=False,
        help_text="How many may be booked in one go, week after week: 2 to 52; 0 or left out: one by one. Not with "
        "`approval`.",
    )
    confirm_by_mail = serializers.BooleanField(
        required=False,
        help_text="Where no deposit is asked, a booking is held for half an hour until its client says yes by the link in "
        "a mail. Not with `approval`.",
    )
    limits = serializers.DictField(
        child=serializers.IntegerField(),
        required=False,
        help_text="How many of it clients may book: `per_day`, `per_week`; what is left out is no limit, and so are "
        "`limits` left out.",
    )
    questions = serializers.ListField(child=serializers.DictField())
    tax_percent = serializers.FloatField(
        required=False, help_text="What the price includes; left out: it bears no tax."
    )


class DeskServiceOutput(ServiceInput):
    id = serializers.UUIDField()
    slug = serializers.CharField()


class HoursInput(Shape):
    hours = serializers.ListField(child=serializers.DictField(), help_text="`weekday`, `from`, `to`.")
    overrides = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="`on` with `closed`, or with `from` and `to`.",
    )


class HoursOutput(HoursInput):
    timezone = serializers.CharField()


class TimeOffOutput(Shape):
    id = serializers.UUIDField()
    from_ = serializers.DateTimeField(help_text="On the provider's clocks.")
    until = serializers.DateTimeField()
    title = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


class EndpointOutput(Shape):
    id = serializers.UUIDField()
    url = serializers.CharField()
    events = serializers.ListField(
        child=serializers.ChoiceField(EVENTS), help_text="What it is told of; empty: everything."
    )
    on = serializers.BooleanField(help_text="Nothing is sent to one that is switched off.")
    off_at = serializers.DateTimeField(allow_null=True)
    failing_since = serializers.DateTimeField(
        allow_null=True,
        help_text="The first failure since the last success; after three days it is switched off.",
    )
    old_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="Until then the secret before the present one signs, too."
    )
    created_at = serializers.DateTimeField()


class EndpointSecretOutput(EndpointOutput):
    secret = serializers.CharField(help_text="`whsec_…`; shown this once.")


class DeliveryOutput(Shape):
    id = serializers.UUIDField()
    webhook_id = serializers.CharField(help_text="The header `webhook-id`, the same each time it is sent.")
    event = serializers.ChoiceField([*EVENTS, TEST])
    about = serializers.UUIDField(allow_null=True, help_text="The `id` of the appointment or the deposit.")
    at = serializers.DateTimeField(help_text="When it happened.")
    state = serializers.ChoiceField(DELIVERY_STATES)
    attempts = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True, help_text="What was answered last.")
    trouble = serializers.CharField(
        allow_null=True, help_text="Why nothing good was: `no_answer`, `not_public`, …"
    )
    tried_at = serializers.DateTimeField(allow_null=True)
    next_at = serializers.DateTimeField(allow_null=True)


class TermsInput(Shape):
    """The terms as in the provider's file; a fixed deposit's `amount` is money."""

    deposit = serializers.DictField()
    windows = serializers.ListField(child=serializers.DictField())
    carry_days = serializers.IntegerField()
    carry_unused = serializers.CharField()
    max_moves = serializers.IntegerField()
    regret_minutes = serializers.IntegerField()
    grace_minutes = serializers.IntegerField()
    no_show = serializers.DictField()
    auto_no_show = serializers.CharField()
    settle_after_hours = serializers.FloatField()
    forgive = serializers.DictField()
    note = serializers.DictField(required=False, help_text="By language.")


class VersionOutput(Shape):
    number = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class PolicyOutput(TermsInput):
    id = serializers.UUIDField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    versions = VersionOutput(many=True)
