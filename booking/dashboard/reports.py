"""Reports: what a time was like, in sentences, charts with their tables, and as CSV (A21)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import insights
from booking.dashboard import report_charts, report_table, report_words
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.dashboard.times import day_in, local_day
from booking.insights import Report, Span
from booking.models import Service
from booking.texts import text_in
from payments.papers import tables

RANGES = {
    "this_month": gettext_lazy("This month"),
    "last_month": gettext_lazy("Last month"),
    "90_days": gettext_lazy("The last 90 days"),
    "year": gettext_lazy("The last 365 days"),
    "own": gettext_lazy("Own dates"),
}
OTHERWISE = "90_days"
BACK = {"90_days": 90, "year": 365}


class RangeForm(forms.Form):
    """Which days, and of which service. ``span`` and ``chosen`` (None: all) are there once it is valid."""

    range = forms.ChoiceField(label=gettext_lazy("Time"), choices=list(RANGES.items()))
    since = forms.CharField(
        label=gettext_lazy("From"), required=False, max_length=10, widget=forms.DateInput({"type": "date"})
    )
    until = forms.CharField(
        label=gettext_lazy("Until"), required=False, max_length=10, widget=forms.DateInput({"type": "date"})
    )
    service = forms.ChoiceField(label=gettext_lazy("Service"), required=False)

    def __init__(self, *args: Any, desk: Desk, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone, self.today = desk.zone, local_day(desk.at, desk.zone)
        self.services: dict[str, Service] = {
            str(one.uid): one for one in desk.services.order_by("position", "pk")
        }
        names = [
            (uid, text_in(one.name, fallback=desk.provider.language)) for uid, one in self.services.items()
        ]
        cast(forms.ChoiceField, self.fields["service"]).choices = [("", _("All services")), *names]

    def clean_since(self) -> date | None:
        return self._day("since")

    def clean_until(self) -> date | None:
        return self._day("until")

    def _day(self, name: str) -> date | None:
        """Own dates alone are read; what another choice leaves standing there is not asked about."""
        if self.cleaned_data.get("range") != "own":
            return None
        said = self.cleaned_data[name]
        found = day_in(said)
        if said and found is None:
            raise forms.ValidationError(_("Please write a day, as 2027-03-01."))
        if found is None:
            raise forms.ValidationError(_("Please choose a day."))
        return found

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        since, until = said.get("since"), said.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day is before the first one."))
        return said

    @property
    def span(self) -> Span:
        said = self.cleaned_data
        if said["range"] == "own":
            return Span(said["since"], said["until"], self.zone)
        return span_of(said["range"], self.today, self.zone)

    @property
    def chosen(self) -> Service | None:
        return self.services.get(self.cleaned_data["service"])


def span_of(name: str, today: date, zone: str) -> Span:
    """The days of a choice in `RANGES` that is not ``own``."""
    if name in BACK:
        return Span(today - timedelta(days=BACK[name] - 1), today, zone)
    first = today.replace(day=1)
    if name == "last_month":
        first = (first - timedelta(days=1)).replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return Span(first, after - timedelta(days=1), zone)


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The report, or the form with what is wrong in it."""
    form = _asked(request, desk)
    if not form.is_valid():
        return page(request, desk, "dashboard/reports.html", section="insights", status=400, form=form)
    report = _report(desk, form)
    said = {name: str(form.data.get(name, "")) for name in form.fields}
    context: dict[str, Any] = {
        "form": form,
        "days": report_words.days(report.span),
        "headline": report_words.headline(report),
        "compared": report_words.compared(report),
        "facts": report_words.facts(report),
        "cards": report_words.cards(report),
        "charts": report_charts.charts(report, desk.provider.language),
        "money": report_words.money(report),
        "reminders": report_words.reminders(report),
        "empty": not report.attendance.total.booked,
        "query": urlencode({name: value for name, value in said.items() if value}),
    }
    return page(request, desk, "dashboard/reports.html", section="insights", **context)


@require_safe
@at_desk()
def csv(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The same figures, line by line. ``excel`` writes them as Excel reads tables in the reader's language."""
    form = _asked(request, desk)
    if not form.is_valid():
        return page(request, desk, "dashboard/reports.html", section="insights", status=400, form=form)
    report = _report(desk, form)
    spoken = (get_language() or "en").split("-")[0]
    dialect = tables.excel(spoken) if "excel" in request.GET else tables.PLAIN
    name = f"{slugify(desk.provider.slug)}-{report.span.first}-{report.span.last}"
    answer = StreamingHttpResponse(
        report_table.csv(report, language=desk.provider.language, dialect=dialect),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
    return cast(HttpResponse, answer)


def _asked(request: HttpRequest, desk: Desk) -> RangeForm:
    said = request.GET.dict()
    return RangeForm({"range": OTHERWISE} | said, desk=desk)


def _report(desk: Desk, form: RangeForm) -> Report:
    return insights.of(provider=desk.provider, span=form.span, service=form.chosen)
