"""When reminders are due (rules 13 to 16)."""

from datetime import datetime, time, timedelta

from policies.rules.local_time import instant, local
from policies.rules.terms import Terms
from policies.rules.windows import free_until

TWO_DAYS, ONE_DAY, TWO_HOURS = timedelta(hours=48), timedelta(hours=24), timedelta(hours=2)
BEFORE_FREE_NOTICE_ENDS = timedelta(hours=6)
TOO_SOON_AFTER_CONFIRMATION = timedelta(hours=2)
LEAST_BEFORE_DAY_AHEAD = timedelta(hours=12)

MORNING, EVENING = time(8), time(20)


def main_reminder(
    *,
    start: datetime,
    at: datetime,
    terms: Terms,
    zone_of_client: str,
    smallest_notice: timedelta | None = None,
) -> datetime | None:
    """When the main reminder is due, planned at a confirmation or move `at`; None where it is left out.

    Two days ahead and always before free notice ends. It is left out within two hours of the
    confirmation, which says the same things itself.
    """
    free = free_until(terms, start=start, at=at, smallest=smallest_notice)
    due = awake(min(start - TWO_DAYS, free - BEFORE_FREE_NOTICE_ENDS), zone_of_client)
    return due if due - at > TOO_SOON_AFTER_CONFIRMATION else None


def day_ahead(*, start: datetime, at: datetime, zone_of_client: str) -> datetime | None:
    """When the reminder a day ahead is due; None where that is less than twelve hours from now."""
    due = awake(start - ONE_DAY, zone_of_client)
    return due if due - at >= LEAST_BEFORE_DAY_AHEAD else None


def two_hours_ahead(*, start: datetime, at: datetime, zone_of_client: str) -> datetime | None:
    """When the reminder two hours ahead is due; None where that is past."""
    due = awake(start - TWO_HOURS, zone_of_client)
    return due if due > at else None


def reminders(
    *,
    start: datetime,
    at: datetime,
    terms: Terms,
    zone: str,
    want_day_ahead: bool = False,
    want_two_hours: bool = False,
    smallest_notice: timedelta | None = None,
) -> dict[str, datetime]:
    """What to plan at a confirmation or move: `reminder`, `reminder_day`, `reminder_hours` -> due.

    The one a day ahead takes the place of a main reminder that is left out.
    """
    main = main_reminder(
        start=start, at=at, terms=terms, zone_of_client=zone, smallest_notice=smallest_notice
    )
    day = day_ahead(start=start, at=at, zone_of_client=zone) if want_day_ahead or main is None else None
    hours = two_hours_ahead(start=start, at=at, zone_of_client=zone) if want_two_hours else None
    found = {"reminder": main, "reminder_day": day, "reminder_hours": hours}
    return {kind: due for kind, due in found.items() if due is not None}


def awake(due: datetime, zone: str) -> datetime:
    """The instant itself between 08:00 and 20:00 local, both in, or else the 20:00 before it."""
    if is_awake(due, zone):
        return due
    evening = datetime.combine(local(due, zone).date(), EVENING)
    # Clock changes can take a 20:00 away or put it behind the instant: then the day before.
    while instant(evening, zone) > due or not is_awake(instant(evening, zone), zone):
        evening -= timedelta(days=1)
    return instant(evening, zone)


def is_awake(at: datetime, zone: str) -> bool:
    """Whether a reminder may go out on these clocks."""
    return MORNING <= local(at, zone).time() <= EVENING


def send_at_after_outage(due: datetime, now: datetime, start: datetime, zone: str) -> datetime | None:
    """When a reminder that was due goes out: now, or at 08:00 where it is night and that is soon enough.

    Before it is due that is when it is due; a night that lasts until two hours before the start is no
    reason to wait; None from the start on.
    """
    if now >= start:
        return None
    if now < due:
        return due
    if is_awake(now, zone):
        return now
    morning = _next_morning(now, zone)
    return morning if morning < start - TWO_HOURS else now


def _next_morning(now: datetime, zone: str) -> datetime:
    morning = datetime.combine(local(now, zone).date(), MORNING)
    while instant(morning, zone) <= now:
        morning += timedelta(days=1)
    return instant(morning, zone)
