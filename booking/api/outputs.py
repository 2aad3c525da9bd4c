"""The shapes of answers, for the OpenAPI schema alone.

Some fields of answers bear names that serializers use themselves; DRF takes them out of the class, which
mypy does not know."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from booking import wishes
from booking.api.inputs import CHANNELS, OWN_CHANNELS
from booking.models import HourCycle, Mode, Proposal, Status
from payments.models import BUCKETS, Charge

Shape = serializers.Serializer[Any]


def mail_trouble() -> serializers.ChoiceField:
    return serializers.ChoiceField(
        ["bounced", "complained"],
        allow_null=True,
        help_text="Mails to the client's address come back, or were marked as unwanted.",
    )


ZONED = "On the client's clocks, with their offset."

CHARGE_KINDS, CHARGE_STATES = Charge.Kind.choices, Charge.State.choices


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
    health = serializers.BooleanField(help_text="Asks about health: an answer needs `consent`.")


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
    confirm_by_mail = serializers.BooleanField(
        help_text="A booking is held for half an hour until its client says yes by the link in a mail."
    )
    policy_version = serializers.CharField(help_text="Send it along when booking.")
    about = serializers.CharField(help_text="What it is, in the asked language; may be empty.")
    policy_text = serializers.CharField()
    card_consent = serializers.CharField(
        allow_null=True, help_text="The words to agree to with `save_card`; null where no card is asked for."
    )


class OfferedChannelOutput(Shape):
    channel = serializers.ChoiceField(CHANNELS)
    name = serializers.CharField()
    consent = serializers.CharField(help_text="The words to agree to with `channels` when booking.")


class ProviderOutput(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()
    about = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    timezone = serializers.CharField()
    currency = serializers.CharField()
    language = serializers.CharField()
    hour_cycle = serializers.ChoiceField(
        HourCycle.choices, help_text="How times are written for who names no region."
    )
    places = serializers.DictField()
    channels = OfferedChannelOutput(
        many=True, help_text="Ways beside e-mail by which clients may be reminded."
    )
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
    waits_for = serializers.ChoiceField(
        ["answer", "mail", "deposit"],
        allow_null=True,
        help_text="What has to happen before it stands: the provider's `answer`, the `mail` to the client to be answered, "
        "the `deposit` to be paid. Null where nothing has to.",
    )
    hold_expires_at = serializers.DateTimeField(allow_null=True)
    manage_url = serializers.CharField()


class OccurrenceOutput(Shape):
    """One of a series: what would be booked, or why that cannot be."""

    wished = serializers.DateTimeField()
    start = serializers.DateTimeField(allow_null=True)
    code = serializers.CharField(
        allow_null=True, help_text="Why it cannot be had; as `errors.start` of a booking."
    )
    text = serializers.CharField(
        allow_null=True, help_text="That in words, or what a clock change does to it."
    )
    alternatives = serializers.ListField(child=serializers.DateTimeField())


class LookedAtOutput(Shape):
    occurrences = OccurrenceOutput(many=True)
    price = MoneyOutput(help_text="Of all that can be had.")
    deposit = MoneyOutput(help_text="Of all that can be had: one payment.")
    policy_version = serializers.CharField()


class SeriesOutput(Shape):
    appointments = BookedOutput(many=True)
    price = MoneyOutput()
    deposit = MoneyOutput(help_text="Of all: one payment.")
    pay_url = serializers.CharField(allow_null=True)


class ChargeOutput(Shape):
    """What is owed beyond the deposit: a fee by the terms, the balance of the price, something other."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(CHARGE_KINDS)
    description = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(CHARGE_STATES)
    amount = MoneyOutput()
    waived = MoneyOutput()
    paid = MoneyOutput()
    refunded = MoneyOutput()
    owed = MoneyOutput()
    created_at = serializers.DateTimeField()


class SettlementOutput(Shape):
    due_at = serializers.DateTimeField()
    forfeit = MoneyOutput()
    fee = MoneyOutput()


class PendingMoveOutput(Shape):
    start = serializers.DateTimeField(help_text=ZONED)
    hold_expires_at = serializers.DateTimeField()


class ProposalOutput(Shape):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(Proposal.State.choices)
    starts = serializers.ListField(child=serializers.DateTimeField(), help_text=ZONED)
    expires_at = serializers.DateTimeField(help_text="Until then they are held.")
    note = serializers.CharField(allow_blank=True)
    chosen = serializers.DateTimeField(allow_null=True, help_text="The one that was accepted.")


class PreferencesOutput(Shape):
    days = serializers.ListField(child=serializers.ChoiceField(wishes.DAYS), help_text="Empty: any.")
    parts = serializers.ListField(child=serializers.ChoiceField(wishes.PARTS), help_text="Empty: any.")
    modes = serializers.ListField(child=serializers.ChoiceField(wishes.MODES), help_text="Empty: any.")


class AgreementOutput(Shape):
    policy_version = serializers.CharField()
    sha256 = serializers.CharField()
    agreed_at = serializers.DateTimeField()
    language = serializers.CharField()
    text = serializers.CharField()


class HealthConsentOutput(Shape):
    text = serializers.CharField()
    sha256 = serializers.CharField()
    given_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class AppointmentOutput(BookedOutput):
    original_start = serializers.DateTimeField(help_text=ZONED)
    deposit_state = DepositStateOutput()
    owed = MoneyOutput(help_text="`pay_url` leads to where it is paid.")
    charges = ChargeOutput(many=True)
    settlement = SettlementOutput(allow_null=True)
    pending_move = PendingMoveOutput(allow_null=True)
    proposal = ProposalOutput(allow_null=True, help_text="The times that the provider proposed last.")
    urgent = serializers.CharField(allow_null=True, help_text="Why it is urgent, if it is.")
    agreement = AgreementOutput(allow_null=True)
    health_consent = HealthConsentOutput(
        allow_null=True, help_text="To answers about health; null where none were given."
    )


class EventOutput(Shape):
    kind = serializers.CharField()
    at = serializers.DateTimeField()


class LineOutput(EventOutput):
    text = serializers.CharField()


class ChannelOutput(Shape):
    channel = serializers.ChoiceField(OWN_CHANNELS)
    given = serializers.BooleanField(help_text="Whether the client agrees to it.")
    consent = serializers.CharField(allow_blank=True, help_text="The words of it.")


class ChannelsOutput(Shape):
    phone = serializers.CharField(allow_blank=True)
    channels = ChannelOutput(many=True)


class AskedAddressOutput(Shape):
    email = serializers.CharField()
    confirm_until = serializers.DateTimeField(
        help_text="Until then the mail that went there can be confirmed."
    )


class SaidOutput(Shape):
    detail = serializers.CharField(help_text="The same for every address.")


class SharedNoteOutput(Shape):
    """What the provider wrote for the client to read."""

    id = serializers.UUIDField()
    text = serializers.CharField(help_text="Plain text.")
    from_ = serializers.CharField(help_text="Who wrote it.")
    shared_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


class FullAppointmentOutput(AppointmentOutput):
    events = EventOutput(many=True)
    timeline = LineOutput(many=True)
    shared_notes = SharedNoteOutput(many=True, help_text="What the provider wrote for the client to read.")
    channels = ChannelOutput(many=True, help_text="By which ways the client is reminded, beside e-mail.")
    mail_trouble = mail_trouble()


class CostOfferOutput(Shape):
    words = serializers.CharField(allow_blank=True)
    service = serializers.CharField(allow_null=True, help_text="The `slug` of a service that costs less.")
    name = serializers.CharField(allow_blank=True)
    price = MoneyOutput(allow_null=True)


class SeveralOutput(Shape):
    appointments = BookedOutput(many=True)


class QuotedDateOutput(Shape):
    id = serializers.UUIDField()
    start = serializers.DateTimeField()
    deposit = amounts("QuotedDateDepositOutput", "refund", "carry", "forfeit")()
    fee = MoneyOutput()
    late = serializers.BooleanField()
    carry_until = serializers.DateTimeField(allow_null=True)
    text = serializers.CharField(allow_blank=True)


class RestQuoteOutput(Shape):
    appointments = QuotedDateOutput(many=True, help_text="Those that would be cancelled, in order.")
    deposit = amounts("QuotedRestDepositOutput", "refund", "carry", "forfeit")()
    fee = MoneyOutput()
    valid_until = serializers.DateTimeField(allow_null=True)
    quote = serializers.CharField(help_text="Send it along with the act.")


class CancelledOutput(AppointmentOutput):
    offers = serializers.ListField(
        child=serializers.DateTimeField(), help_text="Up to three times to go on with."
    )
    offers_suit = serializers.CharField(
        allow_blank=True, help_text="`all`, `some` or `none` of them suit the client's preferences."
    )
    cost_offer = CostOfferOutput(allow_null=True, help_text="After the reason `cost`, where there is one.")


class MovedOutput(AppointmentOutput):
    moved = serializers.BooleanField(help_text="False while the new time waits for its deposit (`pay_url`).")


class AlternativeMoveOutput(Shape):
    start = serializers.DateTimeField(help_text=ZONED)
    cost = MoneyOutput()
    text = serializers.CharField()
    quote = serializers.CharField(help_text="For `move/`.")


class UrgentOutput(Shape):
    reason = serializers.CharField()
    modes = serializers.ListField(
        child=serializers.ChoiceField(Mode.choices), help_text="For `mode/`, which costs nothing."
    )
    alternatives = AlternativeMoveOutput(many=True)


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
    code = serializers.CharField(allow_null=True, help_text="Why it is not allowed, as `slot_taken`.")
    alternatives = serializers.ListField(
        child=serializers.DateTimeField(),
        required=False,
        help_text="Where the start of a move cannot be had: up to three others.",
    )
    urgent = UrgentOutput(
        required=False,
        allow_null=True,
        help_text="On a late cancel of an urgent appointment: what to ask before it is final. It blocks nothing.",
    )
    quote = serializers.CharField(help_text="Send it along with the act.")
