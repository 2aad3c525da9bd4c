"""An appointment that comes again week after week, booked in one go (F-21): all that was agreed to, or nothing.

Each has its own agreement, its own deposit and its own life from then on. The first asks one payment for the
deposits of all; once it arrives each of the others gets its part (`share_out`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from booking import availability, free_starts, hoarding
from booking.actors import SYSTEM, Actor
from booking.lifecycle import by_mail
from booking.lifecycle.beginning import first_status, received
from booking.lifecycle.confirming import welcome
from booking.lifecycle.consenting import agree_about_health
from booking.lifecycle.introducing import ClientDetails
from booking.lifecycle.steps import record
from booking.lifecycle.writing import written
from booking.models import Appointment, Service, Status
from config import as_json, formats
from config.refusal import Refusal
from payments import checkout, credits
from payments.models import Deposit
from policies.rules import weeks
from policies.rules.wishes import Wishes

Instead = Mapping[datetime, datetime | None]  # by the wished start: another one, or none


class NoSeries(Refusal):
    """The service is not booked so, or not so often."""

    code = "invalid"
    status = 400


class SeriesNotFree(Refusal):
    """Some of the starts cannot be had; ``occurrences`` says which, why, and what could be taken instead."""

    code = "series_not_free"


@dataclass(frozen=True)
class Occurrence:
    """One of the weeks. ``start`` is what would be booked, None where it is left out or cannot be had: ``no`` says
    why by its code, ``why`` in words, and ``others`` could be taken. ``clocks`` says what a clock change does to it."""

    wished: datetime
    start: datetime | None
    no: str = ""
    why: str = ""
    clocks: str = ""
    others: tuple[datetime, ...] = ()

    @property
    def is_open(self) -> bool:
        """It cannot be had, and nobody has said what then."""
        return bool(self.no)

    def as_json(self) -> dict[str, Any]:
        return {
            "wished": self.wished.isoformat(),
            "start": self.start.isoformat() if self.start else None,
            "code": self.no or None,
            "text": self.why or self.clocks or None,
            "alternatives": as_json.instants(list(self.others)),
        }


def starts_of(*, service: Service, start: datetime, every: int, times: int) -> list[datetime]:
    """Where the weeks lead. Raises `NoSeries`."""
    must_be_offered(service, every=every, times=times)
    found = weeks.weekly(start, zone=service.provider.timezone, every=every, times=times)
    return [week.start for week in found]


def foresee(
    *,
    service: Service,
    start: datetime,
    mode: str,
    every: int,
    times: int,
    instead: Instead,
    at: datetime,
    suits: Wishes | None = None,
) -> list[Occurrence]:
    """What booking ``times`` starts, ``every`` so many weeks, would take; each held against rules, limits and clocks as
    a single one would be. ``instead`` is what the client chose for those that cannot be had. Raises `NoSeries`."""
    must_be_offered(service, every=every, times=times)
    found = []
    for week in weeks.weekly(start, zone=service.provider.timezone, every=every, times=times):
        chosen = instead.get(week.start, week.start)
        clocks = _clocks(week, service.provider.timezone)
        if chosen is None:
            found.append(Occurrence(week.start, None, clocks=clocks))
            continue
        try:
            availability.check_start(
                provider=service.provider, service=service, start=chosen, mode=mode, at=at, wishes=suits
            )
            found.append(Occurrence(week.start, chosen, clocks=clocks if chosen == week.start else ""))
        except (availability.SlotTaken, availability.NotBookable) as no:
            found.append(_not_had(service, week.start, no, mode=mode, at=at, suits=suits))
    return found


def must_be_offered(service: Service, *, every: int, times: int) -> None:
    if service.approval or not service.series_most:
        raise NoSeries(_("This service is booked one by one."), errors={"times": ["not_offered"]})
    if every not in weeks.EVERY:
        raise NoSeries(_("Every week or every two weeks."), errors={"every": ["invalid"]})
    if not 2 <= times <= service.series_most:
        detail = _("Between 2 and %(most)s at a time.") % {"most": service.series_most}
        raise NoSeries(detail, errors={"times": ["out_of_range"]})


def _not_had(
    service: Service, wished: datetime, no: Refusal, *, mode: str, at: datetime, suits: Wishes | None
) -> Occurrence:
    said = no.facts.get("errors", {}).get("start", [no.code])
    others = free_starts.near(service=service, start=wished, at=at, mode=mode, wishes=suits)
    why = _("This time is taken.") if isinstance(no, availability.SlotTaken) else str(no.detail or "")
    return Occurrence(wished, None, no=said[0], why=why, others=tuple(others))


def _clocks(week: weeks.Week, zone: str) -> str:
    if week.skipped:
        said = _("The clocks change on that day and leave the usual time out, so it begins at %(time)s.")
        return said % {"time": formats.time(week.start, zone)}
    if week.repeated:
        return _("The clocks change on that day and come to this time twice; it is the first of the two.")
    return ""


@transaction.atomic
def hold_series(
    *,
    service: Service,
    start: datetime,
    every: int,
    times: int,
    instead: Instead,
    mode: str,
    zone: str,
    client: ClientDetails,
    answers: dict[str, Any],
    agreed_version: str,
    ip: str | None,
    user_agent: str,
    by: Actor,
    at: datetime,
    proof: hoarding.Proof | None = None,
) -> list[Appointment]:
    """Book all of them, or none: what cannot be had and was not decided about is a `SeriesNotFree`. Otherwise as
    `hold`, each ``held`` until the deposits are paid in one or the one mail is answered, else ``confirmed``."""
    offered, person, suits = received(service, client, agreed_version, zone=zone, by=by, at=at)
    asked = foresee(
        service=service, start=start, mode=mode, every=every, times=times, instead=instead, at=at, suits=suits
    )
    starts = decided(asked)
    if by.kind == "client":
        hoarding.check(
            provider=service.provider, ip=ip, email=person.email, proof=proof, at=at, many=len(starts)
        )
    by_mail_first = by_mail.asks(service, offered, by=by)
    made: list[Appointment] = []
    for one in starts:
        appointment = written(
            service=service,
            start=one,
            mode=mode,
            zone=zone,
            person=person,
            language=client.language,
            hour_cycle=client.hour_cycle,
            answers=answers,
            offered=offered,
            suits=suits,
            ip=ip,
            user_agent=user_agent,
            first=made[0] if made else None,
            status=first_status(service, offered, start=one, asks_by_mail=by_mail_first, at=at),
            at=at,
        )
        agree_about_health(appointment, agrees=client.consents, language=client.language, by=by, at=at)
        record(appointment, "booked", by=by, at=at, status=appointment.status, of_series=len(starts))
        made.append(appointment)
    begin(made, by=by, at=at)
    return made


def decided(asked: Sequence[Occurrence]) -> list[datetime]:
    """The starts to book, in order; refuses while one of them is open, or where fewer than two are left, or two meet."""
    starts = sorted(one.start for one in asked if one.start)
    if any(one.is_open for one in asked):
        raise not_free(_("Some of these times cannot be had. Please say for each what to do."), asked)
    if len(starts) < 2:
        raise not_free(_("That leaves fewer than two. Please book them one by one."), asked)
    if len(set(starts)) < len(starts):
        raise not_free(_("Two of them are at the same time. Please choose another one."), asked)
    return starts


def not_free(detail: str, asked: Sequence[Occurrence]) -> SeriesNotFree:
    return SeriesNotFree(detail, occurrences=[one.as_json() for one in asked])


def begin(made: list[Appointment], *, by: Actor, at: datetime) -> None:
    """The payment for all, the mail for all, or the welcome to all."""
    first = made[0]
    if first.waits_for_mail:
        by_mail.send(first, at=at)
        return
    if first.status == Status.HELD:
        checkout.ask(appointment=first, amount=sum(one.deposit_amount for one in made), at=at)
        return
    for one in reversed(made):  # the first says it for all, once they all stand
        welcome(one, by=by, at=at)


def share_out(first: Appointment, deposit: Deposit, *, at: datetime) -> tuple[int, list[Appointment]]:
    """The one payment has arrived: each of the others that still can be had gets its deposit out of it and is
    confirmed. Returns what is the first's own, and those for which it came too late."""
    missed = []
    rest = list(
        first.series_rest.select_for_update(of=("self",))
        .select_related("service", "client", "policy_version")
        .order_by("starts_at")
    )
    own = deposit.held - sum(one.deposit_amount for one in rest)
    for one in rest:
        one.provider = one.service.provider = first.provider
        one.series_first = first
        waits = one.status == Status.HELD
        if not waits and not (one.status == Status.EXPIRED and availability.is_free(appointment=one, at=at)):
            missed.append(one)
            continue
        part = credits.start(
            deposit=deposit,
            amount=one.deposit_amount,
            by=SYSTEM,
            at=at,
        )
        checkout.ask(appointment=one, amount=one.deposit_amount, at=at, credit=part)
        one.to_status(Status.CONFIRMED, confirmed_at=at)
        welcome(one, by=SYSTEM, at=at)
    deposit.refresh_from_db()
    return own, missed
