"""The figures of the reports, by bearer token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from booking import insights
from booking.api import schema_insights
from booking.api.desk_inputs import read_each
from booking.api.doors import PRIVATE, DeskDoor
from booking.api.fields import Day
from booking.api.refusals import wrong
from booking.insights import Counts, Money, Report, Span
from booking.models import Provider, Service
from config.as_json import money
from policies.rules.wishes import DAYS

AMOUNTS = tuple(
    one.name
    for one in fields(Money)
    if one.name not in ("currency", "exceptions", "returned_for", "forgiven_for")
)


class InsightsDoor(DeskDoor):
    @schema_insights.insights
    def get(self, request: Request) -> Response:
        span, service = self.asked(request.query_params)
        report = insights.of(provider=self.access.provider, span=span, service=service)
        return Response(shape(report), headers=PRIVATE)

    def asked(self, query: Mapping[str, str]) -> tuple[Span, Service | None]:
        """The days and the service. Raises a 400 by parameter."""
        provider = self.access.provider
        for name in ("from", "to"):
            if name not in query:
                raise wrong(name, "required", _("Send the first and the last day, as 2027-03-01."))
        said = read_each(
            query,
            {
                "from": lambda text: {"from": Day().run_validation(text)},
                "to": lambda text: {"to": Day().run_validation(text)},
                "service": lambda text: {"service": _service(provider, text)},
            },
        )
        first, last = said["from"], said["to"]
        if last < first:
            raise wrong("to", "before_from", _("This day is before the first one."))
        return Span(first, last, provider.timezone), said.get("service")


def _service(provider: Provider, slug: str) -> Service:
    found = Service.objects.filter(provider=provider, slug=slug).first() if "\0" not in slug else None
    if found is None:
        raise wrong("service", "unknown", _("There is no such service."))
    return found


def shape(report: Report) -> dict[str, Any]:
    found = report.attendance
    return {
        "from": report.span.first.isoformat(),
        "to": report.span.last.isoformat(),
        "timezone": report.span.zone,
        "service": report.service.slug if report.service else None,
        "appointments": _counts(found.total),
        "before": _days(report.span.before) | _counts(report.before),
        "step": report.span.step,
        "over_time": [{"from": day.isoformat()} | _counts(one) for day, one in found.over_time.items()],
        "by_weekday": [{"weekday": DAYS[day]} | _counts(one) for day, one in found.by_weekday.items()],
        "by_lead_time": [{"booked_ahead": lead} | _counts(one) for lead, one in found.by_lead.items()],
        "by_service": [{"service": one.slug} | _counts(counts) for one, counts in found.by_service.items()],
        "lapses": [
            {"kind": one.kind, "reason": one.reason or None, "counting": one.counting, "excused": one.excused}
            for one in found.causes
        ],
        "price_of_lapses": [money(amount, currency) for currency, amount in found.worth.items()],
        "money": [_money(one) for one in report.money],
        "reminders": _reminders(report),
    }


def _days(span: Span) -> dict[str, Any]:
    return {"from": span.first.isoformat(), "to": span.last.isoformat()}


def _counts(found: Counts) -> dict[str, Any]:
    rate = found.show_rate
    each = {one.name: getattr(found, one.name) for one in fields(Counts)}
    return {
        "booked": found.booked,
        "due": found.due,
        **each,
        "show_rate": None if rate is None else round(rate, 4),
    }


def _money(one: Money) -> dict[str, Any]:
    def by_reason(parts: Mapping[str, int]) -> dict[str, Any]:
        return {reason: money(amount, one.currency) for reason, amount in sorted(parts.items())}

    return {
        "currency": one.currency,
        **{name: money(getattr(one, name), one.currency) for name in AMOUNTS},
        "exceptions": one.exceptions,
        "returned_for": by_reason(one.returned_for),
        "forgiven_for": by_reason(one.forgiven_for),
    }


def _reminders(report: Report) -> dict[str, Any]:
    found = report.reminding
    return {
        "reminded": _counts(found.reminded),
        "not_reminded": _counts(found.not_reminded),
        "said_yes": _counts(found.said_yes),
        "freed": found.freed,
        "enough_to_compare": found.enough,
    }
