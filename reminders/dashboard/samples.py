"""A letter as it would read: about a real appointment of the desk, or about one that is made up.

No sample carries a client's link: whoever looks at one holds the desk and not the appointment."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from booking import quotes
from booking.models import Appointment, Client, Mode, Provider, Service, Status
from booking.telling import at_sending
from config import as_json
from policies.rules import cancellation
from policies.rules.cancellation import Standing
from reminders.models import Message
from reminders.wording.case import Case

DAY = timedelta(days=1)
LINK = f"{settings.BASE_URL}/a/{'example' * 3}/"
OURS_ALONE = ("manage_url", "holds", "credit_url", "yes_url")


def made_up(service: Service, *, language: str, at: datetime) -> Appointment:
    """An appointment that is in no table: next week at eleven, paid as the terms ask."""
    provider, offered = service.provider, quotes.offer(service)
    start = _next_week(provider, at)
    modes = service.modes or [Mode.VIDEO]
    return Appointment(
        provider=provider,
        service=service,
        client=Client(provider=provider, name=_("Alex Example"), email="alex@example.com", language=language),
        policy_version=offered.policy_version,
        status=Status.CONFIRMED,
        mode=modes[0],
        starts_at=start,
        ends_at=start + timedelta(minutes=service.duration_minutes),
        original_start_at=start,
        price=offered.price,
        deposit_amount=offered.deposit,
        currency=offered.currency,
        timezone=provider.timezone,
        language=language,
        hour_cycle=provider.hour_cycle,
        confirmed_at=at - DAY,
    )


def _next_week(provider: Provider, at: datetime) -> datetime:
    zone = ZoneInfo(provider.timezone)
    day = at.astimezone(zone).date() + 7 * DAY
    return datetime.combine(day, time(11), zone).astimezone(UTC)


def case(appointment: Appointment, kind: str, *, at: datetime) -> Case:
    """What a letter of that kind to the client would be about, in the active language."""
    message = Message(
        provider=appointment.provider,
        appointment=appointment,
        kind=kind,
        to=Message.To.CLIENT,
        start_at=appointment.starts_at,
    )
    return Case(message, facts(appointment, kind, at=at), at)


def facts(appointment: Appointment, kind: str, *, at: datetime) -> dict[str, Any]:
    """What the story would hand in, or what it did where it has said this of the appointment already."""
    said = _usual(appointment, kind, at) | _now(appointment, kind, at) | _told(appointment, kind)
    return {name: value for name, value in said.items() if name not in OURS_ALONE} | {
        "manage_url": LINK,
        "yes_url": LINK,
    }


def _told(appointment: Appointment, kind: str) -> dict[str, Any]:
    if appointment.pk is None:
        return {}
    told = appointment.messages.filter(kind=kind, to=Message.To.CLIENT).order_by("-pk").first()
    return told.facts if told else {}


def _now(appointment: Appointment, kind: str, at: datetime) -> dict[str, Any]:
    if appointment.pk is not None:
        return at_sending.facts(appointment, kind, at)
    outcome = cancellation.cancel(_standing(appointment), at=at)
    quote = quotes.sealed(appointment, outcome, None)
    return {
        "quote_text": quote.text,
        "free_until": as_json.instant(outcome.free_until),
        "cost": as_json.money(outcome.cost, appointment.currency),
        "terms_lines": quotes.lines(
            appointment.service,
            quotes.offer(appointment.service),
            start=appointment.starts_at,
            zone=appointment.clock,
            at=at,
        ),
    }


def _standing(appointment: Appointment) -> Standing:
    return Standing(
        terms=quotes.terms(appointment),
        currency=appointment.currency,
        zone=appointment.provider.timezone,
        price=appointment.price,
        held=appointment.deposit_amount,
        carried_in=0,
        credit_until=None,
        start=appointment.starts_at,
        original_start=appointment.starts_at,
        confirmed_at=appointment.confirmed_at,
        moves_used=0,
        smallest_notice=None,
        forgivable=False,
    )


def _usual(appointment: Appointment, kind: str, at: datetime) -> dict[str, Any]:
    start = appointment.starts_at
    deposit, nothing = (
        as_json.money(amount, appointment.currency) for amount in (appointment.deposit_amount, 0)
    )
    service = appointment.service
    shared = {
        "policy_text": quotes.policy_text(service, quotes.offer(service), language=appointment.language),
        **dict.fromkeys(("paid", "deposit", "amount", "credit"), deposit),
        **dict.fromkeys(("refund", "carry", "forfeit", "fee", "fee_waived"), nothing),
        "hold_expires_at": as_json.instant(at + DAY),
        "from_start": as_json.instant(start - DAY),
        "to_start": as_json.instant(start + DAY),
        "waits_until": as_json.instant(start + timedelta(minutes=15)),
        "minutes": 10,
        "offers": [as_json.instant(start + n * DAY) for n in (1, 2, 3)],
    }
    return shared | _of_kind(kind, appointment, deposit, at)


def _of_kind(kind: str, appointment: Appointment, deposit: dict[str, Any], at: datetime) -> dict[str, Any]:
    """What is particular to a kind: whose act it was, and where the money goes."""
    until, nothing = as_json.instant(appointment.starts_at + 3 * DAY), as_json.money(0, appointment.currency)
    proposed = {
        "proposal": "example",
        "starts": [as_json.instant(appointment.starts_at + n * DAY) for n in (1, 2)],
        "expires_at": as_json.instant(at + 2 * DAY),
        "standing": True,
    }
    particular: dict[str, dict[str, Any]] = {
        "cancelled": {"by": "client", "carry": deposit, "carry_until": until},
        "declined": {"note": _("That week I am away.")},
        "moved": {"carry": deposit},
        "no_show": {"forfeit": deposit, "settles_at": as_json.instant(at + DAY)},
        "refund": {"refund": deposit, "reason": "goodwill"},
        "paid_too_late": {"refund": deposit},
        "excused": {"full": True, "refund": deposit, "credit": nothing},
        "credit_ends": {"carry_until": until, "unused": "forfeit"},
        "already_has_credit": {"carry_until": until},
        "terms_kept": {"forfeit": deposit, "settles_at": as_json.instant(at + DAY)},
        "refund_failed": {"refund": deposit},
        "balance_due": {"fee": as_json.money(appointment.price, appointment.currency), "what": ""},
        "proposal": proposed,
        "proposal_lapsed": proposed,
        "proposal_withdrawn": proposed,
        "confirm_booking": {"hold_expires_at": as_json.instant(at + timedelta(minutes=30))},
        "my_links": {"coming": [_coming(appointment)]},
        "series_confirmed": {
            "coming": [_coming(appointment, weeks=n) for n in range(3)],
            "price": as_json.money(3 * appointment.price, appointment.currency),
            "paid": as_json.money(3 * appointment.deposit_amount, appointment.currency),
        },
        "series_cancelled": {"dates": [_cancelled(appointment, deposit, weeks=n) for n in range(3)]},
        "fee_owed": {"fee": as_json.money(appointment.price // 2, appointment.currency)},
    }
    return particular.get(kind, {})


def _cancelled(appointment: Appointment, deposit: dict[str, Any], *, weeks: int) -> dict[str, Any]:
    """A date of a series that is cancelled in time."""
    start, nothing = appointment.starts_at + 7 * weeks * DAY, as_json.money(0, appointment.currency)
    amounts = {"refund": deposit, "carry": nothing, "forfeit": nothing, "fee": nothing}
    return {"start": as_json.instant(start), "carry_until": None, **amounts}


def _coming(appointment: Appointment, *, weeks: int = 0) -> dict[str, Any]:
    """A line of what is ahead."""
    start, zone = as_json.instant(appointment.starts_at + 7 * weeks * DAY), appointment.timezone
    return {"start": start, "zone": zone, "service": appointment.service.name, "url": LINK}
