"""The provider proposes times of its own, held while the client decides (A5); a move by the provider is
such a proposal too (rule 6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from booking import actors, availability, free_starts, health, quotes
from booking.actors import CLIENT, Actor
from booking.lifecycle.beginning import go_on, last_moment, policy_changed
from booking.lifecycle.changing import end_by_cancel
from booking.lifecycle.confirming import times
from booking.lifecycle.expiring import ENDED, decide, end_proposal, free_lapsed, lapse_move, lapse_proposal
from booking.lifecycle.moving import go_to
from booking.lifecycle.spans import Span, joined, without
from booking.lifecycle.steps import NotAllowed, each, must_be, record, take, waiting_move
from booking.lifecycle.writing import held_for_deposit, written
from booking.models import Appointment, BusyTime, Move, Proposal, ProposedTime, Service, Status
from config import as_json
from config.guards import refused_by
from payments import credits
from payments.models import Credit
from policies.rules import cancellation, moves
from reminders import plan

MOST = 5
DECIDES_WITHIN = timedelta(hours=24)
LONGEST = timedelta(hours=72)


@transaction.atomic
def propose(
    *,
    appointment: Appointment,
    starts: Sequence[datetime],
    by: Actor,
    at: datetime,
    note: str = "",
    within: timedelta = DECIDES_WITHIN,
) -> Proposal:
    """Offer up to five times of one's own and hold them. One that stands keeps its time until the client says
    yes; after one that ended the client gets a new appointment. A newer proposal takes the place of an open
    one. The times need not lie in open hours, but nobody else may have them."""
    appointment = take(appointment)
    must_be_proposable(appointment, at=at)
    free_lapsed(appointment.provider, at=at)
    end_proposal(appointment, Proposal.State.WITHDRAWN, at=at)
    proposal = hold_proposed(appointment, starts, note=note, within=within, by=by, at=at)
    record(appointment, "proposed", by=by, at=at, **facts_of(proposal))
    plan.tell(
        appointment=appointment,
        kind="proposal",
        to="client",
        at=at,
        about=f"proposal:{proposal.uid}",
        facts=facts_of(proposal) | {"standing": appointment.status == Status.CONFIRMED},
    )
    return proposal


def must_be_proposable(appointment: Appointment, *, at: datetime) -> None:
    must_be(appointment, Status.CONFIRMED, *ENDED)
    if appointment.status == Status.CONFIRMED and at >= appointment.starts_at:
        raise NotAllowed(
            "already_started", _("The appointment has started, so no other time can be proposed.")
        )
    if waiting_move(appointment):
        raise NotAllowed(
            "move_waits", _("The client is about to pay for another time. Please wait for that.")
        )


def hold_proposed(
    appointment: Appointment,
    starts: Sequence[datetime],
    *,
    note: str,
    within: timedelta,
    by: Actor,
    at: datetime,
) -> Proposal:
    """The proposal with its times taken, until the client decides: a day, or less where the first of them
    could no longer be booked, or the old time would begin (rule 11)."""
    wanted = sorted(set(starts))
    check_proposed(appointment, wanted, at=at)
    until = decides_until(appointment, wanted, within=within, at=at)
    proposal = Proposal.objects.create(
        appointment=appointment, note=note, user=by.user, created_at=at, expires_at=until
    )
    held = [proposed(proposal, appointment.service, start) for start in wanted]
    ProposedTime.objects.bulk_create(held)
    own = [(appointment.blocked_from, appointment.blocked_until)] if takes_time(appointment) else []
    spans = without(joined((one.blocked_from, one.blocked_until) for one in held), own)
    take_spans(appointment, proposal, list(spans), at=at)
    return proposal


def decides_until(
    appointment: Appointment, wanted: Sequence[datetime], *, within: timedelta, at: datetime
) -> datetime:
    ends = [at + min(within, LONGEST), *(last_moment(appointment.service, start) for start in wanted)]
    if appointment.status == Status.CONFIRMED:
        ends.append(appointment.starts_at)
    return min(ends)


def takes_time(appointment: Appointment) -> bool:
    return BusyTime.objects.filter(appointment=appointment, kind="appointment").exists()


def proposed(proposal: Proposal, service: Service, start: datetime) -> ProposedTime:
    span = times(service, start, timedelta(0))
    return ProposedTime(
        proposal=proposal,
        start_at=start,
        blocked_from=span["blocked_from"],
        blocked_until=span["blocked_until"],
    )


def check_proposed(appointment: Appointment, wanted: list[datetime], *, at: datetime) -> None:
    """Refuses with ``errors.starts``, the first that holds: none or too many, `same_time`, `past`, `too_soon`,
    `too_far`, `off_grid` (no whole minute)."""
    if not 1 <= len(wanted) <= MOST:
        raise wrong_start("count", _("Please propose one to five times."))
    horizon = at + timedelta(days=appointment.service.horizon_days)
    for start in wanted:
        code = ""
        if appointment.status == Status.CONFIRMED and start == appointment.starts_at:
            raise wrong_start("same_time", _("The appointment is at this time already."))
        if start <= at:
            code = "past"
        elif last_moment(appointment.service, start) <= at:
            code = "too_soon"
        elif start > horizon:
            code = "too_far"
        elif start.second or start.microsecond:
            code = "off_grid"
        if code:
            raise wrong_start(code, availability.why(code))


def wrong_start(code: str, detail: str) -> availability.NotBookable:
    return availability.NotBookable(detail, errors={"starts": [code]})


def take_spans(appointment: Appointment, proposal: Proposal, spans: list[Span], *, at: datetime) -> None:
    """The database has the last word on whether they are free."""
    for first, last in spans:
        try:
            with transaction.atomic():
                BusyTime.objects.create(
                    provider=appointment.provider,
                    appointment=appointment,
                    kind="proposal",
                    blocked_from=first,
                    blocked_until=last,
                    expires_at=proposal.expires_at,
                )
        except IntegrityError as error:
            if not refused_by(error).startswith("no_overlap"):
                raise
            raise availability.SlotTaken(
                _("Somebody has one of these times already. Please choose another."),
                errors={"starts": ["slot_taken"]},
                alternatives=as_json.instants(
                    free_starts.near(
                        service=appointment.service,
                        start=first,
                        at=at,
                        mode=appointment.mode,
                        without=appointment,
                    )
                ),
            ) from None


def facts_of(proposal: Proposal) -> dict[str, object]:
    return {
        "proposal": str(proposal.uid),
        "starts": as_json.instants([one.start_at for one in proposal.times.all()]),
        "expires_at": as_json.instant(proposal.expires_at),
        "note": proposal.note,
    }


@transaction.atomic
def accept_proposal(
    *,
    proposal: Proposal,
    start: datetime,
    at: datetime,
    agreed_version: str = "",
    language: str = "",
    hour_cycle: str = "",
    ip: str | None = None,
    user_agent: str = "",
) -> Appointment:
    """The client takes exactly one of the times; the others are free in the same moment. Returns the
    appointment that has it: the old one, moved, or the new one, which uses the credit that waits or asks its
    deposit as any booking does. Told twice, done once."""
    appointment = take(proposal.appointment)
    proposal = (
        Proposal.objects.select_for_update(of=("self",)).select_related("made", "user").get(pk=proposal.pk)
    )
    if proposal.state == Proposal.State.ACCEPTED and proposal.chosen_start_at == start:
        return proposal.made or appointment
    must_be_open(proposal, at=at)
    if not proposal.times.filter(start_at=start).exists():
        detail = _("This is none of the times that were proposed.")
        raise availability.NotBookable(detail, errors={"start": ["not_proposed"]})
    free_lapsed(appointment.provider, at=at)
    decide(proposal, Proposal.State.ACCEPTED, at=at, chosen_start_at=start)
    record(appointment, "proposal_accepted", by=CLIENT, at=at, to=as_json.instant(start))
    if appointment.status == Status.CONFIRMED:
        move_as_proposed(appointment, proposal, start, at=at)
        return appointment
    made = book_as_proposed(
        appointment,
        start,
        agreed_version=agreed_version,
        language=language,
        hour_cycle=hour_cycle,
        ip=ip,
        user_agent=user_agent,
        at=at,
    )
    proposal.made = made
    proposal.save(update_fields=["made"])
    return made


def must_be_open(proposal: Proposal, *, at: datetime) -> None:
    """Exactly at its end it is over."""
    if proposal.state == Proposal.State.OPEN and at < proposal.expires_at:
        return
    over = Proposal.State.LAPSED if proposal.state == Proposal.State.OPEN else Proposal.State(proposal.state)
    raise NotAllowed(
        f"proposal_{over}",
        {
            Proposal.State.ACCEPTED: _("One of these times has been taken already."),
            Proposal.State.REFUSED: _("These times have been turned down already."),
            Proposal.State.LAPSED: _("The time to decide is over, so these times are no longer kept."),
            Proposal.State.WITHDRAWN: _("These times are no longer proposed."),
        }[over],
    )


def move_as_proposed(appointment: Appointment, proposal: Proposal, start: datetime, *, at: datetime) -> None:
    """A move by the provider with the client's yes: no move is used, the deposit follows, the original start
    is the new one (rule 6)."""
    if waiting := waiting_move(appointment):
        lapse_move(waiting, at=at)
    outcome = moves.provider_move(quotes.standing(appointment, at=at), at=at)
    made = Move.objects.create(
        appointment=appointment,
        state="done",
        from_start_at=appointment.starts_at,
        to_start_at=start,
        by="provider",
        at=at,
        notice=outcome.notice,
    )
    go_to(appointment, made, outcome, by=actors.provider(proposal.user), at=at)


def book_as_proposed(
    appointment: Appointment,
    start: datetime,
    *,
    agreed_version: str,
    language: str,
    hour_cycle: str,
    ip: str | None,
    user_agent: str,
    at: datetime,
) -> Appointment:
    """A new appointment after one that ended. The provider has said yes already, so it waits for the deposit
    alone; terms that are others than those agreed to want a new yes (`PolicyChanged`)."""
    service, language = appointment.service, language or appointment.language
    offered = quotes.offer(service)
    if (agreed_version or quotes.agreed_version(appointment)) != offered.version:
        raise policy_changed(service, offered, language=language)
    credit = own_credit(appointment, start, at=at)
    waits_until = min(at + timedelta(minutes=service.provider.hold_minutes), start)
    made = written(
        service=service,
        start=start,
        mode=appointment.mode if appointment.mode in service.modes else service.modes[0],
        zone=appointment.timezone,
        person=appointment.client,
        language=language,
        hour_cycle=hour_cycle or appointment.hour_cycle,
        answers=health.without(appointment.answers, health.asked(service.questions)),
        offered=offered,
        status=held_for_deposit(offered, until=waits_until, at=at),
        ip=ip,
        user_agent=user_agent,
        credit=credit,
        at=at,
    )
    record(made, "booked", by=CLIENT, at=at, status=made.status)
    go_on(made, credit=credit, by=CLIENT, at=at)
    return made


def own_credit(appointment: Appointment, start: datetime, *, at: datetime) -> Credit | None:
    """The credit that waits behind this appointment, where it is good for the new start (rule 5)."""
    credit = credits.find(appointment=appointment)
    if credit and credit.expires_at and (start >= credit.expires_at or at >= credit.expires_at):
        return None
    return credit


@transaction.atomic
def refuse_proposal(*, proposal: Proposal, at: datetime, note: str = "", cancel: bool = False) -> Appointment:
    """None of the times suits. An appointment that stands goes on as it was, or with ``cancel`` ends with all
    of the deposit back and no lapse (rule 6)."""
    appointment = take(proposal.appointment)
    proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
    must_be_open(proposal, at=at)
    decide(proposal, Proposal.State.REFUSED, at=at)
    record(appointment, "proposal_refused", by=CLIENT, at=at, note=note)
    if cancel:
        must_be(appointment, Status.CONFIRMED)
        outcome = cancellation.provider_cancel(quotes.standing(appointment, at=at), at=at)
        end_by_cancel(appointment, outcome, reason="availability", note=note, by=CLIENT, at=at)
        return appointment
    tell_end(appointment, proposal, "proposal_refused", to=("provider",), note=note, at=at)
    return appointment


@transaction.atomic
def withdraw_proposal(*, appointment: Appointment, by: Actor, at: datetime) -> Appointment:
    """The provider needs the times itself; the client is told."""
    appointment = take(appointment)
    proposal = appointment.proposals.open().first()
    if proposal is None:
        raise NotAllowed("no_proposal", _("No times are proposed at the moment."))
    decide(proposal, Proposal.State.WITHDRAWN, at=at)
    record(appointment, "proposal_withdrawn", by=by, at=at)
    tell_end(appointment, proposal, "proposal_withdrawn", to=("client",), at=at)
    return appointment


def tell_end(
    appointment: Appointment,
    proposal: Proposal,
    kind: str,
    *,
    to: tuple[str, ...],
    at: datetime,
    note: str = "",
) -> None:
    facts = facts_of(proposal) | {"standing": appointment.status == Status.CONFIRMED, "note": note}
    for reader in to:
        plan.tell(
            appointment=appointment,
            kind=kind,
            to=reader,
            at=at,
            about=f"proposal:{proposal.uid}",
            facts=facts,
        )


def lapse_proposals(*, at: datetime) -> int:
    """Sweep: every proposal that nobody answered in time. Returns how many."""
    over = Proposal.objects.lapsed(at=at).select_related("appointment").order_by("expires_at")
    return each(over, lambda proposal: lapse_one(proposal.appointment, at=at))


@transaction.atomic
def lapse_one(appointment: Appointment, *, at: datetime) -> bool:
    appointment = take(appointment)
    proposal = appointment.proposals.lapsed(at=at).first()
    if proposal is None:
        return False
    lapse_proposal(proposal, appointment, at=at)
    return True
