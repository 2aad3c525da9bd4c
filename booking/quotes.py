"""What an act would cost: the one answer behind the page, the mail, the API and the act itself.

A quote carries a token made from its outcome. Whoever acts sends the token back; the story asks for
the quote again under lock and goes on only when it is still the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from booking import included_tax
from booking.models import Appointment, Lapse, Service
from config import as_json
from payments.models import Deposit
from policies import wording
from policies.models import PolicyVersion
from policies.rules import cancellation, card, deposit, moves, no_show
from policies.rules import terms as rules_terms
from policies.rules.cancellation import Outcome, Standing
from policies.rules.notice import effective_notice
from policies.rules.tax import Tax
from policies.rules.terms import Terms


@dataclass(frozen=True)
class Offer:
    """A service's price and terms as they stand now; ``version`` is what the client agrees to."""

    policy_version: PolicyVersion
    terms: Terms
    price: int
    deposit: int
    currency: str
    version: str
    tax: Tax | None = None


@dataclass(frozen=True)
class Quote:
    """What ``act`` does to the money now. ``token`` is to be sent back with the act."""

    appointment: Appointment
    outcome: Outcome
    start: datetime | None
    token: str

    @property
    def text(self) -> str:
        return wording.quote_text(
            self.outcome,
            currency=self.appointment.currency,
            zone=self.appointment.clock,
            language=get_language() or "en",
            new_start=self.start,
            tax=self.tax,
        )

    @property
    def tax(self) -> Tax | None:
        """What the cost of it bears: nothing, unless the provider taxes what a client loses."""
        return included_tax.of_loss(self.appointment)

    def as_json(self) -> dict[str, Any]:
        """The shape of the contract, money as objects, instants as ISO."""
        outcome, currency = self.outcome, self.appointment.currency
        return {
            "act": outcome.act,
            "allowed": outcome.allowed,
            "code": outcome.refusal or None,
            "deposit": {
                "refund": as_json.money(outcome.refund, currency),
                "carry": as_json.money(outcome.carry, currency),
                "forfeit": as_json.money(outcome.forfeit, currency),
            },
            "fee": as_json.money(outcome.fee, currency),
            "tax": included_tax.within(self.tax, outcome.cost, currency),
            "late": outcome.late,
            "new_deposit": outcome.new_deposit,
            "cheaper": outcome.cheaper or None,
            "carry_until": as_json.instant(outcome.carry_until),
            "free_until": as_json.instant(outcome.free_until),
            "valid_until": as_json.instant(outcome.valid_until),
            "text": self.text,
            "quote": self.token,
        }


def terms_of(version: PolicyVersion) -> Terms:
    return rules_terms.read(version.terms)


def terms(appointment: Appointment) -> Terms:
    return terms_of(appointment.policy_version)


def offer(service: Service) -> Offer:
    """Price, deposit and terms of a service as of now (A13: frank before anything is asked)."""
    version = service.policy.versions.order_by("-number").first()
    if version is None:
        raise LookupError(f"policy {service.policy.name} has no version")
    found, provider = terms_of(version), service.provider
    asked = deposit.amount(
        found.deposit,
        price=service.price,
        hourly_rate=provider.hourly_rate,
        currency=provider.currency,
    )
    return Offer(
        policy_version=version,
        terms=found,
        price=service.price,
        deposit=asked,
        currency=provider.currency,
        version=offer_version(version, price=service.price, deposit=asked, currency=provider.currency),
        tax=included_tax.of(service, provider),
    )


def offer_version(version: PolicyVersion, *, price: int, deposit: int, currency: str) -> str:
    """What a client agrees to, in one opaque word: it covers terms, price and deposit."""
    covered = f"{version.pk}:{price}:{deposit}:{currency}"
    mark = salted_hmac("kept.offer", covered, algorithm="sha256").hexdigest()[:20]
    return f"{version.number}-{mark}"


def agreed_version(appointment: Appointment) -> str:
    """The same word for what was agreed to."""
    return offer_version(
        appointment.policy_version,
        price=appointment.price,
        deposit=appointment.deposit_amount,
        currency=appointment.currency,
    )


def policy_text(service: Service, offered: Offer, *, language: str) -> str:
    """The terms as people read them, with the amounts of this service (A11, rule 12)."""
    return wording.policy_text(
        offered.terms,
        price=offered.price,
        deposit=offered.deposit,
        currency=offered.currency,
        zone=service.provider.timezone,
        language=language,
    )


def lines(service: Service, offered: Offer, *, start: datetime, zone: str, at: datetime) -> list[str]:
    """The terms on offer in three lines about a start, on the clocks of ``zone``, in the active language."""
    return wording.dated_lines(
        offered.terms,
        price=offered.price,
        deposit=offered.deposit,
        currency=offered.currency,
        zone=zone,
        language=get_language() or "en",
        start=start,
        notice=effective_notice(start, at, None),
    )


def agreed_lines(appointment: Appointment) -> list[str]:
    """The same of what was agreed to, with what a move has left of the notice: the sentences that page and
    mails have in common."""
    start, agreed_at = appointment.starts_at, appointment.agreement.agreed_at
    return wording.dated_lines(
        terms(appointment),
        price=appointment.price,
        deposit=appointment.deposit_amount,
        currency=appointment.currency,
        zone=appointment.clock,
        language=get_language() or "en",
        start=start,
        notice=effective_notice(start, min(agreed_at, start), appointment.smallest_notice),
    )


@dataclass(frozen=True)
class Consent:
    """What a client may agree to who gives a card for later: the exact words, and up to how much."""

    text: str
    most: int


def card_consent(service: Service, offered: Offer, *, language: str) -> Consent | None:
    """None where the terms never cost more than the deposit: then no card is asked for."""
    most = card.largest_fee(
        offered.terms, price=offered.price, deposit=offered.deposit, currency=offered.currency
    )
    if not most:
        return None
    text = wording.card_consent(
        terms=offered.terms,
        most=most,
        currency=offered.currency,
        provider=service.provider.name,
        language=language,
    )
    return Consent(text, most)


def current_deposit(appointment: Appointment) -> Deposit | None:
    return appointment.deposits.filter(current=True).select_related("credit", "move").order_by("-pk").first()


def forgivable(appointment: Appointment, *, at: datetime, forgiven_now: int = 0) -> bool:
    """Whether a lapse now would be forgiven by the terms themselves (``forgive``), after ``forgiven_now`` others in
    the same act."""
    agreed = terms(appointment)
    if not agreed.forgive_lapses:
        return False
    lapses = Lapse.objects.filter(client_id=appointment.client_id, undone_at=None).forgiven()
    return no_show.forgivable(
        agreed,
        [*lapses.values_list("at", flat=True), *[at] * forgiven_now],
        at=at,
        zone=appointment.provider.timezone,
    )


def chain_start(appointment: Appointment, deposit: Deposit | None) -> datetime:
    """From which start the days of a carried deposit count (rule 3): the original one, or for a deposit
    that a moved time asked for itself, that time, because a new deposit starts afresh. A move by the
    provider makes its time the original one again (rule 6)."""
    if deposit is None or deposit.move is None or moved_by_provider(appointment, since=deposit.move.at):
        return appointment.original_start_at
    return deposit.move.to_start_at


def moved_by_provider(appointment: Appointment, *, since: datetime) -> bool:
    return appointment.moves.filter(by="provider", state="done", at__gte=since).exists()


def credit_until(appointment: Appointment, held: Deposit | None, found: Terms) -> datetime | None:
    """Until when the credit in a deposit keeps its worth: its own deadline, or after a move by the provider
    the one of the new start where that is later (rule 6)."""
    if held is None or held.credit is None or held.credit.expires_at is None:
        return None
    deadline = held.credit.expires_at
    if not moved_by_provider(appointment, since=held.created_at):
        return deadline
    zone = appointment.provider.timezone
    return max(deadline, moves.carry_limit(appointment.original_start_at, found.carry_days, zone))


def is_share(appointment: Appointment, held: Deposit) -> bool:
    """Whether it is the appointment's part of what was paid for its whole series in one: paid, not carried."""
    first = appointment.series_first_id
    return first is not None and held.credit is not None and held.credit.deposit.appointment_id == first


def paid_for_others(first: Appointment) -> int:
    """What of the payment for a series went to the others of it: carried by the ledger, but nobody's credit."""
    shares = Deposit.objects.filter(appointment__series_first=first, credit__deposit__appointment=first)
    return sum(shares.values_list("carried_in", flat=True))


def standing(appointment: Appointment, *, at: datetime, forgiven_now: int = 0) -> Standing:
    """What the rules need to know of an appointment."""
    held, found = current_deposit(appointment), terms(appointment)
    return Standing(
        terms=found,
        currency=appointment.currency,
        zone=appointment.provider.timezone,
        price=appointment.price,
        held=held.held if held else 0,
        carried_in=min(held.carried_in, held.held) if held and not is_share(appointment, held) else 0,
        credit_until=credit_until(appointment, held, found),
        start=appointment.starts_at,
        original_start=chain_start(appointment, held),
        confirmed_at=appointment.confirmed_at,
        moves_used=appointment.moves_used,
        smallest_notice=appointment.smallest_notice,
        forgivable=forgivable(appointment, at=at, forgiven_now=forgiven_now),
    )


def cancel(appointment: Appointment, *, at: datetime, forgiven_now: int = 0) -> Quote:
    """What a cancel by the client does at ``at``, after ``forgiven_now`` lapses that are forgiven in the same act."""
    stands = standing(appointment, at=at, forgiven_now=forgiven_now)
    return sealed(appointment, cancellation.cancel(stands, at=at), None)


def move(appointment: Appointment, *, start: datetime, at: datetime) -> Quote:
    """What a move by the client to ``start`` does at ``at``."""
    return sealed(appointment, moves.move(standing(appointment, at=at), to=start, at=at), start)


def sealed(appointment: Appointment, outcome: Outcome, start: datetime | None) -> Quote:
    """The outcome with its token: the same as long as the outcome is the same."""
    said = (appointment.uid, appointment.starts_at, start, *outcome.substance)
    mac = salted_hmac("kept.quote", "|".join(map(str, said)), algorithm="sha256")
    return Quote(appointment, outcome, start, mac.hexdigest()[:32])
