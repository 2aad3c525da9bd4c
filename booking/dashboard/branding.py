"""Colour and logo: tried on before they are kept, and always readable."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from booking import brand, colours, transfer
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk

OURS = "#0b6a57"
Content = dict[str, Any]


class BrandForm(forms.Form):
    """The colour is ours or the provider's own; a logo that is not sent again stays."""

    own_colour = forms.ChoiceField(
        label=gettext_lazy("Colour"),
        choices=(("", gettext_lazy("The green of Kept")), ("yes", gettext_lazy("A colour of your own"))),
        required=False,
        widget=forms.RadioSelect,
    )
    colour = forms.CharField(
        label=gettext_lazy("Your colour"),
        max_length=7,
        required=False,
        widget=forms.TextInput({"type": "color"}),
    )
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        help_text=gettext_lazy(
            "PNG, JPEG or WebP, up to 2 MB. It is shown small, so a simple one is best; one without a background "
            "looks well on light and on dark pages."
        ),
        required=False,
        widget=forms.FileInput({"accept": "image/png,image/jpeg,image/webp"}),
    )
    without_logo = forms.BooleanField(label=gettext_lazy("Take the logo away"), required=False)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        typed = found.get("colour", "")
        found["colour"] = colours.read(typed) if found.get("own_colour") else ""
        if found.get("own_colour") and not found["colour"]:
            self.add_error("colour", _("Please write the colour as six signs after #, such as #0b6a57."))
        return found

    def clean_logo(self) -> brand.Picture | None:
        sent = self.cleaned_data["logo"]
        if not sent:
            return None
        if sent.size > brand.LARGEST:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        try:
            return brand.picture(sent.read())
        except brand.NotAPicture as no:
            raise forms.ValidationError(str(no.detail)) from None


@dataclass(frozen=True)
class Sample:
    """The colour on a page, by day or by night."""

    name: str
    page: str
    card: str
    ink: str
    shades: colours.Shades
    changed: bool


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def show(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    may = "own" in desk.rights
    colour = desk.provider.brand.get("colour", "")
    initial = {"own_colour": "yes" if colour else "", "colour": colour or OURS}
    if request.method != "POST" or not may:
        form = BrandForm(initial=initial)
        return _page(request, desk, form, colour, status=403 if request.method == "POST" else 200)
    form = BrandForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, desk, form, form.cleaned_data.get("colour") or "", status=400)
    if request.POST.get("do") == "look":
        return _page(request, desk, form, form.cleaned_data["colour"], tried=True)
    _save(desk, form)
    messages.success(request, _("Saved. Clients see it from now on."))
    return HttpResponseRedirect(reverse("desk_brand"))


def _save(desk: Desk, form: BrandForm) -> None:
    found = form.cleaned_data

    def change(content: Content) -> str:
        was = content.get("brand", {})
        logo = {} if found["without_logo"] or "logo" not in was else {"logo": was["logo"]}
        if found["logo"]:
            logo = {"logo": base64.b64encode(found["logo"].content).decode()}
        content["brand"] = ({"colour": found["colour"]} if found["colour"] else {}) | logo
        return "brand"

    transfer.edit(provider=desk.provider, change=change, at=desk.at)


def _page(
    request: HttpRequest, desk: Desk, form: BrandForm, colour: str, *, status: int = 200, tried: bool = False
) -> HttpResponse:
    samples = _samples(colour) if colour else []
    return page(
        request, desk, "dashboard/set_up/brand.html", section="set_up", status=status, form=form, tried=tried,
        may="own" in desk.rights, samples=samples, colour=colour, moved=any(one.changed for one in samples),
    )  # fmt: skip


def _samples(colour: str) -> list[Sample]:
    by_day, by_night = colours.light(colour), colours.dark(colour)
    return [
        Sample(_("On light pages"), "#f5f7f5", "#ffffff", "#16211e", by_day, by_day.accent != colour),
        Sample(_("On dark pages"), "#101614", "#18201d", "#e9f0ed", by_night, by_night.accent != colour),
    ]
