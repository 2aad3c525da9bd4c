"""Who the provider is on paper, and which tax its prices include."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.models import Business, Service
from booking.texts import text_in
from config import formats
from payments.dashboard.tabs import tabs
from payments.papers import business

PERCENT = re.compile(r"(\d{1,3})(?:[.,](\d{1,2}))?\s*%?")


class PercentField(forms.CharField):
    """``22``, ``5,5`` or ``5.5 %``, cleaned to basis points; empty is no tax."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(required=False, max_length=10, widget=widget, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        said = PERCENT.fullmatch(text.strip())
        if not said or not text.isascii():
            raise ValidationError(_("Please write a percentage, such as 22 or 5.5."))
        rate = int(said[1]) * 100 + int((said[2] or "").ljust(2, "0"))
        if rate > 10_000:
            raise ValidationError(_("At most 100%."))
        return rate


class SetUpForm(forms.ModelForm[Business]):
    """The details, and one percentage for each service."""

    class Meta:
        model = Business
        fields = (
            "legal_name",
            "address",
            "tax_number",
            "tax_name",
            "receipt_prefix",
            "note",
            "fees_taxed",
        )
        labels = {
            "legal_name": gettext_lazy("Legal name"),
            "address": gettext_lazy("Address"),
            "tax_number": gettext_lazy("Tax number"),
            "tax_name": gettext_lazy("What the tax is called"),
            "receipt_prefix": gettext_lazy("Letters before each number"),
            "note": gettext_lazy("A line at the foot"),
            "fees_taxed": gettext_lazy("What a client loses bears tax too"),
        }
        help_texts = {
            "legal_name": gettext_lazy("As it stands on your invoices."),
            "tax_name": gettext_lazy("VAT, IVA, GST or whatever your clients call it."),
            "receipt_prefix": gettext_lazy("Letters, digits and hyphens. With NOVE: NOVE-R-2027-0001."),
            "note": gettext_lazy("For example the paragraph of the law under which you charge no tax."),
            "fees_taxed": gettext_lazy(
                "A kept deposit or a fee is a compensation in some countries and bears no tax; in others it does. "
                "Ask your tax adviser."
            ),
        }
        widgets = {"address": forms.Textarea({"rows": 3}), "note": forms.Textarea({"rows": 2})}

    def __init__(self, *args: Any, services: list[Service], language: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["receipt_prefix"].widget.attrs |= {"autocapitalize": "characters", "spellcheck": "false"}
        self.services = services
        for service in services:
            self.fields[f"tax_{service.uid.hex}"] = PercentField(
                label=text_in(service.name, fallback=language), initial=typed(service.tax_rate)
            )

    def clean_receipt_prefix(self) -> str:
        prefix: str = self.cleaned_data["receipt_prefix"].strip()
        if not re.fullmatch(r"[A-Za-z0-9-]*", prefix):
            raise ValidationError(_("Letters, digits and hyphens only."))
        return prefix

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"]).replace("\r\n", "\n")

    def clean_note(self) -> str:
        return str(self.cleaned_data["note"]).replace("\r\n", "\n")

    @property
    def details(self) -> list[Any]:
        return [self[name] for name in self.Meta.fields]

    @property
    def taxes(self) -> list[Any]:
        return [self[f"tax_{service.uid.hex}"] for service in self.services]

    @property
    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    @property
    def rates(self) -> dict[UUID, int | None]:
        return {service.uid: self.cleaned_data[f"tax_{service.uid.hex}"] for service in self.services}


def typed(rate: int | None) -> str:
    """A percentage as one would type it."""
    return "" if rate is None else formats.percent(Decimal(rate) / 100).removesuffix("%")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="own")
def set_up(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The details for receipts and the tax of each service."""
    form = SetUpForm(
        request.POST or None,
        instance=desk.business or Business(provider=desk.provider, legal_name=desk.provider.name),
        services=list(desk.services.filter(hidden=False).order_by("position", "pk")),
        language=desk.provider.language,
    )
    if request.method == "POST" and form.is_valid():
        business.save(provider=desk.provider, fields=form.said, rates=form.rates)
        messages.success(request, _("Saved. Papers from now on say it like this."))
        return HttpResponseRedirect(reverse("desk_papers_set_up"))
    return page(
        request,
        desk,
        "dashboard/money/set_up.html",
        section="money",
        status=400 if form.errors else 200,
        tabs=tabs("desk_papers"),
        form=form,
    )
