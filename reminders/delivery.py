"""Sends what is due: claim, ask again, write, hand over, mark.

A row is claimed by a lease (`claimed_at`), handed to the relay with no transaction open, and marked
after the relay took it. Whoever dies in between leaves a row that another sends again after five
minutes, with the same Message-ID; nothing is lost, and only that window can double a mail."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Min, Q, QuerySet

from booking.models import Client, Provider
from config.refusal import Refusal
from policies.rules import reminder_times
from reminders import (
    channels,
    consents,
    drafting,
    gateway,
    kinds,
    outcomes,
    plan,
    routes,
    trouble,
    ways,
    wording,
)
from reminders.drafting import Facts
from reminders.models import Message, Route

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
BATCH = 50
# What is left of a claimed batch is given back early enough: nobody else may hold it yet.
BATCH_TIME = LEASE - timedelta(minutes=1)
LATE = timedelta(minutes=15)
MOST_TEXTS = 4  # within two minutes; then it goes another way, as long as that helps
MOST_LOST_IN_A_ROW = 3

# What is said of the row's own client and of the appointment's provider are the rows that these name already.
_NAMES = ("provider", "appointment__service", "appointment__client", "appointment__policy_version")

Settle = Callable[[], bool]  # what the row says in the end, written once the outside has answered


def send_due(*, at: datetime, facts: Facts, limit: int = 10_000) -> int:
    """Send what is due at ``at`` and still true, at most ``limit`` rows, and say how many left.
    ``facts(appointment, kind, at)`` is what is true now of an appointment. Opens transactions of its
    own and talks to the relay: not to be called inside one."""
    sent, watch = 0, _Watch(at)
    with channels.Relay() as relay:
        sweep = _Sweep(at=at, facts=facts, relay=relay, watch=watch)
        while limit > 0 and not sweep.stopped:
            claimed_at = watch.now()
            batch = claim(at=at, claimed_at=claimed_at, limit=min(BATCH, limit))
            if not batch:
                break
            sent += sweep.send(batch, claimed_at)
            limit -= len(batch)
    return sent


def oldest_due(*, at: datetime) -> timedelta | None:
    """How long the message has waited that is due the longest; None where nothing is due."""
    found = Message.objects.waiting().filter(due_at__lte=at).aggregate(first=Min("due_at"))["first"]
    return at - found if found else None


def counts(*, at: datetime) -> dict[tuple[str, str], int]:
    """How many are due and wait, and how many failed in the last day, by mail and by text; nothing is left out,
    so that a count falls to 0 again."""
    waiting = Message.objects.waiting().filter(due_at__lte=at)
    failed = Message.objects.filter(state=Message.State.FAILED, due_at__gt=at - timedelta(days=1))
    found: dict[tuple[str, str], int] = {}
    for state, rows in (("waiting", waiting), ("failed", failed)):
        mails = rows.filter(channel=plan.MAIL).count()
        found |= {("email", state): mails, ("text", state): rows.count() - mails}
    return found


def trouble_at(*, provider: Provider, at: datetime) -> tuple[timedelta | None, list[Route]]:
    """What a provider should see at once: for how long a message of theirs waits beyond `LATE`, and the
    channels that do not work."""
    late = Message.objects.waiting().filter(provider=provider, due_at__lte=at - LATE)
    first = late.aggregate(first=Min("due_at"))["first"]
    failing = Route.objects.in_use().filter(provider=provider, last_failure_at__isnull=False)
    return (at - first if first else None), list(failing)


def claim(*, at: datetime, claimed_at: datetime, limit: int) -> list[int]:
    """Take the lease of rows that are due and free. On PostgreSQL rows that another is taking are
    passed over; on SQLite the transaction is alone."""
    free = Message.objects.waiting().filter(_free(claimed_at), due_at__lte=at)
    if not free.exists():  # mostly so: SQLite's one write lock is for those who write
        return []
    rows = free.select_for_update(skip_locked=True).order_by("due_at", "pk").values("pk")
    with transaction.atomic():
        # Mails first: no text that takes its time keeps one waiting.
        return _stamp(rows.filter(channel=plan.MAIL)[:limit], claimed_at) or _stamp(rows[:limit], claimed_at)


def _stamp(rows: QuerySet[Message, Any], claimed_at: datetime) -> list[int]:
    """Stamp these rows and no others, and say which, in the order in which they were written. One statement:
    writing down the keys and asking for them again cost half of the time, and sorting them by their time a
    quarter."""
    chosen, params = rows.query.get_compiler(connection=connection).as_sql()
    stamp = connection.ops.adapt_datetimefield_value(claimed_at)
    if connection.vendor == "sqlite":
        sql, values = _STAMP, [stamp, *params]
    else:
        # Looked up once, whatever the planner would rather do with a limit and its locks.
        sql, values = _CHOSEN + _STAMP.replace("{chosen}", "SELECT chosen.key FROM chosen"), [*params, stamp]
    with connection.cursor() as cursor:
        cursor.execute(sql.format(chosen=chosen), values)
        return sorted(pk for (pk,) in cursor.fetchall())


_CHOSEN = "WITH chosen (key) AS MATERIALIZED ({chosen}) "
_STAMP = "UPDATE reminders_message SET claimed_at = %s WHERE id IN ({chosen}) RETURNING id"


def _free(now: datetime) -> Q:
    """Unclaimed, or the lease is over. A stamp from the future is a clock that went wrong (F-88)."""
    return Q(claimed_at=None) | Q(claimed_at__lte=now - LEASE) | Q(claimed_at__gt=now + LEASE)


class _Watch:
    """How far a sweep has come since its ``at``. A lease stamped with the start of a long sweep would
    look older to others than it is; the machine's clock is not asked."""

    def __init__(self, at: datetime) -> None:
        self._at, self._began = at, time.monotonic()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._began)


class _Sweep:
    """One go at what is due. ``stopped`` says that the relay is away and going on is no use."""

    def __init__(self, *, at: datetime, facts: Facts, relay: channels.Relay, watch: _Watch) -> None:
        self._at, self._facts, self._relay, self._watch = at, facts, relay, watch
        self._lost_in_a_row = 0
        self._silent: set[str] = set()  # channels that did not answer in this sweep
        self.stopped = False

    def send(self, batch: list[int], claimed_at: datetime) -> int:
        sent = 0
        for pk in batch:
            if self._watch.now() - claimed_at > BATCH_TIME:
                break
            try:
                sent += self._one(pk, claimed_at)
            except channels.Away as away:
                log.error("the mail relay does not answer: %s", away)
                self.stopped = True
            if self.stopped:
                break
        outcomes.give_back(batch, claimed_at)
        return sent

    def _one(self, pk: int, claimed_at: datetime) -> bool:
        """Whether it left. The row is read again: a story may have dropped it, another may hold it."""
        message = _held(pk, claimed_at)
        if message is None:
            return False
        if not kinds.still_true(message, at=self._at):
            return outcomes.drop(message, at=self._at)
        if (later := _better_time(message, self._at)) > self._at:
            return outcomes.postpone(message, later)
        try:
            settle = self._mail(message) if message.channel == plan.MAIL else self._text(message)
        except channels.Away:
            raise
        except Exception as bug:  # one bad row must not stop the others (F-86)
            log.exception("message %s cannot be written", message.uid)
            settle = partial(outcomes.back_off, message, f"{type(bug).__name__}: {bug}", at=self._at)
        return settle()

    def _mail(self, message: Message) -> Settle:
        verdict = ways.decide(message, at=self._at)
        if verdict.unwanted:
            return partial(outcomes.drop, message, at=self._at)
        if verdict.dead:
            return partial(outcomes.fail, message, verdict.dead, at=self._at)
        if not verdict.goes:
            return partial(outcomes.settle, message, state=Message.State.PASSED)
        try:
            written = drafting.mail(message, facts=self._facts, at=self._at)
            if written is None:
                return partial(outcomes.drop, message, at=self._at)
            self._relay.send(written.mail)
        except channels.Refused as no:
            if no.dead and (client := _reader(message)):
                trouble.mark(client=client, why=str(no), at=self._at)
            return partial(outcomes.fail, message, str(no), at=self._at)
        except channels.TryLater as later:
            self._lost_in_a_row = self._lost_in_a_row + 1 if later.lost else 0
            self.stopped = self._lost_in_a_row >= MOST_LOST_IN_A_ROW
            return partial(outcomes.back_off, message, str(later), at=self._at)
        self._lost_in_a_row = 0
        return partial(
            outcomes.sent, message, written.letter, at=self._at, relay_id=channels.relay_id_of(written.mail)
        )

    def _text(self, message: Message) -> Settle:
        route = routes.find(channel=message.channel, provider=message.provider)
        if why := ways.refused_now(message, route):
            return partial(outcomes.fail, message, why, at=self._at)
        assert route is not None
        free_at = ways.after_quiet(message, route, at=self._at)
        if free_at is None:
            return partial(
                outcomes.fail, message, "the quiet hours of this channel end too late", at=self._at
            )
        if free_at > self._at:
            return partial(outcomes.postpone, message, free_at)
        if message.channel in self._silent:
            again = message.attempts + 1 < MOST_TEXTS
            return partial(
                outcomes.back_off if again else outcomes.fail,
                message,
                "the channel did not answer",
                at=self._at,
            )
        letter = drafting.text(message, facts=self._facts, at=self._at)
        return (
            partial(outcomes.drop, message, at=self._at)
            if letter is None
            else self._hand_over(message, route, letter)
        )

    def _hand_over(self, message: Message, route: Route, written: tuple[wording.Letter, str]) -> Settle:
        letter, text = written
        try:
            routes.reserve(route, at=self._at)
        except channels.Refused as no:
            return partial(outcomes.fail, message, str(no), at=self._at)
        try:
            address = routes.address_of(route)
            gateway.send(address=address, to=ways.reader_of(message, route), text=text)
        except channels.TryLater as later:
            self._silent |= {message.channel} if later.lost else set()
            return self._text_failed(message, route, str(later), again=message.attempts + 1 < MOST_TEXTS)
        except channels.Refused as no:
            if gateway.opted_out(str(no)) and message.to_client and (client := message.person):
                consents.record(client=client, channel=route.kind, give=False, how="service", at=self._at)
            return self._text_failed(message, route, str(no), again=False)
        except Refusal as no:
            return self._text_failed(message, route, str(no), again=False)
        routes.went_well(route, at=self._at)
        return partial(outcomes.sent, message, letter, at=self._at, text=text)

    def _text_failed(self, message: Message, route: Route, why: str, *, again: bool) -> Settle:
        routes.give_back(route)
        routes.went_wrong(route, why=why, final=not again, at=self._at)
        return partial(outcomes.back_off if again else outcomes.fail, message, why, at=self._at)


def _held(pk: int, claimed_at: datetime) -> Message | None:
    """The row as it is now, if it still waits and the lease is still ours. One provider, one client, one row
    each: what a story changes in it is seen by all."""
    rows = Message.objects.waiting().filter(pk=pk, claimed_at=claimed_at).select_related(*_NAMES)
    message = next(iter(rows.order_by()), None)
    if message and (appointment := message.appointment):
        appointment.provider = appointment.client.provider = message.provider
        if message.client_id == appointment.client_id:
            message.client = appointment.client
    elif message and message.client:
        message.client.provider = message.provider
    return message


def _reader(message: Message) -> Client | None:
    """The client at whose present address it arrives."""
    return message.person if message.to_client and message.kind not in kinds.ELSEWHERE else None


def _better_time(message: Message, at: datetime) -> datetime:
    """A reminder that is late at night waits for the morning (rule 14); all else leaves now. Seconds
    after its time it is not late: one that was planned for 20:00 goes out with the next sweep."""
    appointment = message.appointment
    if not appointment or message.kind not in kinds.REMINDERS or at - message.planned_for < LATE:
        return at
    later = reminder_times.send_at_after_outage(
        message.planned_for, at, appointment.starts_at, appointment.timezone
    )
    return later or at
