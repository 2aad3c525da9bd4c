"""Today: who comes, who is not here yet, what waits for a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.dashboard import anew, attention, concerns, decisions, first_run, records, sheet
from booking.dashboard.access import at_desk, page
from booking.dashboard.acts import ACTS, Act
from booking.dashboard.agenda import Entry, entries, entry, known_of
from booking.dashboard.consequences import Consequences, Stake
from booking.dashboard.decisions import Decision
from booking.dashboard.desk import Desk
from booking.dashboard.reaching import Reach, reach
from booking.dashboard.times import local_day, span
from booking.lifecycle.attendance import COMPLETES_AFTER
from booking.models import Appointment, Mode, Status
from booking.models.appointment import TAKING_TIME, AppointmentQuerySet
from config import formats
from payments.dashboard import account, disputes
from payments.dashboard import words as money_words
from reminders.dashboard import words as message_words

MOST = 20  # of each kind of waiting thing; the lists have them all
MOST_DECISIONS = 10  # each with its record and the words of its answers
RECENT = timedelta(days=14)


@dataclass(frozen=True)
class Choice:
    """One act with what it does."""

    act: Act
    consequence: str


@dataclass(frozen=True)
class Absent:
    """Somebody who is not here yet: until when we wait, and how to reach them."""

    entry: Entry
    signs: list[str]
    waits_until: datetime
    until: str
    over: bool
    asked_minutes: int
    reach: Reach
    choices: list[Choice]


@dataclass(frozen=True)
class Waiting:
    """Something that waits for an answer; ``decision`` where a client told what happened."""

    entry: Entry
    heading: str
    words: str
    choices: list[Choice]
    decision: Decision | None = None


@require_safe
@at_desk()
def today(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    first, last = span(local_day(desk.at, desk.zone), 1, desk.zone)
    comes = list(desk.appointments.between(first, last).filter(status__in=TAKING_TIME).order_by("starts_at"))
    listed = entries(desk, comes)
    absent = _absent(desk)
    shown = {one.entry.appointment.pk for one in absent}
    context: dict[str, Any] = {
        "day": formats.day(desk.at, desk.zone),
        "now": formats.time(desk.at, desk.zone),
        "ahead": [
            one
            for one in listed
            if one.appointment.ends_at > desk.at and one.appointment.pk not in shown  # once, with its acts
        ],
        "behind": [one for one in listed if one.appointment.ends_at <= desk.at],
        "absent": absent,
        "waiting": [
            *_helpless(desk),
            *_late(desk, shown),
            *_missed(desk, shown),
            *_explained(desk),
            *_requests(desk),
        ],
        "concerns": concerns.open_tasks(desk),
        "settlements": _settlements(desk),
        **message_words.trouble(desk.provider, at=desk.at),
        "failed_messages": message_words.rows(_failed_messages(desk), zone=desk.zone),
        "failed_refunds": _failed_refunds(desk),
        "account_warning": account.warning(desk),
        "disputes": disputes.to_answer(desk),
        "asked_refunds": _asked_refunds(desk),
        "standstills": attention.standstills(desk),
        "just_now": attention.just_now(desk),
        "next_one": _next(desk, last) if not listed else None,
    }
    return _live(request, desk, context)


def _live(request: HttpRequest, desk: Desk, context: dict[str, Any]) -> HttpResponse:
    """The page; to one that is open and asks whether anything has changed, nothing where nothing has."""
    fragment = render_to_string(
        "dashboard/_today.html", context | {"provider": desk.provider, "desk": desk}, request
    )
    mark = anew.mark(fragment)
    if request.GET.get("mark") == mark:
        return anew.nothing()
    live = context | {"fragment": fragment, "mark": mark}
    live["left"] = first_run.checklist(request, desk)
    return page(request, desk, "dashboard/today.html", section="today", **live)


def _choices(desk: Desk, appointment: Appointment, *names: str) -> list[Choice]:
    if "act" not in desk.rights:
        return []
    words = Consequences(appointment, Stake(held=getattr(appointment, "held_now", 0) or 0))
    return [Choice(ACTS[name], words.of(name)) for name in names]


def _absent(desk: Desk) -> list[Absent]:
    """Confirmed, begun, not over, and nobody was seen."""
    begun = _unanswered(desk).not_over(at=desk.at).filter(starts_at__lte=desk.at).order_by("starts_at")
    return [_absence(desk, desk.known(one)) for one in begun.prefetch_related("timeline")[:MOST]]


def _unanswered(desk: Desk) -> AppointmentQuerySet:
    """Confirmed, nobody was seen, and nobody said that they did come: who took a mark back has said so."""
    unseen = desk.appointments.filter(status=Status.CONFIRMED, arrived_at=None)
    return unseen.exclude(lapses__kind="no_show", lapses__undone_at__isnull=False)


def _absence(desk: Desk, appointment: Appointment) -> Absent:
    over = appointment.grace_ends_at <= desk.at
    asked = max(appointment.asked_delay_minutes - appointment.accepted_delay_minutes, 0)
    asked = appointment.asked_delay_minutes if asked else 0
    names = ["accept_late"] if asked else []
    names += ["arrive", *([] if appointment.contacted_at else ["contact"]), *(["no_show"] if over else [])]
    return Absent(
        entry=entry(desk, appointment),
        signs=known_of(appointment),
        waits_until=appointment.grace_ends_at,
        until=formats.time(appointment.grace_ends_at, desk.zone),
        over=over,
        asked_minutes=asked,
        reach=reach(appointment),
        choices=_choices(desk, appointment, *names),
    )


def _requests(desk: Desk) -> list[Waiting]:
    asked = desk.appointments.filter(status=Status.REQUESTED, hold_expires_at__gt=desk.at).order_by(
        "hold_expires_at"
    )
    return [
        Waiting(
            entry=entry(desk, desk.known(one), with_day=True),
            heading=_("%(name)s asks for this time") % {"name": one.client.name},
            words=_("It ends by itself on %(until)s.")
            % {"until": formats.moment(one.hold_expires_at, desk.zone)}
            if one.hold_expires_at
            else "",
            choices=_choices(desk, one, "approve"),
        )
        for one in asked[:MOST]
    ]


def _late(desk: Desk, shown: set[int]) -> list[Waiting]:
    """Who asks to wait before the start; after it they stand among the absent."""
    coming = desk.appointments.not_over(at=desk.at).filter(status=Status.CONFIRMED, arrived_at=None)
    soon = coming.filter(asked_delay_minutes__gt=0).exclude(pk__in=shown)
    asked = [one for one in soon[:MOST] if one.asked_delay_minutes > one.accepted_delay_minutes]
    return [
        Waiting(
            entry=entry(desk, desk.known(one), with_day=True),
            heading=_("%(name)s is %(minutes)s minutes late")
            % {
                "name": one.client.name,
                "minutes": one.asked_delay_minutes,
            },
            words=_("Can you wait?"),
            choices=_choices(desk, one, "accept_late"),
        )
        for one in asked
    ]


def _helpless(desk: Desk) -> list[Waiting]:
    """Whose test before a video call did not work: there is still time for a word."""
    coming = desk.appointments.not_over(at=desk.at).filter(status=Status.CONFIRMED, mode=Mode.VIDEO)
    asked = coming.filter(arrived_at=None, needs_help_at__isnull=False).order_by("starts_at")
    return [
        Waiting(
            entry=entry(desk, desk.known(one), with_day=True),
            heading=_("%(name)s needs help with the call") % {"name": one.client.name},
            words=_("The test before the video call did not work. A word or a phone call will do."),
            choices=_choices(desk, one, "helped"),
        )
        for one in asked[:MOST]
    ]


def _missed(desk: Desk, shown: set[int]) -> list[Waiting]:
    """Grace was over and nobody said anything: was it missed?"""
    asked = (
        _unanswered(desk)
        .not_over(at=desk.at - COMPLETES_AFTER)
        .filter(grace_ends_at__lte=desk.at, ends_at__lte=desk.at)
        .order_by("starts_at")
    )
    return [
        Waiting(
            entry=entry(desk, desk.known(one), with_day=True),
            heading=_("Did %(name)s come?") % {"name": one.client.name},
            words=_("Without an answer it counts as kept from %(when)s.")
            % {"when": formats.moment(one.ends_at + COMPLETES_AFTER, desk.zone)},
            choices=_choices(desk, one, "complete", "no_show"),
        )
        for one in asked[:MOST]
        if one.pk not in shown
    ]


def _explained(desk: Desk) -> list[Waiting]:
    """The client told what happened, and nobody has answered."""
    told = (
        desk.appointments.filter(explained_at__isnull=False, explanation_decided_at=None)
        .prefetch_related("timeline")
        .order_by("explained_at")
    )
    found = [desk.known(one) for one in told[:MOST_DECISIONS]]
    known = records.of_clients(desk, [one.client for one in found])
    stakes = sheet.stakes_of(found)
    own = decisions.own_words(desk) if found else {}
    return [
        Waiting(
            entry=entry(desk, one, with_day=True),
            heading=_("%(name)s told what happened") % {"name": one.client.name},
            words="",
            choices=[],
            decision=decisions.decision(
                desk, one, stake=stakes[one.pk], record=known[one.client_id], own=own
            ),
        )
        for one in found
    ]


def _settlements(desk: Desk) -> list[dict[str, Any]]:
    """Money that will move by itself, and when."""
    waiting = desk.settlements.filter(state="waiting").select_related(
        "appointment__client", "appointment__service"
    )
    return [
        {
            "appointment": one.appointment,
            "amount": formats.money(one.forfeit + one.fee, one.currency),
            "when": formats.moment(one.due_at, desk.zone),
        }
        for one in waiting.order_by("due_at", "pk")[:MOST]
    ]


def _failed_messages(desk: Desk) -> Any:
    failed = desk.messages.filter(state="failed", due_at__gte=desk.at - RECENT)
    return failed.select_related("appointment__client", "client").order_by("-due_at", "-pk")[:MOST]


def _asked_refunds(desk: Desk) -> Any:
    """What waits for a second member, for those who could say yes."""
    if "refund" not in desk.rights:
        return []
    asked = desk.repayments.filter(state="asked").exclude(user=desk.user)
    return asked.select_related("deposit__appointment__client", "charge__appointment__client", "user")[:MOST]


def _failed_refunds(desk: Desk) -> list[dict[str, Any]]:
    failed = desk.refunds.filter(state="failed", settled_at__gte=desk.at - RECENT, made_good_by=None)
    failed = failed.exclude(failure="dispute_lost")
    newest = failed.select_related("deposit__appointment__client", "charge__appointment__client").order_by(
        "-settled_at", "-pk"
    )
    return [{"refund": one, "why": money_words.failure(one.failure)} for one in newest[:MOST]]


def _next(desk: Desk, after: datetime) -> Entry | None:
    """The next one after an empty day."""
    found = (
        desk.appointments.filter(status__in=(Status.CONFIRMED, Status.HELD), starts_at__gte=after)
        .order_by("starts_at")
        .first()
    )
    return entry(desk, desk.known(found), with_day=True) if found else None
