"""Steps that several stories share: taking the rows, writing the timeline, what may be done now."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from booking import free_starts, included_tax, quotes, wishes
from booking.actors import Actor
from booking.models import Appointment, Lapse, Move, Provider, Status, TimelineEntry
from booking.outgoing import staging
from config import as_json
from config.refusal import Refusal
from payments import credits, ledger, refunds, settlements
from payments.models import Charge, Deposit, Settlement
from policies.models import PolicyException, Reason
from policies.rules import no_show
from policies.rules.cancellation import Outcome
from reminders import plan

Row = TypeVar("Row", bound=Model)

log = logging.getLogger(__name__)

EARLY_ARRIVAL = timedelta(minutes=30)
MOST_IN_A_ROUND, AT_A_TIME = 10_000, 200  # the next round goes on
LATE_NOTICE = timedelta(hours=2)
LINK_LIVES_ON = timedelta(days=90)


class NotAllowed(Refusal):
    """The act does not fit what the appointment is now; ``code`` says why."""

    status = 409

    def __init__(self, code: str, detail: str, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.code = code  # type: ignore[misc]


class TooMuch(Refusal):
    """More than there is to give back, or than is owed."""

    code = "invalid"
    status = 400


def take(appointment: Appointment) -> Appointment:
    """The appointment as it is now, its provider locked first and itself second."""
    provider = Provider.objects.locked().get(pk=appointment.provider_id)
    fresh = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("service", "client", "policy_version")
        .get(pk=appointment.pk)
    )
    fresh.provider = fresh.service.provider = provider
    return fresh


def record(appointment: Appointment, kind: str, *, by: Actor, at: datetime, **facts: Any) -> None:
    """A line of the timeline, which programs of the provider's are told of. An act of the client's is also a sign of
    life."""
    TimelineEntry.objects.create(
        appointment=appointment, kind=kind, at=at, by=by.kind, user=by.user, facts=facts
    )
    staging.line(appointment, kind, facts, at=at)
    if by.kind == "client":
        appointment.client.last_answer_at = at
        appointment.client.save(update_fields=["last_answer_at"])


def must_be(appointment: Appointment, *statuses: str) -> None:
    if appointment.status not in statuses:
        raise NotAllowed(
            f"is_{appointment.status}",
            _("This appointment is %(status)s, so that is not possible any more.")
            % {"status": status_word(appointment)},
        )


def status_word(appointment: Appointment) -> str:
    """The status in the reader's words."""
    if appointment.waits_for_mail:
        return _("waiting for a yes by mail")
    return {
        Status.REQUESTED: _("waiting for an answer"),
        Status.HELD: _("waiting for its deposit"),
        Status.CONFIRMED: _("confirmed"),
        Status.COMPLETED: _("completed"),
        Status.CANCELLED: _("cancelled"),
        Status.DECLINED: _("declined"),
        Status.NO_SHOW: _("marked as missed"),
        Status.EXPIRED: _("expired"),
    }[Status(appointment.status)]


def already_started() -> NotAllowed:
    return NotAllowed(
        "already_started",
        _("The appointment has started, so it can no longer be changed or cancelled."),
    )


def put(appointment: Appointment, **values: Any) -> None:
    """Save what changed, nothing else."""
    for field, value in values.items():
        setattr(appointment, field, value)
    appointment.save(update_fields=list(values))


def offers(appointment: Appointment, *, at: datetime, before: datetime | None = None) -> list[datetime]:
    """Three concrete times to go on with (A5), those that suit what the client said first (A10)."""
    return free_starts.offers(
        service=appointment.service,
        near=appointment.starts_at,
        at=at,
        mode=appointment.mode,
        before=before,
        wishes=wishes.of(appointment),
    )


def each(rows: QuerySet[Row], act: Callable[[Row], object], *, most: int = MOST_IN_A_ROUND) -> int:
    """Do ``act`` to every row of a sweep, at most so many in a round, and count those done. A row that
    meanwhile is something else is passed over; one that breaks is logged and must not keep the others
    waiting (F-86)."""
    done = 0
    keys = list(rows.values_list("pk", flat=True)[:most])
    for first in range(0, len(keys), AT_A_TIME):
        for row in rows.filter(pk__in=keys[first : first + AT_A_TIME]):
            try:
                done += act(row) is not False
            except Refusal:
                continue
            except Exception:
                log.exception("%s %s could not be swept", row._meta.model_name, row.pk)
    return done


def lapsed(appointment: Appointment, outcome: Outcome, *, at: datetime) -> Lapse | None:
    """The lapse of an outcome, forgiven at once where the terms say so (``forgive``)."""
    if not outcome.lapse:
        return None
    lapse = Lapse.objects.create(
        appointment=appointment,
        client=appointment.client,
        kind=outcome.lapse,
        at=at,
        forgiven=outcome.forgiven,
        excused_at=at if outcome.forgiven else None,
    )
    if outcome.forgiven:
        PolicyException.objects.create(
            appointment=appointment,
            lapse=lapse,
            reason=Reason.GOODWILL,
            note="",
            amount=outcome.refund + outcome.carry,
            full=True,
            at=at,
        )
    return lapse


def move_money(
    appointment: Appointment,
    outcome: Outcome,
    *,
    cause: str,
    lapse: Lapse | None,
    by: Actor,
    at: datetime,
) -> Settlement | None:
    """What an outcome does to the current deposit: back at once, carried as a credit, or waiting to
    be settled (rule 8). On a move what follows simply stays where it is."""
    deposit = quotes.current_deposit(appointment)
    terms = quotes.terms(appointment)
    if deposit and outcome.refund:
        refunds.give_back(deposit=deposit, amount=outcome.refund, reason=cause, by=by, at=at)
    if deposit and outcome.carry and outcome.act != "move":
        carry(appointment, deposit, outcome, by=by, at=at)
    return settlements.plan(
        appointment=appointment,
        deposit=deposit,
        forfeit=outcome.forfeit,
        fee=outcome.fee,
        cause=cause,
        lapse=lapse,
        due_at=no_show.settlement_due_at(terms, at),
        at=at,
        by=by,
    )


def carry(appointment: Appointment, deposit: Deposit, outcome: Outcome, *, by: Actor, at: datetime) -> None:
    """What is carried becomes a credit; the client hears of its deadline once more a day before it ends
    (rule 5). One without a deadline starts afresh (rule 6)."""
    deadline = outcome.carry_until
    chain: dict[str, Any] = {}
    if deadline:
        chain = {
            "original_start_at": quotes.chain_start(appointment, deposit),
            "moves_used": appointment.moves_used,
            "smallest_notice": appointment.smallest_notice,
        }
    credit = credits.start(
        deposit=deposit,
        amount=outcome.carry,
        expires_at=deadline,
        unused=quotes.terms(appointment).carry_unused,
        **chain,
        by=by,
        at=at,
    )
    if deadline and deadline - timedelta(days=1) > at:
        plan.tell(
            appointment=appointment,
            kind="credit_ends",
            to="client",
            at=at,
            due_at=deadline - timedelta(days=1),
            about=f"credit:{credit.uid}",
            facts={"carry_until": as_json.instant(deadline), "unused": credit.unused},
        )


def money_facts(appointment: Appointment, outcome: Outcome, settlement: Settlement | None) -> dict[str, Any]:
    """What a message says about the money of an outcome."""
    currency = appointment.currency
    facts: dict[str, Any] = {
        name: as_json.money(getattr(outcome, name), currency)
        for name in ("refund", "carry", "forfeit", "fee")
    }
    facts |= {"late": outcome.late, "forgiven": outcome.forgiven, "follows": outcome.follows}
    facts["carry_until"] = as_json.instant(outcome.carry_until)
    facts["settles_at"] = as_json.instant(settlement.due_at) if settlement else None
    facts["tax_lost"] = included_tax.in_loss(appointment, outcome.cost)
    return facts


def waiting_settlement(appointment: Appointment) -> Settlement | None:
    return (
        appointment.settlements.filter(state=Settlement.State.WAITING)
        .select_related("deposit", "lapse")
        .order_by("pk")
        .first()
    )


def counting_lapse(appointment: Appointment) -> Lapse | None:
    return Lapse.objects.counting().filter(appointment=appointment).order_by("-at").first()


def owed(appointment: Appointment) -> int:
    """What the client still owes for this appointment, in minor units."""
    return sum(charge.owed for charge in appointment.charges.all())


def fees_at_stake(appointment: Appointment) -> tuple[int, int]:
    """Fees by the terms: what is owed of them, and what was paid and can go back."""
    parts = [fee_at_stake(one) for one in appointment.charges.all() if one.kind == Charge.Kind.FEE]
    return sum(owed for owed, _paid in parts), sum(paid for _owed, paid in parts)


def fee_at_stake(fee: Charge) -> tuple[int, int]:
    """The same of one fee."""
    return fee.owed, min(fee.applied, fee.amount - fee.waived)


def waiting_move(appointment: Appointment) -> Move | None:
    return next((move for move in appointment.moves.all() if move.state == "waiting"), None)


def proposable(appointment: Appointment, *, at: datetime) -> bool:
    """Whether the provider may propose times: another one of what stands, a new one after what ended (A5)."""
    if appointment.client.erased_at or at >= appointment.ends_at + LINK_LIVES_ON:
        return False
    if appointment.status == Status.CONFIRMED:
        return at < appointment.starts_at and waiting_move(appointment) is None
    return appointment.status in (Status.CANCELLED, Status.DECLINED, Status.NO_SHOW, Status.EXPIRED)


def allowed(appointment: Appointment, *, at: datetime) -> set[str]:
    """The acts that fit now, by name, whoever may do them; pages show no others."""
    start, end = appointment.starts_at, appointment.ends_at
    lapse = counting_lapse(appointment)
    unseen = appointment.status == Status.CONFIRMED and appointment.arrived_at is None
    open_explanation = appointment.explained_at and not appointment.explanation_decided_at
    asked = appointment.asked_delay_minutes > appointment.accepted_delay_minutes
    sums = ledger.amounts(appointment)
    proposed = appointment.proposals.open().filter(expires_at__gt=at).exists()
    rules = {
        "cancel": at <= start and appointment.status in ("requested", "held", "confirmed"),
        "move": at <= start and appointment.status == "confirmed",
        "mode": at <= start and appointment.status == "confirmed" and len(appointment.service.modes) > 1,
        "pay": (appointment.status == "held" and not appointment.waits_for_mail)
        or waiting_move(appointment) is not None,
        "mail_again": appointment.waits_for_mail and at < (appointment.hold_expires_at or at),
        "approve": appointment.status == "requested" and (appointment.hold_expires_at or at) > at,
        "decline": appointment.status == "requested",
        "propose": proposable(appointment, at=at),
        "withdraw_proposal": proposed,
        "answer_proposal": proposed,
        "urgent": appointment.status == "confirmed" and at <= start and not appointment.urgent_reason,
        "not_urgent": bool(appointment.urgent_reason) and appointment.status == "confirmed" and at <= start,
        "confirm": unseen and at <= start and appointment.will_come_at is None,
        "test": unseen and appointment.mode == "video" and at < end,
        "helped": unseen and appointment.mode == "video" and appointment.needs_help_at and at < end,
        "arrive": unseen and start - EARLY_ARRIVAL <= at < end,
        "undo_arrive": appointment.status == Status.CONFIRMED and appointment.arrived_at is not None,
        "late": unseen and start - LATE_NOTICE <= at <= appointment.grace_ends_at,
        "accept_late": unseen and asked and at < end,
        "contact": unseen and start <= at < end,
        "no_show": unseen and at >= appointment.grace_ends_at,
        "undo_no_show": appointment.status == "no_show",
        "complete": appointment.status == "confirmed" and at >= start,
        "explain": lapse is not None,
        "excuse": lapse is not None or bool(sums["forfeited"]) or any(fees_at_stake(appointment)),
        "keep_terms": bool(open_explanation),
        "refund": bool(sums["held"] or sums["forfeited"] or sums["applied"]),
    }
    return {act for act, fits in rules.items() if fits}
