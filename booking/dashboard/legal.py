"""The legal notice and the privacy page: ours to look at, the provider's own words beside it or in its place."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import transfer
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.dashboard.spoken_fields import LinesField, TypedForm, add_spoken, languages, spoken, texts_of
from booking.models import LegalText
from booking.telling import by_law
from booking.transfer.legal_words import LONGEST

Content = dict[str, Any]
Kind = LegalText.Kind


class LegalForm(TypedForm):
    """For each of the two pages: the provider's words by language, and whether they stand alone."""

    def __init__(self, *args: Any, first: str, kept: dict[str, LegalText], **options: Any) -> None:
        options["initial"] = options.get("initial") or _initial(kept)
        super().__init__(*args, **options)
        self.first, self.kept = first, kept
        for kind in Kind.values:
            add_spoken(
                self, kind, _("Your own words"), LinesField, first=first, required=False, max_length=LONGEST,
                rows=6, help_text=_("An empty line begins a new paragraph."),
            )  # fmt: skip
            self.fields[f"{kind}_instead"] = forms.ChoiceField(
                label=_("Where they stand"),
                choices=(("", _("Below our text")), ("yes", _("In place of our text"))),
                required=False,
                widget=forms.RadioSelect,
            )

    def texts(self, kind: str) -> list[forms.BoundField]:
        return [self[f"{kind}_{code}"] for code in languages(self.first)]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        for kind in Kind.values:
            name = f"{kind}_{self.first}"
            if found.get(f"{kind}_instead") and name not in self.errors and not found.get(name, "").strip():
                self.add_error(
                    name, _("Please write it in your own language first: without it the page would be empty.")
                )
        return found

    def put(self, content: Content) -> str:
        """Writes what was typed into the provider's file."""
        found, legal = self.cleaned_data, {}
        for kind in map(str, Kind.values):
            was = self.kept[kind].texts if kind in self.kept else {}
            texts = texts_of(found, kind, was=was, first=self.first)
            if texts:
                legal[kind] = {"text": texts, "instead": bool(found[f"{kind}_instead"])}
        content["legal"] = legal
        return "legal"

    def field_of(self, path: str) -> str | None:
        kind, _dot, rest = path.partition(".")
        code = rest.rpartition(".")[2]
        return f"{kind}_{code}" if f"{kind}_{code}" in self.fields else None


def _initial(kept: dict[str, LegalText]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind, row in kept.items():
        found |= spoken(kind, row.texts) | {f"{kind}_instead": "yes" if row.instead else ""}
    return {f"{kind}_instead": "" for kind in Kind.values} | found


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    may = "own" in desk.rights
    facts: dict[str, Any] = {
        "first": desk.provider.language,
        "kept": {row.kind: row for row in desk.legal_texts},
    }
    if request.method != "POST" or not may:
        return _page(request, desk, LegalForm(**facts), status=403 if request.method == "POST" else 200)
    form = LegalForm(request.POST, **facts)
    if form.is_valid() and _store(desk, form):
        messages.success(request, _("Saved. Clients see it from now on."))
        return HttpResponseRedirect(reverse("desk_legal"))
    return _page(request, desk, form, status=400)


def _store(desk: Desk, form: LegalForm) -> bool:
    try:
        transfer.edit(provider=desk.provider, change=form.put, at=desk.at)
    except transfer.FileRefused as refused:
        form.told(refused.as_typed(desk.provider.currency), form.field_of)
        return False
    return True


def _page(request: HttpRequest, desk: Desk, form: LegalForm, *, status: int) -> HttpResponse:
    ours = {
        Kind.NOTICE: by_law.notice_of_ours(desk.provider),
        Kind.PRIVACY: by_law.privacy_of_ours(desk.provider),
    }
    titles = {Kind.NOTICE: _("Legal notice"), Kind.PRIVACY: _("Privacy")}
    paths = {Kind.NOTICE: "legal_notice", Kind.PRIVACY: "privacy"}
    pages = [
        {
            "kind": str(kind),
            "title": titles[kind],
            "url": reverse(paths[kind], args=[desk.provider.slug]),
            "ours": parts,
            "texts": form.texts(kind),
            "instead": form[f"{kind}_instead"],
        }
        for kind, parts in ours.items()
    ]
    return page(
        request, desk, "dashboard/set_up/legal.html", section="set_up", status=status, form=form, pages=pages,
        may="own" in desk.rights, business=desk.business,
    )  # fmt: skip
