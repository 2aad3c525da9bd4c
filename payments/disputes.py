"""Disputes: what a client's bank takes back, and what the provider says to it.

An event is a hint: ``record`` is handed the dispute as it is at the gateway now. Money that the bank took
lies in ``disputed`` until it comes back, or for good (rule 10)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from booking.actors import SYSTEM
from booking.models import Status
from config.celery import kick
from config.refusal import Refusal
from payments import credits, gateways, ledger, refunds, settlements, whereabouts
from payments.gateways import DisputeResult, Gateway, GatewayRefused, GatewayUnavailable
from payments.models import Charge, Credit, Deposit, Dispute, Payment, Refund
from payments.whereabouts import named

if TYPE_CHECKING:
    from booking.models import User

log = logging.getLogger(__name__)

State = Dispute.State
# Makes the PDF of one, the second time a ``brief`` one.
Paper = Callable[[Dispute, bool], bytes]
# Card schemes take so many pages, texts and paper together: Mastercard 19.
TOO_MANY_PAGES = "dispute_evidence_page_limit_exceeded"
WHOLE, BRIEF, NO_PAPER = range(3)

LEASE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=1)
ALWAYS = (State.NEEDS_RESPONSE, State.UNDER_REVIEW, State.WON, State.LOST, State.CLOSED)
LATER_THAN: dict[str, tuple[str, ...]] = {
    State.WARNING: ALWAYS,
    State.NEEDS_RESPONSE: ALWAYS[1:],
    State.UNDER_REVIEW: ALWAYS[2:],
    State.CLOSED: (State.NEEDS_RESPONSE, State.WON, State.LOST),  # an inquiry may still become a dispute
    State.LOST: (State.WON,),  # an appeal
    State.WON: (State.LOST,),
}


class InDispute(Refusal):
    """The client's bank has this payment in its hands: a refund would pay twice (F-61)."""

    code = "in_dispute"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The client's bank is looking at this payment and has taken the money back for now. Nothing can be"
                " refunded until it has decided; else the client might get it twice."
            )
        )


class CannotAnswer(Refusal):
    """The evidence went out already, or the bank takes none any more."""

    code = "cannot_answer"


@dataclass(frozen=True)
class Change:
    """What became of a dispute: whether it is new, whether an inquiry has become one, and whether it has
    just ended."""

    dispute: Dispute
    opened: bool = False
    taken: bool = False
    closed: bool = False


def over(whole: Deposit | Charge) -> QuerySet[Dispute]:
    """The open disputes over money that is in this deposit or charge, also through a credit."""
    wholes: list[Deposit | Charge] = [whole]
    while isinstance(wholes[-1], Deposit) and wholes[-1].credit:
        wholes.append(wholes[-1].credit.deposit)
    asked = Q()
    for one in wholes:
        asked |= Q(**{f"payment__{name}": found for name, found in named(one).items()})
    return Dispute.objects.open().filter(asked)


def must_not_be_over(whole: Deposit | Charge) -> None:
    """Raises ``InDispute`` where a dispute is open."""
    if over(whole).exists():
        raise InDispute


def record(*, payment: Payment, result: DisputeResult, at: datetime) -> Change:
    """Writes down a dispute as it is now, and moves the money as the bank did. In any order, any number of
    times: what is older than what is known changes nothing."""
    whole = payment.whole
    type(whole).objects.select_for_update().get(pk=whole.pk)  # before anything about it, as everywhere
    dispute = Dispute.objects.select_for_update().filter(gateway_id=result.id).first()
    opened = dispute is None
    if dispute is None:
        dispute = _opened(payment, result, at=at)
    elif result.state != dispute.state and result.state not in LATER_THAN[dispute.state]:
        return Change(dispute)
    was_over = dispute.state in Dispute.OVER and not opened
    was_asked = dispute.state == State.WARNING
    _follow(dispute, result, at=at)
    _move(dispute, at=at)
    dispute.save()
    return Change(
        dispute,
        opened=opened,
        taken=was_asked and dispute.is_open,
        closed=dispute.state in Dispute.OVER and not was_over,
    )


def _opened(payment: Payment, result: DisputeResult, *, at: datetime) -> Dispute:
    return Dispute(
        payment=payment,
        gateway_id=result.id,
        amount=result.amount,
        currency=payment.currency,
        opened_at=result.opened_at or at,
    )


def _follow(dispute: Dispute, result: DisputeResult, *, at: datetime) -> None:
    dispute.state, dispute.withdrawn = result.state, result.withdrawn
    dispute.amount, dispute.reason = result.amount, result.reason[:60]
    dispute.due_by = result.due_by
    over = dispute.state in Dispute.OVER
    dispute.closed_at = (dispute.closed_at or at) if over else None
    if result.answered and dispute.submitted_at is None:
        # Answered in the gateway's own dashboard, or by us and the reply was lost.
        dispute.staged_at = dispute.staged_at or at
        dispute.submitted_at = at


# --- The money ---


def look_again(*, payment: Payment, at: datetime) -> None:
    """Money of a disputed payment has come back from a refund that failed: the bank has it already."""
    for dispute in Dispute.objects.select_for_update().filter(payment=payment, withdrawn=True):
        _move(dispute, at=at)
        dispute.save(update_fields=["taken", "short"])


def _move(dispute: Dispute, *, at: datetime) -> None:
    """Puts as much into ``disputed`` as the bank has, or back where it came from."""
    if not dispute.withdrawn:
        _give_back(dispute, at=at)
        dispute.short = 0
        return
    if dispute.state == State.LOST:
        _drop_what_waits(dispute, at=at)
    missing = dispute.amount - dispute.disputed
    for place in whereabouts.of(payment=dispute.payment) if missing > 0 else []:
        part = min(missing, place.amount)
        if part:
            whereabouts.take(place=place, amount=part, target="disputed", reason="disputed", by=SYSTEM, at=at)
            dispute.taken = [*dispute.taken, _noted(place, part)]
            missing -= part
    dispute.short = max(missing, 0)
    if dispute.state == State.LOST:
        _keep_settlements_within(dispute, at=at)


def _noted(place: whereabouts.Place, amount: int) -> dict[str, object]:
    [(name, whole)] = named(place.whole).items()
    found: dict[str, object] = {name: whole.pk, "bucket": place.bucket, "amount": amount}
    return found | ({"credit": place.credit.pk} if place.credit else {})


def _give_back(dispute: Dispute, *, at: datetime) -> None:
    for part in dispute.taken:
        kind = Deposit if "deposit" in part else Charge
        whole = kind.objects.select_for_update().get(pk=part.get("deposit") or part["charge"])
        bucket = part["bucket"]
        if bucket == "held" and whole.appointment.status == Status.COMPLETED:
            bucket = "applied"
        ledger.post(
            **named(whole),
            source="disputed",
            target=bucket,
            amount=part["amount"],
            reason="reinstated",
            by=SYSTEM,
            at=at,
        )
        if "credit" in part:
            _credit_again(Credit.objects.get(pk=part["credit"]), part["amount"], at=at)
    dispute.taken = []


def _credit_again(old: Credit, amount: int, *, at: datetime) -> None:
    """By the same terms: one whose time is over meanwhile ends by them at the next sweep."""
    credits.start(
        deposit=old.deposit,
        amount=amount,
        source_bucket="carried",
        expires_at=old.expires_at,
        unused=old.unused,
        original_start_at=old.original_start_at,
        moves_used=old.moves_used,
        smallest_notice=old.smallest_notice,
        by=SYSTEM,
        at=at,
    )


def _drop_what_waits(dispute: Dispute, *, at: datetime) -> None:
    """The client has the money through the bank: a refund that waited for the end of it is not sent."""
    waits = dispute.payment.refunds.filter(state=Refund.State.STAGED, gateway_id=None, claimed_at=None)
    for refund in waits.order_by("pk"):
        refunds.record_result(refund=refund, state=Refund.State.FAILED, failure=refunds.LOST, at=at)


def _keep_settlements_within(dispute: Dispute, *, at: datetime) -> None:
    for part in dispute.taken:
        if "deposit" in part:
            settlements.keep_within(deposit=Deposit.objects.get(pk=part["deposit"]), at=at)


# --- The answer ---


def stage(*, dispute: Dispute, evidence: dict[str, str], user: User, at: datetime) -> Dispute:
    """The provider's answer, for the worker to send. Once: the bank takes no second one."""
    locked = Dispute.objects.select_for_update().get(pk=dispute.pk)
    if locked.staged_at:
        raise CannotAnswer(_("The answer has gone out already."))
    if not locked.can_be_answered or (locked.due_by and locked.due_by <= at):
        raise CannotAnswer(_("The bank takes no answer to this any more."))
    locked.evidence, locked.submitted_by = evidence, user
    locked.staged_at = locked.due_at = at
    locked.save(update_fields=["evidence", "submitted_by", "staged_at", "due_at"])
    kick("payments.tasks.send_evidence")
    return locked


def keep(*, dispute: Dispute, evidence: dict[str, str]) -> bool:
    """Keeps what the provider has edited so far. False where it has gone out already."""
    waiting = Dispute.objects.filter(pk=dispute.pk, staged_at=None)
    return bool(waiting.update(evidence=evidence))


def send_due(*, at: datetime, paper: Paper, limit: int = 20) -> int:
    """Sends the answers that were staged; never inside a transaction. ``paper`` makes the PDF of one.
    Returns how many the gateway has taken."""
    sent = 0
    for _turn in range(limit):
        dispute = _claim(at=at)
        if dispute is None:
            break
        sent += _send(dispute, at=at, paper=paper)
    return sent


def _claim(*, at: datetime) -> Dispute | None:
    free = Q(claimed_at=None) | Q(claimed_at__lte=at - LEASE)
    waiting = Dispute.objects.filter(free, staged_at__isnull=False, submitted_at=None, due_at__lte=at)
    with transaction.atomic(durable=True):
        rows = waiting.select_related("payment").order_by("due_at", "pk")
        dispute = rows.select_for_update(skip_locked=True, of=("self",)).first()
        if dispute:
            dispute.claimed_at = at
            dispute.attempts += 1
            dispute.save(update_fields=["claimed_at", "attempts"])
        return dispute


def _send(dispute: Dispute, *, at: datetime, paper: Paper) -> bool:
    row = Dispute.objects.filter(pk=dispute.pk)
    try:
        _answer(dispute, paper=paper)
    except GatewayUnavailable as away:
        pause = min(timedelta(seconds=5 * 2 ** min(dispute.attempts, 12)), LONGEST_PAUSE)
        row.update(claimed_at=None, due_at=at + pause, failure=str(away.reason)[:300])
        return False
    except GatewayRefused as no:
        log.error("the evidence for dispute %s was refused: %s", dispute.uid, no)
        row.update(claimed_at=None, due_at=None, staged_at=None, failure=str(no)[:300])
        return False
    row.filter(submitted_at=None).update(submitted_at=at)
    row.update(claimed_at=None, failure="")
    return True


def _answer(dispute: Dispute, *, paper: Paper) -> None:
    """Stage, call, settle: the paper first, then all of it. Where the reply was lost before, the gateway
    knows that it has an answer, and that is looked up rather than sent again. What the scheme finds too long
    goes with a shorter paper, then with none: the texts are the provider's own words and stay as they are."""
    gateway = gateways.of(dispute.payment)
    if dispute.attempts > 1 and gateway.find_dispute(dispute.gateway_id).answered:
        return
    for length in (WHOLE, BRIEF, NO_PAPER):
        try:
            _send_answer(gateway, dispute, length, paper=paper)
            return
        except GatewayRefused as no:
            if no.code != TOO_MANY_PAGES or length == NO_PAPER:
                raise
            log.warning("the evidence for dispute %s has too many pages: sent shorter", dispute.uid)


def _send_answer(gateway: Gateway, dispute: Dispute, length: int, *, paper: Paper) -> None:
    if length == WHOLE and not dispute.paper_id:
        dispute.paper_id = _uploaded(gateway, dispute, paper(dispute, False), key=str(dispute.attempts))
        Dispute.objects.filter(pk=dispute.pk).update(paper_id=dispute.paper_id)
    papers = {WHOLE: dispute.paper_id, NO_PAPER: ""}
    if length == BRIEF:
        papers[BRIEF] = _uploaded(gateway, dispute, paper(dispute, True), key=f"{dispute.attempts}:brief")
    staged = int(dispute.staged_at.timestamp()) if dispute.staged_at else 0
    gateway.answer_dispute(
        dispute_id=dispute.gateway_id,
        evidence={name: text for name, text in dispute.evidence.items() if text},
        paper_id=papers[length],
        key=f"evidence:{dispute.uid}:{staged}" + (f":{dispute.attempts}:{length}" if length else ""),
    )


def _uploaded(gateway: Gateway, dispute: Dispute, content: bytes, *, key: str) -> str:
    return gateway.upload_paper(name="evidence.pdf", content=content, key=f"paper:{dispute.uid}:{key}")
