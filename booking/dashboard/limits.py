"""How much the provider takes on: appointments in a day and in a week, of all services and of one, and the way
between two places."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from booking import transfer
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.texts import text_in
from booking.transfer.limits import LONGEST_WAY, MOST

NAMES = {"per_day": gettext_lazy("Most in a day"), "per_week": gettext_lazy("Most in a week")}


def number(label: Any, most: int, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=help_text, required=False, min_value=1, max_value=most,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )  # fmt: skip


class LimitsForm(forms.Form):
    """Empty is no limit. The fields of a service are named by its id."""

    def __init__(self, *args: Any, desk: Desk, **options: Any) -> None:
        super().__init__(*args, **options)
        self.services = list(desk.services.filter(hidden=False).order_by("position", "pk"))
        self._add("all", desk.provider.limits)
        self.fields["travel_minutes"] = number(
            _("Minutes to travel"),
            LONGEST_WAY,
            _("Between an appointment in person and one by video or phone, on top of the buffers of both."),
        )
        self.initial["travel_minutes"] = desk.provider.limits.get("travel_minutes")
        for service in self.services:
            self._add(str(service.pk), service.limits)

    def _add(self, prefix: str, limits: dict[str, int]) -> None:
        for name, label in NAMES.items():
            self.fields[f"{prefix}-{name}"] = number(label, MOST[name])
            self.initial[f"{prefix}-{name}"] = limits.get(name)

    def rows(self, language: str) -> list[dict[str, Any]]:
        """The services with their two fields each."""
        return [
            {
                "name": text_in(one.name, fallback=language),
                "fields": [self[f"{one.pk}-{name}"] for name in NAMES],
            }
            for one in self.services
        ]

    def said(self, prefix: str) -> dict[str, int]:
        found = {name: self.cleaned_data[f"{prefix}-{name}"] for name in NAMES}
        return {name: most for name, most in found.items() if most}


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    may = "act" in desk.rights
    posted = request.method == "POST"
    form = LimitsForm(request.POST if posted and may else None, desk=desk)
    if posted and may and form.is_valid():
        _save(desk, form)
        messages.success(request, _("Your limits are saved."))
        return HttpResponseRedirect(reverse("desk_limits"))
    status = (400 if may else 403) if posted else 200
    return page(
        request,
        desk,
        "dashboard/set_up/limits.html",
        section="set_up",
        status=status,
        form=form,
        of_all=[form[f"all-{name}"] for name in NAMES],
        rows=form.rows(desk.provider.language),
        may=may,
    )


def _save(desk: Desk, form: LimitsForm) -> None:
    way = form.cleaned_data["travel_minutes"]
    by_slug = {one.slug: form.said(str(one.pk)) for one in form.services}

    def change(content: dict[str, Any]) -> str:
        content["limits"] = form.said("all") | ({"travel_minutes": way} if way else {})
        for part in content["services"]:
            if part["slug"] in by_slug:
                part.pop("limits", None)
                part |= {"limits": by_slug[part["slug"]]} if by_slug[part["slug"]] else {}
        return ""

    transfer.edit(provider=desk.provider, change=change, at=desk.at)
