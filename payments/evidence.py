"""Everything on record about one appointment (A20), and the same facts as evidence in a card dispute.

Reads only. What it returns is JSON: instants are ISO 8601, money is ``{"amount", "currency"}``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from booking.models import Appointment, HealthConsent, SharedNote, TimelineEntry
from booking.texts import text_in
from config import as_json
from payments.models import BUCKETS, Charge, Credit, Deposit, Dispute, LedgerEntry, Payment, Refund
from policies import wording

Json = dict[str, Any]

LONGEST = 20_000  # of one field of evidence, as Stripe takes it
LONGEST_ALL = 150_000

# The texts that a provider may edit, in the order in which they are shown. Banks read English.
FIELDS = (
    "product_description",
    "service_date",
    "customer_name",
    "customer_email_address",
    "customer_purchase_ip",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "access_activity_log",
    "uncategorized_text",
)


# --- The record ---


def record(*, appointment: Appointment, at: datetime) -> Json:
    """All that is known of an appointment, oldest first."""
    return {
        "made_at": as_json.instant(at),
        "provider": _provider(appointment),
        "client": _client(appointment),
        "appointment": _appointment(appointment),
        "agreement": _agreement(appointment),
        "answers": appointment.answers,
        "health_consents": [_health_consent(one) for one in appointment.health_consents.all()],
        "shared_notes": [_shared_note(one) for one in appointment.shared_notes.select_related("user")],
        "attendance": _attendance(appointment),
        "messages": [_message(one) for one in appointment.messages.order_by("created_at", "pk")],
        "timeline": [_entry(one) for one in appointment.timeline.select_related("user")],
        "exceptions": [_exception(one) for one in appointment.exceptions.select_related("user")],
        "money": _money(appointment),
    }


def _provider(appointment: Appointment) -> Json:
    provider = appointment.provider
    return {
        "name": provider.name,
        "email": provider.email,
        "phone": provider.phone,
        "timezone": provider.timezone,
    }


def _client(appointment: Appointment) -> Json:
    client = appointment.client
    return {
        "name": client.name,
        "email": client.email,
        "phone": client.phone,
        "timezone": appointment.timezone,
    }


def _appointment(appointment: Appointment) -> Json:
    stamps = ("created_at", "confirmed_at", "cancelled_at", "completed_at", "no_show_at")
    return {
        "id": str(appointment.uid),
        "service": text_in(appointment.service.name, fallback=appointment.provider.language),
        "status": appointment.status,
        "mode": appointment.mode,
        "starts_at": as_json.instant(appointment.starts_at),
        "ends_at": as_json.instant(appointment.ends_at),
        "original_start_at": as_json.instant(appointment.original_start_at),
        "price": as_json.money(appointment.price, appointment.currency),
        "deposit": as_json.money(appointment.deposit_amount, appointment.currency),
        **{name: as_json.instant(getattr(appointment, name)) for name in stamps},
        "cancelled_by": appointment.cancelled_by,
        "cancel_reason": appointment.cancel_reason,
        "moves": [
            {
                "from": as_json.instant(one.from_start_at),
                "to": as_json.instant(one.to_start_at),
                "by": one.by,
                "at": as_json.instant(one.at),
                "state": one.state,
            }
            for one in appointment.moves.all()
        ],
    }


def _agreement(appointment: Appointment) -> Json | None:
    """The terms as they were shown, and whether the seal still fits the text."""
    found = getattr(appointment, "agreement", None)
    if found is None:
        return None
    return {
        "policy": found.policy_version.policy.name,
        "version": found.policy_version.number,
        "language": found.language,
        "agreed_at": as_json.instant(found.agreed_at),
        "ip_address": found.ip_address or "",
        "user_agent": found.user_agent,
        "by_client": appointment.timeline.filter(kind="booked", by="client").exists(),
        "sha256": found.sha256,
        "sha256_fits": wording.sha256_of(found.text) == found.sha256,
        "text": found.text,
    }


def _health_consent(found: HealthConsent) -> Json:
    """That answers about health may be kept, or may not any more."""
    return {
        "act": found.act,
        "at": as_json.instant(found.at),
        "by": found.by,
        "questions": found.questions,
        "language": found.language,
        "sha256": found.sha256,
        "sha256_fits": wording.sha256_of(found.text) == found.sha256,
        "text": found.text,
    }


def _shared_note(found: SharedNote) -> Json:
    return {
        "id": str(found.uid),
        "who": str(found.user),
        "shared_at": as_json.instant(found.shared_at),
        "changed_at": as_json.instant(found.changed_at),
        "text": found.text,
    }


def _attendance(appointment: Appointment) -> Json:
    """Who was seen when. A client who opens the meeting link arrives by it."""
    stamps = ("will_come_at", "arrived_at", "contacted_at", "asked_there_at", "no_show_at", "explained_at")
    return {name: as_json.instant(getattr(appointment, name)) for name in stamps} | {
        "grace_ends_at": as_json.instant(appointment.grace_ends_at),
        "delay_asked_minutes": appointment.asked_delay_minutes,
        "delay_accepted_minutes": appointment.accepted_delay_minutes,
    }


def _message(found: Any) -> Json:
    return {
        "id": str(found.uid),
        "kind": found.kind,
        "to": found.to,
        "channel": found.channel,
        "address": found.address,
        "state": found.state,
        "due_at": as_json.instant(found.due_at),
        "sent_at": as_json.instant(found.sent_at),
        "failure": found.failure,
        "subject": found.subject,
        "text": found.text,
    }


def _entry(found: TimelineEntry) -> Json:
    return {
        "kind": found.kind,
        "at": as_json.instant(found.at),
        "by": found.by,
        "who": str(found.user) if found.user else "",
        "facts": found.facts,
    }


def _exception(found: Any) -> Json:
    return {
        "reason": found.reason,
        "note": found.note,
        "amount": as_json.money(found.amount, found.appointment.currency),
        "full": found.full,
        "as_credit": found.as_credit,
        "who": str(found.user) if found.user else "",
        "at": as_json.instant(found.at),
    }


def _money(appointment: Appointment) -> Json:
    deposits = list(Deposit.objects.filter(appointment=appointment).order_by("created_at", "pk"))
    charges = list(Charge.objects.filter(appointment=appointment).order_by("created_at", "pk"))
    behind = Q(deposit__in=deposits) | Q(charge__in=charges)
    return {
        "deposits": [_deposit(one) for one in deposits],
        "charges": [_charge(one) for one in charges],
        "payments": [_payment(one) for one in Payment.objects.filter(behind).order_by("created_at", "pk")],
        "refunds": [_refund(one) for one in Refund.objects.filter(behind).order_by("created_at", "pk")],
        "credits": [_credit(one) for one in Credit.objects.filter(deposit__in=deposits).order_by("pk")],
        "settlements": [_settlement(one) for one in appointment.settlements.all()],
        "disputes": [_dispute(one) for one in _disputes(deposits, charges)],
        "ledger": [_posted(one) for one in LedgerEntry.objects.filter(behind).order_by("at", "pk")],
    }


def _disputes(deposits: list[Deposit], charges: list[Charge]) -> Iterable[Dispute]:
    about = Q(payment__deposit__in=deposits) | Q(payment__charge__in=charges)
    return Dispute.objects.filter(about).order_by("opened_at", "pk")


def _deposit(found: Deposit) -> Json:
    amounts = {
        name: as_json.money(getattr(found, name), found.currency) for name in ("asked", "paid", *BUCKETS)
    }
    return {"id": str(found.uid), "at": as_json.instant(found.created_at), **amounts}


def _charge(found: Charge) -> Json:
    names = ("amount", "waived", "paid", "refunded", "disputed")
    amounts = {name: as_json.money(getattr(found, name), found.currency) for name in names}
    return {
        "id": str(found.uid),
        "kind": found.kind,
        "description": found.description,
        "state": found.state,
        "at": as_json.instant(found.created_at),
        **amounts,
    }


def _payment(found: Payment) -> Json:
    return {
        "id": str(found.uid),
        "gateway": found.gateway,
        "gateway_id": found.intent_id or "",
        "method": found.method,
        "reference": found.reference,
        "state": found.state,
        "amount": as_json.money(found.amount, found.currency),
        "paid_at": as_json.instant(found.paid_at),
    }


def _refund(found: Refund) -> Json:
    return {
        "id": str(found.uid),
        "gateway_id": found.gateway_id or "",
        "origin": found.origin,
        "state": found.state,
        "amount": as_json.money(found.amount, found.currency),
        "reason": found.note or found.reason,
        "failure": found.failure,
        "at": as_json.instant(found.created_at),
        "settled_at": as_json.instant(found.settled_at),
    }


def _credit(found: Credit) -> Json:
    return {
        "id": str(found.uid),
        "amount": as_json.money(found.amount, found.currency),
        "used": as_json.money(found.used, found.currency),
        "expires_at": as_json.instant(found.expires_at),
        "ended_at": as_json.instant(found.ended_at),
        "at": as_json.instant(found.created_at),
    }


def _settlement(found: Any) -> Json:
    return {
        "cause": found.cause,
        "forfeit": as_json.money(found.forfeit, found.currency),
        "fee": as_json.money(found.fee, found.currency),
        "state": found.state,
        "due_at": as_json.instant(found.due_at),
        "settled_at": as_json.instant(found.settled_at),
    }


def _dispute(found: Dispute) -> Json:
    return {
        "id": found.gateway_id,
        "state": found.state,
        "reason": found.reason,
        "amount": as_json.money(found.amount, found.currency),
        "opened_at": as_json.instant(found.opened_at),
        "due_by": as_json.instant(found.due_by),
        "submitted_at": as_json.instant(found.submitted_at),
        "closed_at": as_json.instant(found.closed_at),
    }


def _posted(found: LedgerEntry) -> Json:
    return {
        "at": as_json.instant(found.at),
        "from": found.source,
        "to": found.target,
        "amount": as_json.money(found.amount, found.whole.currency),
        "reason": found.reason,
        "by": found.by,
    }
