"""What the provider's side of the API says: the same nouns with what concerns the provider alone."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from booking import included_tax, lifecycle, wishes
from booking.api import shapes
from booking.lifecycle.concerns import DECISIONS
from booking.models import Appointment, Client, Concern, Mode, Service, Status
from booking.transfer import business
from config.as_json import instant, money
from payments.models import (
    BUCKETS,
    Charge,
    Deposit,
    LedgerEntry,
    Paper,
    Payment,
    Refund,
    Repayment,
    Settlement,
)
from payments.papers import taxes
from payments.papers.statements import Balances, Statement
from policies.rules import patterns


def row(found: Appointment) -> dict[str, Any]:
    """One line of the list. Times on the provider's clocks; the client's own link is not handed out."""
    zone = found.provider.timezone
    return {
        "id": str(found.uid),
        "status": found.status,
        "service": found.service.slug,
        "start": shapes.local(found.starts_at, zone),
        "end": shapes.local(found.ends_at, zone),
        "mode": found.mode,
        "price": money(found.price, found.currency),
        "tax": included_tax.in_price(found),
        "deposit": money(found.deposit_amount, found.currency),
        "waits_for": shapes.waits_for(found),
        "hold_expires_at": instant(found.hold_expires_at),
        "client": client(found.client),
        "timezone": found.timezone,
        "language": found.language,
        "hour_cycle": found.hour_cycle,
        "needs_help_at": instant(found.needs_help_at) if help_is_asked(found) else None,
        "answers": found.answers,
        "created_at": instant(found.created_at),
    }


def appointment(found: Appointment, *, at: datetime) -> dict[str, Any]:
    """All there is to know, and the acts that fit now."""
    own = shapes.appointment(found)
    kept = (
        "deposit_state",
        "owed",
        "charges",
        "settlement",
        "pending_move",
        "proposal",
        "urgent",
        "agreement",
        "health_consent",
    )
    return row(found) | {
        **{name: own[name] for name in kept},
        "original_start": shapes.local(found.original_start_at, found.provider.timezone),
        "shared_notes": shapes.shared_notes(found),
        "allowed": sorted(name.replace("_", "-") for name in lifecycle.allowed(found, at=at)),
        "events": [
            {"kind": one.kind, "at": instant(one.at), "by": one.by, "facts": one.facts}
            for one in found.timeline.all()
        ],
    }


def help_is_asked(found: Appointment) -> bool:
    """The client's test of the video call did not work, and nobody has helped yet."""
    return found.needs_help_at is not None and found.status == Status.CONFIRMED and found.mode == Mode.VIDEO


def concern(found: Concern) -> dict[str, Any]:
    """A pattern that asks for a word with a client, and what the provider answered."""
    return {
        "id": str(found.uid),
        "client": str(found.client.uid),
        "pattern": found.pattern,
        "suggestion": patterns.suggestion(found.pattern),
        "state": found.state,
        "answers": list(DECISIONS[found.pattern]) if found.state == Concern.State.OPEN else [],
        "decision": found.decision or None,
        "reason": found.reason or None,
        "note": found.note,
        "raised_at": instant(found.raised_at),
        "decided_at": instant(found.decided_at),
    }


def client(found: Client) -> dict[str, Any]:
    return {
        "id": str(found.uid),
        "name": found.name,
        "email": found.email,
        "phone": found.phone,
        "language": found.language,
        "hour_cycle": found.hour_cycle,
        "timezone": found.timezone,
        "blocked": found.blocked_at is not None,
        "erased_at": instant(found.erased_at),
        "merged_into": str(found.merged_into.uid) if found.merged_into else None,
        "preferences": wishes.shown(found.preferences),
        "mail_trouble": shapes.mail_trouble(found),
    }


def service(found: Service) -> dict[str, Any]:
    """As the provider's file has it, with money as objects and the names in every language."""
    return {
        "id": str(found.uid),
        "slug": found.slug,
        "name": found.name,
        "about": found.about,
        "duration_minutes": found.duration_minutes,
        "buffer_before_minutes": found.buffer_before_minutes,
        "buffer_after_minutes": found.buffer_after_minutes,
        "slot_interval_minutes": found.slot_interval_minutes,
        "min_notice_minutes": found.min_notice_minutes,
        "horizon_days": found.horizon_days,
        "price": money(found.price, found.provider.currency),
        "modes": found.modes,
        "policy": found.policy.name,
        "approval": found.approval,
        "series_most": found.series_most,
        "confirm_by_mail": found.confirm_by_mail,
        "limits": found.limits,
        "questions": found.questions,
        "hidden": found.hidden,
    } | business.tax_percent(found)


def deposit(found: Deposit) -> dict[str, Any]:
    """A deposit with its amounts by state, its refunds and every entry of its ledger."""
    due = [one.due_at for one in found.settlements.all() if one.state == Settlement.State.WAITING]
    return {
        "id": str(found.uid),
        "appointment": str(found.appointment.uid),
        "current": found.current,
        "asked": money(found.asked, found.currency),
        "paid": money(found.paid, found.currency),
        "amounts": {bucket: money(getattr(found, bucket), found.currency) for bucket in BUCKETS},
        "due_at": instant(min(due)) if due else None,
        "refunds": [refund(one) for one in found.refunds.all()],
        "entries": [entry(one) for one in found.entries.all()],
        "created_at": instant(found.created_at),
    }


def charge(found: Charge) -> dict[str, Any]:
    """Something owed, with what was paid and given back of it."""
    return shapes.charge(found) | {
        "appointment": str(found.appointment.uid),
        "client": str(found.appointment.client.uid),
        "payments": [payment(one) for one in found.payments.all()],
        "refunds": [refund(one) for one in found.refunds.all()],
        "entries": [entry(one) for one in found.entries.all()],
    }


def payment(found: Payment) -> dict[str, Any]:
    return {
        "id": str(found.uid),
        "amount": money(found.amount, found.currency),
        "state": found.state,
        "method": found.method,
        "reference": found.reference,
        "received_on": found.received_on.isoformat() if found.received_on else None,
        "paid_at": instant(found.paid_at),
    }


def undone(found: Payment) -> dict[str, Any]:
    """A payment, and what it was for."""
    return payment(found) | {
        "deposit": str(found.deposit.uid) if found.deposit else None,
        "charge": str(found.charge.uid) if found.charge else None,
    }


def paper(found: Paper) -> dict[str, Any]:
    """A receipt, or what follows it. Its PDF says all of it."""
    return {
        "id": str(found.uid),
        "kind": found.kind,
        "number": found.number,
        "follows": found.follows.number if found.follows else None,
        "amount": money(found.amount, found.currency),
        "tax": included_tax.on(found),
        "client": str(found.client.uid),
        "appointment": str(found.payment.appointment.uid),
        "payment": str(found.payment.uid),
        "refund": str(found.refund.uid) if found.refund else None,
        "language": found.language,
        "issued_at": instant(found.issued_at),
    }


def percent(rate: int) -> str:
    """Basis points in percent: 22, 5.5."""
    return f"{(Decimal(rate) / 100).normalize():f}"


def statement(found: Statement, month: str) -> dict[str, Any]:
    """A month whose movements were walked through."""
    currency = found.provider.currency

    def balances(now: Balances) -> dict[str, Any]:
        return {"paid_ahead": money(now.ahead, currency), "owed": money(now.owed, currency)}

    lines = taxes.summary(provider=found.provider, period=found.period, client=found.client)
    return {
        "month": month,
        "client": str(found.client.uid) if found.client else None,
        "opening": balances(found.opening),
        "closing": balances(found.closing),
        "sums": {what: money(amount, currency) for what, amount in sorted(found.sums.items())},
        "ways": [
            {
                "method": method,
                "account": account,
                "paid": money(flow.paid, currency),
                "given_back": money(flow.given_back, currency),
                "disputed": money(flow.disputed, currency),
                "platform_fee": money(flow.fee, currency),
                "stays": money(flow.stays, currency),
            }
            for (method, account), flow in sorted(found.flows.items())
        ],
        "taxes": [
            {
                "rate": None if line.rate is None else percent(line.rate),
                "net": money(line.net, currency),
                "tax": money(line.tax, currency),
                "gross": money(line.gross, currency),
            }
            for line in lines
        ],
    }


def repayment(found: Repayment) -> dict[str, Any]:
    """A member's decision to give money back, and what a second member made of it."""
    return {
        "id": str(found.uid),
        "state": found.state,
        "deposit": str(found.deposit.uid) if found.deposit else None,
        "charge": str(found.charge.uid) if found.charge else None,
        "amount": money(found.amount, found.currency),
        "as": found.how,
        "reason": found.reason,
        "asked_by": str(found.user or ""),
        "asked_at": instant(found.asked_at),
        "decided_by": str(found.decided_by or ""),
        "decided_at": instant(found.decided_at),
        "note": found.note,
    }


def refund(found: Refund) -> dict[str, Any]:
    return {
        "id": str(found.uid),
        "amount": money(found.amount, found.currency),
        "state": found.state,
        "reason": found.reason,
        "note": found.note,
        "failure": found.failure,
        "created_at": instant(found.created_at),
        "settled_at": instant(found.settled_at),
    }


def entry(found: LedgerEntry) -> dict[str, Any]:
    return {
        "source": found.source,
        "target": found.target,
        "amount": money(found.amount, found.whole.currency),
        "reason": found.reason,
        "by": found.by,
        "at": instant(found.at),
    }
