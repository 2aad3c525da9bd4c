"""How appointments ended, counted by the database: in all, over time, and by what may explain it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import (
    Case,
    Count,
    DateField,
    F,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, ExtractIsoWeekDay, TruncMonth, TruncWeek, TruncYear

from booking.insights.span import Span
from booking.models import Appointment, Lapse, Provider, Service, Status, TimelineEntry

DAY = 24 * 3600
# How long before the start it was booked, in days of 24 hours: from the one before, up to but without this.
LEADS = (
    ("under_1_day", 1),
    ("1_to_3_days", 3),
    ("3_to_7_days", 7),
    ("1_to_2_weeks", 14),
    ("2_to_4_weeks", 28),
)
LONGEST_LEAD = "over_4_weeks"
LEAD_NAMES = (*(name for name, _days in LEADS), LONGEST_LEAD)
TRUNCATED = {"week": TruncWeek, "month": TruncMonth, "year": TruncYear}


@dataclass
class Counts:
    """Appointments by how they ended, each once; see `booking.insights` for the words."""

    kept: int = 0
    no_show: int = 0
    late_cancel: int = 0
    excused: int = 0
    in_time: int = 0
    by_provider: int = 0
    open: int = 0

    @property
    def booked(self) -> int:
        return sum(getattr(self, one.name) for one in fields(self))

    @property
    def lapses(self) -> int:
        return self.no_show + self.late_cancel

    @property
    def due(self) -> int:
        return self.kept + self.lapses

    @property
    def show_rate(self) -> float | None:
        """Kept of those that were due, from 0 to 1; None where none was."""
        return self.kept / self.due if self.due else None

    def add(self, how: str, count: int) -> None:
        setattr(self, how, getattr(self, how) + count)


@dataclass(frozen=True)
class Cause:
    """Lapses of one kind for one reason that the client told (``""``: none), and how many were excused."""

    kind: str
    reason: str
    counting: int
    excused: int


@dataclass
class Attendance:
    """``worth`` is the price of what was missed or cancelled late, by currency."""

    total: Counts = field(default_factory=Counts)
    over_time: dict[date, Counts] = field(default_factory=dict)
    by_weekday: dict[int, Counts] = field(default_factory=dict)
    by_lead: dict[str, Counts] = field(default_factory=dict)
    by_service: dict[Service, Counts] = field(default_factory=dict)
    causes: list[Cause] = field(default_factory=list)
    worth: dict[str, int] = field(default_factory=dict)


def rows(provider: Provider, span: Span, service: Service | None) -> QuerySet[Appointment]:
    """The appointments that a report is about, by the index of provider and start."""
    found = Appointment.objects.of(provider).between(span.since, span.until)
    found = found.filter(confirmed_at__isnull=False)
    return found.filter(service=service) if service else found


def of(provider: Provider, span: Span, service: Service | None) -> Attendance:
    """Four questions, however many appointments there are."""
    ended = rows(provider, span, service).annotate(how=how())
    found = Attendance(
        over_time=_over_time(ended, span),
        by_weekday={day: Counts() for day in range(7)},
        by_lead={lead: Counts() for lead in LEAD_NAMES},
    )
    by_service: dict[int, Counts] = defaultdict(Counts)
    worth: dict[str, int] = defaultdict(int)
    zone = ZoneInfo(span.zone)
    grouped = ended.annotate(weekday=ExtractIsoWeekDay("starts_at", tzinfo=zone), lead=_lead())
    columns = ("service_id", "weekday", "lead", "currency", "how")
    for *key, count, price in (
        grouped.values(*columns)
        .annotate(count=Count("pk"), sum=Sum("price"))
        .values_list(*columns, "count", "sum")
    ):
        which, weekday, lead, currency, ending = key
        for counts in (
            found.total,
            found.by_weekday[weekday - 1],
            found.by_lead[lead],
            by_service[which],
        ):
            counts.add(ending, count)
        if ending in ("no_show", "late_cancel"):
            worth[currency] += int(price)
    found.worth = dict(sorted(worth.items()))
    services = Service.objects.filter(pk__in=by_service).order_by("position", "pk")
    found.by_service = {one: by_service[one.pk] for one in services}
    found.causes = _causes(provider, span, service)
    return found


def total(provider: Provider, span: Span, service: Service | None) -> Counts:
    """The sums alone, in one question."""
    return _counts(rows(provider, span, service).annotate(how=how()).values_list("how").annotate(Count("pk")))


def _counts(grouped: Iterable[Any]) -> Counts:
    found = Counts()
    for ending, count in grouped:
        found.add(ending, count)
    return found


def how() -> Case:
    """How an appointment ended, as a field of `Counts`. Most were kept: the others alone ask for lapses."""
    lapses = Lapse.objects.filter(appointment=OuterRef("pk"), undone_at=None)
    missed = lapses.filter(kind="no_show", excused_at=None)
    late = lapses.filter(kind="late_cancel")
    return Case(
        When(status=Status.COMPLETED, then=Value("kept")),
        When(status=Status.CONFIRMED, then=Value("open")),
        When(_any(missed), status=Status.NO_SHOW, then=Value("no_show")),
        When(status=Status.NO_SHOW, then=Value("excused")),
        When(cancelled_by="provider", then=Value("by_provider")),
        When(_any(late.filter(excused_at=None)), then=Value("late_cancel")),
        When(_any(late), then=Value("excused")),
        default=Value("in_time"),
    )


def _any(lapses: QuerySet[Lapse]) -> models.lookups.IsNull:
    """Whether there is one. PostgreSQL would answer an EXISTS here by reading the lapses of everybody first;
    for a value it looks where the appointment is."""
    return models.lookups.IsNull(Subquery(lapses.order_by().values("pk")[:1]), False)


class _Seconds(Func):
    """Whole seconds from the second instant to the first; exact to the second on both databases."""

    output_field: models.Field[Any, Any] = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "CAST(ROUND((julianday(%(expressions)s)) * 86400) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "ROUND(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **more)


def _lead() -> Case:
    ahead = _Seconds(F("starts_at"), F("created_at"))
    shorter = [When(models.lookups.LessThan(ahead, days * DAY), then=Value(name)) for name, days in LEADS]
    return Case(*shorter, default=Value(LONGEST_LEAD))


def _over_time(ended: QuerySet[Appointment], span: Span) -> dict[date, Counts]:
    """Every step of the span, also those with nothing in them."""
    found = {day: Counts() for day in span.steps()}
    step = TRUNCATED[span.step]("starts_at", output_field=DateField(), tzinfo=ZoneInfo(span.zone))
    grouped = ended.annotate(step=step).values("step", "how").annotate(count=Count("pk"))
    for day, ending, count in grouped.values_list("step", "how", "count"):
        found[day].add(ending, count)
    return found


def _causes(provider: Provider, span: Span, service: Service | None) -> list[Cause]:
    """Lapses by kind and by what the client said of it: explaining it, else cancelling."""
    lapses = Lapse.objects.filter(
        undone_at=None, appointment__in=rows(provider, span, service).values("pk")
    ).order_by()
    explained = TimelineEntry.objects.filter(appointment=OuterRef("appointment"), kind="explained")
    told = explained.order_by("-at", "-pk").annotate(reason=KeyTextTransform("reason", "facts"))
    on_cancel = Case(When(kind="late_cancel", then=F("appointment__cancel_reason")), default=Value(""))
    said = Coalesce(Subquery(told.values("reason")[:1]), on_cancel, output_field=models.CharField())
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    excused = Case(When(excused_at=None, then=Value(0)), default=Value(1))
    grouped = lapses.annotate(said=said, was_excused=excused).values("kind", "said", "was_excused")
    for kind, reason, index, count in grouped.annotate(count=Count("pk")).values_list(
        "kind", "said", "was_excused", "count"
    ):
        sums[kind, reason][index] += count
    causes = [Cause(kind, reason, *counts) for (kind, reason), counts in sums.items()]
    return sorted(causes, key=lambda one: (-one.counting, -one.excused, one.kind, one.reason))
