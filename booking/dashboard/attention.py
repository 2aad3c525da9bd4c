"""What stands on Today beside people and money: what was done a moment ago and can be taken back, and what of the
provider's own has come to a standstill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.dashboard import calendars
from booking.dashboard.acts import ACTS, Act
from booking.dashboard.desk import Desk
from booking.models import Appointment, Status, WebhookEndpoint
from booking.outgoing import endpoints
from config import formats, second_factor
from payments.models import Difference

A_MOMENT = timedelta(minutes=10)
LOOKS_BACK = timedelta(days=3)  # what may still be marked began no longer ago
MOST = 10


@dataclass(frozen=True)
class Undo:
    """What was said of somebody a moment ago, and the act that takes it back."""

    appointment: Appointment
    words: str
    act: Act


@dataclass(frozen=True)
class Line:
    url: str
    title: str
    words: str


@dataclass(frozen=True)
class Standstill:
    """Something that goes on only when somebody looks at it; ``act`` is what to do, at ``url``."""

    name: str
    heading: str
    words: str
    lines: list[Line]
    url: str
    act: str


def just_now(desk: Desk) -> list[Undo]:
    """What a member said within the last minutes and can take back. A yes, a mail and money that moved have reached
    the client and are not among them."""
    if "act" not in desk.rights:
        return []
    since = desk.at - A_MOMENT
    lines = desk.timeline.filter(appointment=OuterRef("pk"), by="provider", at__gt=since)
    here = Q(Exists(lines.filter(kind="arrived")), status=Status.CONFIRMED, arrived_at__gt=since)
    missed = Q(Exists(lines.filter(kind="no_show")), status=Status.NO_SHOW, no_show_at__gt=since)
    rows = desk.appointments.filter(here | missed, starts_at__gt=desk.at - LOOKS_BACK).order_by("starts_at")
    return [_undo(desk.known(one)) for one in rows[:MOST]]


def _undo(appointment: Appointment) -> Undo:
    who = {"name": appointment.client.name}
    if appointment.status == Status.NO_SHOW:
        return Undo(appointment, _("%(name)s is marked as missed.") % who, ACTS["undo_no_show"])
    return Undo(appointment, _("%(name)s is here, you said.") % who, ACTS["undo_arrive"])


def standstills(desk: Desk) -> list[Standstill]:
    """In the order in which they matter: money, time, programs, the log-in."""
    return [*_differences(desk), *_calendars(desk), *_programs(desk), *_codes(desk)]


def _differences(desk: Desk) -> Iterator[Standstill]:
    if "refund" in desk.rights and desk.differences.filter(state=Difference.State.OPEN).exists():
        yield Standstill(
            "differences",
            _("The books and the payment service differ"),
            _("Look at what differs, and accept it with a note or have it mended."),
            [],
            reverse("desk_differences"),
            _("See what differs"),
        )


def _calendars(desk: Desk) -> Iterator[Standstill]:
    rows = list(desk.busy_calendars.exclude(trouble="")) if "act" in desk.rights else []
    if rows:
        yield Standstill(
            "calendars",
            _("Calendars that cannot be read"),
            _("Clients may be offered times at which you are busy there."),
            [
                Line(
                    reverse("desk_calendars"),
                    one.name,
                    calendars.why(one.trouble, one.trouble_status),
                )
                for one in rows
            ],
            reverse("desk_calendars"),
            _("Look again, or remove it"),
        )


def _programs(desk: Desk) -> Iterator[Standstill]:
    failing = Q(failing_since__isnull=False) | Q(off_at__isnull=False)
    rows = list(desk.webhook_endpoints.filter(failing)) if "own" in desk.rights else []
    if rows:
        yield Standstill(
            "programs",
            _("Programs that are not reached"),
            _("What happens here is tried again for three days; then they are told nothing more."),
            [
                Line(reverse("desk_webhook", args=[one.uid]), endpoints.host(one), _since(one, desk))
                for one in rows
            ],
            reverse("desk_webhooks"),
            _("See your programs"),
        )


def _since(endpoint: WebhookEndpoint, desk: Desk) -> str:
    if endpoint.off_at:
        return _("Switched off on %(when)s.") % {"when": formats.short_moment(endpoint.off_at, desk.zone)}
    assert endpoint.failing_since
    when = formats.short_moment(endpoint.failing_since, desk.zone)
    return _("Nothing has arrived since %(when)s.") % {"when": when}


def _codes(desk: Desk) -> Iterator[Standstill]:
    """One's own log-in: without a code left, a lost phone shuts out for good."""
    factors = second_factor.of(desk.user)
    if factors and not factors.codes_left:
        yield Standstill(
            "codes",
            _("You have no recovery codes"),
            _("Without your phone or passkey you could not log in any more."),
            [],
            reverse("mfa_generate_recovery_codes"),
            _("Make new codes"),
        )
