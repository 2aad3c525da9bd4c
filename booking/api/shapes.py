"""What the API says of our nouns, as plain JSON: money as objects, instants as ISO 8601.

An appointment's own times are told on the client's clocks, as the slots are; other instants in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from booking import costs, health, included_tax, quotes, tokens
from booking.api import pay_links
from booking.models import Appointment, Client, Mode, Move, Provider, Service, Status
from booking.pages import channels
from booking.telling import to_client
from booking.texts import text_in
from config.as_json import instant, money
from payments.models import BUCKETS, Charge, Deposit, Settlement
from reminders import consents


def local(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).isoformat()


def provider(found: Provider, services: Iterable[Service]) -> dict[str, Any]:
    return {
        "slug": found.slug,
        "name": found.name,
        "about": text_in(found.about, fallback=found.language),
        "phone": found.phone,
        "timezone": found.timezone,
        "currency": found.currency,
        "language": found.language,
        "hour_cycle": found.hour_cycle,
        "places": places(found),
        "channels": [
            {"channel": kind, "name": str(channels.NAMES[kind]), "consent": channels.words(kind, found.name)}
            for kind in consents.offered(found)
        ],
        "services": [service(one) for one in services],
    }


def places(found: Provider) -> dict[str, Any]:
    """Where things happen, without the meeting link, which is for those who booked."""
    known: dict[str, Any] = {}
    if venue := found.places.get(Mode.IN_PERSON):
        note = text_in(venue.get("note") or {}, fallback=found.language)
        known["in_person"] = {"address": venue.get("address", ""), "note": note}
    if phone := found.places.get(Mode.PHONE):
        known["phone"] = {"who_calls": phone["who_calls"]}
    if video := found.places.get(Mode.VIDEO):
        known["video"] = {"test_url": video.get("test_url", "")}
    return known


def service(found: Service) -> dict[str, Any]:
    offered = quotes.offer(found)
    consent = quotes.card_consent(found, offered, language=get_language() or "en")
    return {
        "slug": found.slug,
        "name": text_in(found.name, fallback=found.provider.language),
        "about": text_in(found.about, fallback=found.provider.language),
        "duration_minutes": found.duration_minutes,
        "price": money(offered.price, offered.currency),
        "tax": included_tax.within(offered.tax, offered.price, offered.currency),
        "deposit": money(offered.deposit, offered.currency),
        "modes": found.modes,
        "questions": [question(one, found.provider) for one in found.questions],
        "approval": found.approval,
        "confirm_by_mail": found.confirm_by_mail and not offered.deposit,
        "policy_version": offered.version,
        "policy_text": quotes.policy_text(found, offered, language=get_language() or "en"),
        "card_consent": consent.text if consent else None,
        "health_consent": health.words(found.provider, language=get_language() or "en")
        if health.asked(found.questions)
        else None,
    }


def question(found: dict[str, Any], asked_by: Provider) -> dict[str, Any]:
    return {
        "id": found["id"],
        "label": text_in(found["label"], fallback=asked_by.language),
        "kind": found["kind"],
        "choices": found.get("choices", []),
        "required": found.get("required", False),
        "health": found.get("health", False),
    }


def booked(found: Appointment, *, pay_url: str | None = None) -> dict[str, Any]:
    """What every answer about one appointment begins with. Asks the database nothing."""
    return {
        "id": str(found.uid),
        "status": found.status,
        "provider": found.provider.slug,
        "service": found.service.slug,
        "start": local(found.starts_at, found.timezone),
        "end": local(found.ends_at, found.timezone),
        "timezone": found.timezone,
        "mode": found.mode,
        "price": money(found.price, found.currency),
        "tax": included_tax.in_price(found),
        "deposit": money(found.deposit_amount, found.currency),
        "pay_url": pay_url,
        "waits_for": waits_for(found),
        "hold_expires_at": instant(found.hold_expires_at),
        "manage_url": tokens.manage_url(found),
    }


def waits_for(found: Appointment) -> str | None:
    """What has to happen before it stands: `answer` of the provider, `mail` to be answered, `deposit` to be paid."""
    if found.status == Status.REQUESTED:
        return "answer"
    if found.status != Status.HELD:
        return None
    return "mail" if found.waits_for_mail else "deposit"


def appointment(found: Appointment) -> dict[str, Any]:
    """The appointment with its money and what was agreed."""
    currency = found.currency
    waiting = found.settlements.filter(state=Settlement.State.WAITING).order_by("pk").first()
    move = found.moves.filter(state="waiting").first()
    charges = list(Charge.objects.filter(appointment=found).order_by("pk"))
    return booked(found, pay_url=pay_links.present(found)) | {
        "original_start": local(found.original_start_at, found.timezone),
        "deposit_state": deposit_state(found),
        "owed": money(sum(charge.owed for charge in charges), currency),
        "charges": [charge(one) for one in charges],
        "settlement": settlement(waiting) if waiting else None,
        "pending_move": pending_move(found, move) if move else None,
        "proposal": proposal(found),
        "urgent": found.urgent_reason or None,
        "agreement": agreement(found),
        "health_consent": health_consent(found),
    }


def deposit_state(found: Appointment) -> dict[str, Any]:
    """The amounts by state, summed over the deposits of the appointment."""
    deposits = list(Deposit.objects.filter(appointment=found))
    return {
        bucket: money(sum(getattr(one, bucket) for one in deposits), found.currency) for bucket in BUCKETS
    }


def charge(found: Charge) -> dict[str, Any]:
    """Something owed beyond the deposit: a fee, the balance of the price, or what its description says."""
    amounts = ("amount", "waived", "paid", "refunded", "owed")
    return {
        "id": str(found.uid),
        "kind": found.kind,
        "description": found.description,
        "state": found.state,
        **{name: money(getattr(found, name), found.currency) for name in amounts},
        "created_at": instant(found.created_at),
    }


def settlement(found: Settlement) -> dict[str, Any]:
    return {
        "due_at": instant(found.due_at),
        "forfeit": money(found.forfeit, found.currency),
        "fee": money(found.fee, found.currency),
    }


def pending_move(found: Appointment, move: Move) -> dict[str, Any]:
    """A new time that is held until its deposit is paid; the appointment has not moved yet."""
    return {
        "start": local(move.to_start_at, found.timezone),
        "hold_expires_at": instant(move.hold_expires_at),
    }


def proposal(found: Appointment) -> dict[str, Any] | None:
    """The times that the provider proposed last."""
    last = found.proposals.select_related("made").prefetch_related("times").last()
    if last is None:
        return None
    return {
        "id": str(last.uid),
        "state": last.state,
        "starts": [local(one.start_at, found.timezone) for one in last.times.all()],
        "expires_at": instant(last.expires_at),
        "note": last.note,
        "chosen": local(last.chosen_start_at, found.timezone) if last.chosen_start_at else None,
    }


def alternative(quote: quotes.Quote) -> dict[str, Any]:
    """Another time, with what moving there costs."""
    assert quote.start is not None
    return {
        "start": local(quote.start, quote.appointment.timezone),
        "cost": money(quote.outcome.cost, quote.appointment.currency),
        "text": quote.text,
        "quote": quote.token,
    }


def cost_offer(found: Appointment) -> dict[str, Any] | None:
    """What the provider offers to those for whom it costs too much."""
    offer = costs.offer_of(found.provider)
    if offer is None:
        return None
    named = offer.service
    return {
        "words": offer.words,
        "service": named.slug if named else None,
        "name": text_in(named.name, fallback=found.provider.language) if named else "",
        "price": money(named.price, found.provider.currency) if named else None,
    }


def agreement(found: Appointment) -> dict[str, Any] | None:
    agreed = getattr(found, "agreement", None)
    if agreed is None:
        return None
    return {
        "policy_version": quotes.agreed_version(found),
        "sha256": agreed.sha256,
        "agreed_at": instant(agreed.agreed_at),
        "language": agreed.language,
        "text": agreed.text,
    }


def health_consent(found: Appointment) -> dict[str, Any] | None:
    """What the client agreed to about answers on health, and when it was taken back."""
    said = {one.act: one for one in found.health_consents.all()}
    given, withdrawn = said.get("given"), said.get("withdrawn")
    if given is None:
        return None
    return {
        "text": given.text,
        "sha256": given.sha256,
        "given_at": instant(given.at),
        "withdrawn_at": instant(withdrawn.at) if withdrawn else None,
    }


def shared_notes(found: Appointment) -> list[dict[str, Any]]:
    """What the provider wrote for the client, newest first."""
    return [
        {
            "id": str(one.uid),
            "text": one.text,
            "from": one.who,
            "shared_at": instant(one.at),
            "changed_at": instant(one.changed_at),
        }
        for one in to_client.notes(found)
    ]


def reached_by(found: Appointment) -> list[dict[str, Any]]:
    """By which ways the client agreed to be reminded, beside the mails that an appointment needs."""
    more = {"channel": consents.MORE_REMINDERS, "given": consents.wants_more(found.client), "consent": ""}
    ways = channels.ways_of(found)
    return [{"channel": one["kind"], "given": one["given"], "consent": one["words"]} for one in ways] + [more]


def mail_trouble(client: Client) -> str | None:
    """Why mails do not reach the address any more, as one word."""
    if client.mail_complained_at:
        return "complained"
    return "bounced" if client.mail_bounced_at else None


def told(found: Appointment) -> list[dict[str, Any]]:
    """The timeline in the client's words, oldest first."""
    lines = reversed(to_client.lines(found))
    return [{"kind": one.kind, "at": instant(one.at), "text": one.words} for one in lines]
