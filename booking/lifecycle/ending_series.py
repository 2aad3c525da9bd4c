"""The rest of a series is cancelled in one go: quoted as a whole, done as quoted or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from booking import quotes
from booking.actors import CLIENT
from booking.lifecycle.changing import Cancelled, QuoteChanged, QuoteNeeded, end_by_cancel
from booking.lifecycle.steps import NotAllowed, take
from booking.models import Appointment, Status
from booking.quotes import Quote
from config import as_json
from payments.models import Settlement
from reminders import plan

STANDING = (Status.HELD, Status.CONFIRMED)
AMOUNTS = ("refund", "carry", "forfeit", "fee")


@dataclass(frozen=True)
class RestQuote:
    """What cancelling all of ``quotes`` does now, each in its turn; ``token`` is to be sent back with the act."""

    quotes: tuple[Quote, ...]
    token: str

    @property
    def sums(self) -> dict[str, int]:
        return {name: sum(getattr(one.outcome, name) for one in self.quotes) for name in AMOUNTS}

    @property
    def cost(self) -> int:
        return sum(one.outcome.cost for one in self.quotes)

    @property
    def currency(self) -> str:
        return self.quotes[0].appointment.currency

    def as_json(self) -> dict[str, Any]:
        sums = {name: as_json.money(amount, self.currency) for name, amount in self.sums.items()}
        ends = [one.outcome.valid_until for one in self.quotes if one.outcome.valid_until]
        return {
            "appointments": [
                {"id": str(one.appointment.uid), "start": as_json.instant(one.appointment.starts_at)}
                | _each(one)
                for one in self.quotes
            ],
            "deposit": {name: sums[name] for name in AMOUNTS if name != "fee"},
            "fee": sums["fee"],
            "valid_until": as_json.instant(min(ends, default=None)),
            "quote": self.token,
        }


def _each(one: Quote) -> dict[str, Any]:
    said = one.as_json()
    return {name: said[name] for name in ("deposit", "fee", "late", "carry_until", "text")}


def others_of(appointment: Appointment) -> QuerySet[Appointment]:
    """The other appointments of its series, in order."""
    first = appointment.series_first_id or appointment.pk
    rows = Appointment.objects.filter(Q(pk=first) | Q(series_first=first)).exclude(pk=appointment.pk)
    return rows.with_names().order_by("starts_at")


def rest_quote(appointment: Appointment, *, at: datetime) -> RestQuote | None:
    """What it costs to cancel this one and those of its series that start after it; None where fewer than two
    of them stand."""
    if appointment.status not in STANDING or at > appointment.starts_at:
        return None
    later = others_of(appointment).filter(status__in=STANDING, starts_at__gt=appointment.starts_at)
    return _quoted([appointment, *later.select_related("policy_version")], at=at)


def _quoted(found: list[Appointment], *, at: datetime) -> RestQuote | None:
    """Each as it would be judged after those before it: a forgiveness is used up by the first that needs it."""
    if len(found) < 2:
        return None
    asked: list[Quote] = []
    for one in found:
        forgiven = sum(quote.outcome.forgiven for quote in asked)
        asked.append(quotes.cancel(one, at=at, forgiven_now=forgiven))
    mac = salted_hmac("kept.rest", "|".join(one.token for one in asked), algorithm="sha256")
    return RestQuote(tuple(asked), mac.hexdigest()[:32])


@transaction.atomic
def cancel_rest(
    *, appointment: Appointment, quote: str, reason: str, at: datetime, note: str = ""
) -> list[Cancelled]:
    """Cancel this one and the later ones of its series, by the client: all of them exactly as quoted, or none.
    Client and provider get one mail. Raises `QuoteChanged`, `QuoteNeeded`, `NotAllowed`."""
    appointment = take(appointment)
    asked = rest_quote(appointment, at=at)
    if asked is None:
        raise NotAllowed("nothing_left", _("No later appointment of this series stands any more."))
    if not quote:
        detail = _('Ask for a quote first and send its "quote" along.')
        raise QuoteNeeded(detail, errors={"quote": [detail]})
    if quote != asked.token:
        words = _("What this costs has changed since you were told. Please look at it once more.")
        raise QuoteChanged(words, quote=asked.as_json())
    done = []
    for one in asked.quotes:
        row = appointment if one.appointment == appointment else _taken(one.appointment, appointment)
        done.append(
            end_by_cancel(row, one.outcome, reason=reason, note=note, by=CLIENT, at=at, tell_alone=False)
        )
    _tell(done, asked, reason=reason, note=note, at=at)
    return done


def _taken(one: Appointment, beside: Appointment) -> Appointment:
    """Its row, under the lock of the provider that is held already."""
    rows = Appointment.objects.select_for_update(of=("self",))
    row = rows.select_related("service", "client", "policy_version").get(pk=one.pk)
    row.provider = row.service.provider = beside.provider
    return row


def _tell(done: list[Cancelled], asked: RestQuote, *, reason: str, note: str, at: datetime) -> None:
    """One mail to each side, on the first of what was cancelled."""
    currency = asked.currency
    due = Settlement.objects.filter(
        appointment__in=[one.appointment for one in done], state=Settlement.State.WAITING
    )
    settles = max(due.values_list("due_at", flat=True), default=None)
    dates = [
        {
            "of": str(one.appointment.uid),
            "start": as_json.instant(one.appointment.starts_at),
            "carry_until": as_json.instant(one.outcome.carry_until),
            "forgiven": one.outcome.forgiven,
            **{name: as_json.money(getattr(one.outcome, name), currency) for name in AMOUNTS},
        }
        for one in done
    ]
    sums = {name: as_json.money(amount, currency) for name, amount in asked.sums.items()}
    late = any(one.outcome.late for one in done)
    facts = sums | {
        "dates": dates,
        "settles_at": as_json.instant(settles),
        "reason": reason,
        "note": note,
        "late": late,
    }
    for reader in ("client", "provider"):
        plan.tell(appointment=done[0].appointment, kind="series_cancelled", to=reader, at=at, facts=facts)
