"""Where the open hours and the clients' wishes miss each other (A10), and what is offered to those for whom it
costs too much (A13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from booking import wishes as craft
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.dashboard.tabs import tabs
from booking.models import Client
from booking.templatetags.kept import mode_name
from booking.texts import text_in
from config import formats
from policies.rules import wishes as rules
from policies.rules.wishes import DAYS, PARTS

PART_NAMES = {
    "morning": gettext_lazy("Morning"),
    "afternoon": gettext_lazy("Afternoon"),
    "evening": gettext_lazy("Evening"),
}
LONGEST_WORDS = 1000


@dataclass(frozen=True)
class Cell:
    """``state`` is met (wished and open), missed (wished, closed), spare (open, not wished) or none."""

    wished: int
    open: bool
    state: str
    words: str


@require_safe
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """A week of wishes beside the open hours, as a grid and in sentences."""
    found = craft.match(provider=desk.provider, at=desk.at)
    context: dict[str, Any] = {
        "tabs": tabs("desk_wishes"),
        "asked": found.asked,
        "days": [
            {"name": formats.weekday(day), "short": formats.weekday(day, short=True)} for day in range(7)
        ],
        "rows": [
            {"name": str(PART_NAMES[part]), "cells": [_cell(found, (day, part)) for day in range(7)]}
            for part in PARTS
        ],
        "sentences": _sentences(found),
    }
    return page(request, desk, "dashboard/wishes.html", section="clients", **context)


def _cell(found: rules.Match, cell: rules.Cell) -> Cell:
    wished, is_open = found.wished.get(cell, 0), found.minutes.get(cell, 0) >= rules.ENOUGH
    state = ("met" if is_open else "missed") if wished else "spare" if is_open else ""
    said = (
        ngettext("%(n)s client wishes it", "%(n)s clients wish it", wished) % {"n": wished} if wished else ""
    )
    hours = _("open") if is_open else _("closed")
    return Cell(wished, is_open, state, f"{hours}, {said}" if said else hours)


def _sentences(found: rules.Match) -> list[str]:
    """What the grid says, for those who read it and those who hear it."""
    if not found.asked:
        return []
    first = ngettext(
        "%(n)s client has told you which days suit.",
        "%(n)s clients have told you which days suit.",
        found.asked,
    ) % {"n": found.asked}
    if not found.missed:
        return [first, _("Your hours have something for every one of them.")]
    lost = ngettext(
        "%(n)s of them finds nothing in your hours.",
        "%(n)s of them find nothing in your hours.",
        found.missed,
    ) % {"n": found.missed}
    return [first, lost, *(_help(cell, times) for cell, times in found.would_help)]


def _help(cell: rules.Cell, times: int) -> str:
    day, part = cell
    return ngettext(
        "Opening on %(day)s, in the %(part)s, would suit %(n)s of them.",
        "Opening on %(day)s, in the %(part)s, would suit %(n)s of them.",
        times,
    ) % {"day": formats.weekday(day), "part": str(PART_NAMES[part]).lower(), "n": times}


def of_client(client: Client) -> list[tuple[str, str]]:
    """The wishes of one client, in words."""
    names: dict[str, dict[str, str]] = {
        "days": {day: formats.weekday(number) for number, day in enumerate(DAYS)},
        "parts": {part: str(name) for part, name in PART_NAMES.items()},
        "modes": {mode: mode_name(mode) for mode in craft.MODES},
    }
    labels = {"days": _("Days"), "parts": _("Parts of the day"), "modes": _("How to meet")}
    told = craft.shown(client.preferences)
    return [
        (labels[kind], ", ".join(names[kind][word] for word in words if word in names[kind]))
        for kind, words in told.items()
        if words
    ]


class CostForm(forms.Form):
    """What is offered after the reason *it costs too much*: a service, some words, or both."""

    service = forms.ChoiceField(label=gettext_lazy("A service that costs less"), required=False)

    def __init__(self, *args: Any, desk: Desk, **options: Any) -> None:
        super().__init__(*args, **options)
        names = [
            (one.slug, text_in(one.name, fallback=desk.provider.language))
            for one in desk.services.filter(hidden=False)
        ]
        field = self.fields["service"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("None")), *names]
        for code, _name in settings.LANGUAGES:
            self.fields[f"words_{code}"] = forms.CharField(
                label=_("Your words, in %(language)s") % {"language": formats.locale().languages[code]},
                help_text=_("Payment in parts, a shorter session, a lower price: what can you offer?")
                if code == settings.LANGUAGES[0][0]
                else "",
                required=False,
                max_length=LONGEST_WORDS,
                widget=forms.Textarea({"rows": 3, "lang": code}),
            )

    @property
    def said(self) -> dict[str, Any]:
        words = {
            code: text
            for code, _name in settings.LANGUAGES
            if (text := self.cleaned_data[f"words_{code}"].strip())
        }
        service = self.cleaned_data["service"]
        return ({"service": service} if service else {}) | ({"words": words} if words else {})


def _told(desk: Desk) -> dict[str, Any]:
    offer = desk.provider.cost_offer or {}
    words = {f"words_{code}": text for code, text in (offer.get("words") or {}).items()}
    return {"service": offer.get("service", ""), **words}


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def cost_offer(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Shown kindly to those who say that it costs too much."""
    may = "act" in desk.rights
    if request.method == "POST" and may:
        form = CostForm(request.POST, desk=desk)
        if form.is_valid():
            desk.provider.cost_offer = form.said
            desk.provider.save(update_fields=["cost_offer"])
            messages.success(request, _("Kept."))
            return HttpResponseRedirect(reverse("desk_cost_offer"))
        return page(
            request,
            desk,
            "dashboard/cost_offer.html",
            section="clients",
            status=400,
            form=form,
            may=may,
            tabs=tabs("desk_cost_offer"),
        )
    form = CostForm(initial=_told(desk), desk=desk)
    status = 403 if request.method == "POST" else 200
    return page(
        request,
        desk,
        "dashboard/cost_offer.html",
        section="clients",
        status=status,
        form=form,
        may=may,
        tabs=tabs("desk_cost_offer"),
    )
