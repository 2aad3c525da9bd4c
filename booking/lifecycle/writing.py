"""An appointment is written down: its time is taken and what was agreed is kept, whoever booked it and however."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from booking import availability, quotes, tokens
from booking.lifecycle.confirming import times
from booking.models import Appointment, Client, Service, Status
from config.guards import refused_by
from payments.models import Credit
from policies import wording
from policies.models import Agreement
from policies.rules.wishes import Wishes


def written(
    *,
    service: Service,
    start: datetime,
    mode: str,
    zone: str,
    person: Client,
    language: str,
    hour_cycle: str,
    answers: dict[str, Any],
    offered: quotes.Offer,
    status: dict[str, Any],
    at: datetime,
    ip: str | None = None,
    user_agent: str = "",
    suits: Wishes | None = None,
    credit: Credit | None = None,
    first: Appointment | None = None,
) -> Appointment:
    """The appointment and what was agreed about it. ``status`` is one of those below; ``first`` is the one that it
    follows week after week. Raises `SlotTaken`, with others that suit."""
    appointment = Appointment(
        provider=service.provider,
        service=service,
        client=person,
        mode=mode,
        timezone=zone,
        language=language,
        hour_cycle=hour_cycle,
        answers=answers,
        series_first=first,
        created_at=at,
        **agreed_terms(offered),
        **status,
        **inherited(credit, start),
        **times(service, start, offered.terms.grace),
    )
    insert(appointment, at=at, wishes=suits)
    agree(appointment, offered, language=language, ip=ip, user_agent=user_agent, at=at)
    return appointment


def waiting(status: Status, *, until: datetime) -> dict[str, Any]:
    return {"status": status, "hold_expires_at": until}


def standing(*, at: datetime) -> dict[str, Any]:
    return {"status": Status.CONFIRMED, "confirmed_at": at}


def held_for_deposit(offered: quotes.Offer, *, until: datetime, at: datetime) -> dict[str, Any]:
    """Until its deposit is paid; where none is asked it stands."""
    return waiting(Status.HELD, until=until) if offered.deposit else standing(at=at)


def agreed_terms(offered: quotes.Offer) -> dict[str, Any]:
    """What the client agrees to, for the life of the appointment."""
    return {
        "policy_version": offered.policy_version,
        "price": offered.price,
        "deposit_amount": offered.deposit,
        "currency": offered.currency,
    }


def inherited(credit: Credit | None, start: datetime) -> dict[str, Any]:
    """What a chain of moves must not lose when it goes through a credit (rules 3 and 4)."""
    if credit is None:
        return {"original_start_at": start}
    return {
        "original_start_at": credit.original_start_at or start,
        "moves_used": credit.moves_used,
        "smallest_notice": credit.smallest_notice,
    }


def insert(appointment: Appointment, *, at: datetime, wishes: Wishes | None = None) -> None:
    """The database has the last word on whether the time is free (F-01 to F-03)."""
    appointment.token_hash = tokens.hash_of(tokens.make(appointment))
    try:
        with transaction.atomic():
            appointment.save(force_insert=True)
    except IntegrityError as error:
        if not refused_by(error).startswith("no_overlap"):
            raise
        raise availability.taken(
            service=appointment.service,
            start=appointment.starts_at,
            at=at,
            mode=appointment.mode,
            wishes=wishes,
        ) from None


def agree(
    appointment: Appointment,
    offered: quotes.Offer,
    *,
    language: str,
    ip: str | None,
    user_agent: str,
    at: datetime,
) -> None:
    """The agreement: version, text as shown, hash, language, time and from where (A11)."""
    text = quotes.policy_text(appointment.service, offered, language=language)
    Agreement.objects.create(
        appointment=appointment,
        policy_version=offered.policy_version,
        text=text,
        sha256=wording.sha256_of(text),
        language=language,
        agreed_at=at,
        ip_address=ip,
        user_agent=user_agent[:400],
    )
