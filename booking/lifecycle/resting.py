"""The provider keeps time free of appointments, and gives it back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from booking import own_time
from booking.lifecycle.expiring import free_lapsed
from booking.models import Provider, TimeOff
from config import as_json
from config.guards import refused_by
from config.refusal import Refusal

LONGEST_TIME_OFF = timedelta(days=366)


class NotATime(Refusal):
    """The time that is to be kept free is none: over already, too long, or it ends before it begins."""

    code = "invalid"
    status = 400


class TimeTaken(Refusal):
    """Something is there already. ``taken`` says what time, the first few."""

    code = "time_taken"


@transaction.atomic
def take_time_off(
    *, provider: Provider, starts_at: datetime, ends_at: datetime, title: str = "", at: datetime
) -> TimeOff:
    """No appointment from ``starts_at`` up to ``ends_at``. What stands there already stays: it is moved or
    cancelled first, by somebody who looks at it. Refuses with `NotATime` and `TimeTaken`."""
    check_time(starts_at, ends_at, at=at)
    provider = Provider.objects.locked().get(pk=provider.pk)
    free_lapsed(provider, at=at)
    try:
        with transaction.atomic():
            return TimeOff.objects.create(
                provider=provider, starts_at=starts_at, ends_at=ends_at, title=title.strip(), created_at=at
            )
    except IntegrityError as error:
        if not refused_by(error).startswith("no_overlap"):
            raise
        raise taken_there(provider, starts_at, ends_at, at=at) from None


@transaction.atomic
def end_time_off(*, time_off: TimeOff) -> None:
    """It can be booked again. Told twice, done once."""
    Provider.objects.locked().get(pk=time_off.provider_id)
    TimeOff.objects.filter(pk=time_off.pk).delete()


def check_time(starts_at: datetime, ends_at: datetime, *, at: datetime) -> None:
    if ends_at <= starts_at:
        raise NotATime(_("The end must be after the beginning."), errors={"until": ["order"]})
    if ends_at <= at:
        raise NotATime(_("This time has passed."), errors={"until": ["past"]})
    if ends_at - starts_at > LONGEST_TIME_OFF:
        raise NotATime(_("A year is the longest in one go."), errors={"until": ["too_long"]})


def taken_there(provider: Provider, starts_at: datetime, ends_at: datetime, *, at: datetime) -> TimeTaken:
    there = own_time.in_the_way(provider, starts_at, ends_at, at=at)
    return TimeTaken(
        _("%(taken)s Move or cancel it first.") % {"taken": own_time.not_free(provider, there).detail},
        taken=[
            {"from": as_json.instant(one.blocked_from), "until": as_json.instant(one.blocked_until)}
            for one in there[: own_time.TOLD]
        ],
    )
