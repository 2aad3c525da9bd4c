"""Public holidays: whose, and on which of them the provider is closed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import free_days
from booking.dashboard.access import at_desk, page
from booking.dashboard.days import fits, standing
from booking.dashboard.desk import Desk
from booking.dashboard.times import local_day
from config import formats


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The holidays of a year of the country that was asked for, else of the one that was chosen."""
    may = "act" in desk.rights
    kept = desk.holidays
    said = request.POST if request.method == "POST" else request.GET
    country = str(said.get("country", kept.country if kept else free_days.country_of(desk.zone)))
    region = str(said.get("region", kept.region if kept and country == kept.country else ""))
    if not free_days.is_known(country, region):
        region = ""
    if not free_days.is_known(country, ""):
        country = ""
    today = local_day(desk.at, desk.zone)
    found = _year(country, region, today)
    if request.method == "POST" and may and country:
        keys = {key for day in found for key in day.keys}
        closed = [name for name in request.POST.getlist("closed") if name in keys]
        free_days.choose(provider=desk.provider, country=country, region=region, closed=closed, at=desk.at)
        messages.success(request, _("Your holidays are saved, for the years ahead."))
        return HttpResponseRedirect(reverse("desk_holidays"))
    same = kept is not None and (kept.country, kept.region) == (country, region)
    ticked = set(kept.closed) if kept and same else None
    return page(
        request,
        desk,
        "dashboard/set_up/holidays.html",
        section="set_up",
        status=(400 if may else 403) if request.method == "POST" else 200,
        country=country,
        region=region,
        countries=free_days.countries(formats.locale()),
        regions=free_days.regions(country) if country else [],
        rows=[_row(day, ticked) for day in found],
        kept=kept,
        same=same,
        may=may,
        lying=_lying(desk),
    )


def _year(country: str, region: str, today: date) -> list[free_days.FreeDay]:
    """The holidays of the twelve months from today."""
    if not country:
        return []
    last = today + timedelta(days=365)
    return free_days.days(country, region, today, last, language=get_language() or "")


def _row(day: free_days.FreeDay, ticked: set[str] | None) -> dict[str, Any]:
    return {
        "key": day.keys[0],
        "name": day.said,
        "on": formats.day(day.on),
        "ticked": ticked is None or bool(ticked.intersection(day.keys)),
    }


def _lying(desk: Desk) -> list[dict[str, Any]]:
    """Appointments that stand on a holiday on which the provider is closed."""
    rows = desk.closed_holidays.filter(on__gte=local_day(desk.at, desk.zone))
    closed = set(rows.values_list("on", flat=True))
    open_then: dict[date, list[tuple[int, int]]] = {}
    for own in desk.overrides.filter(on__in=closed, opens_minute__isnull=False):
        open_then.setdefault(own.on, []).append((own.opens_minute or 0, own.closes_minute or 0))
    if not closed:
        return []
    return [
        {
            "url": reverse("desk_appointment", args=[one.uid]),
            "client": one.client.name,
            "when": formats.short_moment(one.starts_at, desk.zone),
        }
        for one in standing(desk, min(closed), max(closed))
        if (on := local_day(one.starts_at, desk.zone)) in closed
        and not fits(one, open_then.get(on, []), desk.zone)
    ]
