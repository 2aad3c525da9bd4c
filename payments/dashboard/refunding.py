"""A refund in two steps: see what goes back and what the client reads, then send it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from booking import lifecycle, quotes
from booking.dashboard import letters
from booking.dashboard.access import Desk, at_desk, page
from booking.dashboard.amounts import AmountField, typed
from config import formats
from config.refusal import Refusal
from payments.dashboard.deposits import found, returnable
from payments.models import Deposit


class MoneyMoved(Refusal):
    """Something became of the money since the page was opened: a second click, a colleague."""

    code = "money_moved"


class RefundForm(forms.Form):
    """How much, and why: the client reads the reason. ``seen`` is what had been given back when the
    page was opened, so that one press of a button is one refund."""

    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("The client reads this."),
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    field_order = ("amount", "reason", "seen")

    def __init__(self, *args: Any, deposit: Deposit, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial = {"amount": typed(returnable(deposit), deposit.currency), "seen": deposit.refunded}
        self.fields["amount"] = AmountField(
            label=_("How much goes back, in %(currency)s?") % {"currency": deposit.currency},
            currency=deposit.currency,
            most=returnable(deposit),
        )
        self.order_fields(self.field_order)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="refund")
def refund(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """Give back all or part of a deposit."""
    deposit = found(desk, uid)
    if request.method != "POST":
        return _page(request, desk, deposit, RefundForm(deposit=deposit))
    form = RefundForm(request.POST, deposit=deposit)
    if not form.is_valid():
        return _page(request, desk, deposit, form, status=400)
    if request.POST.get("step") != "send":
        return _page(request, desk, deposit, form, looked=request.POST.get("step") != "change")
    try:
        _send(desk, deposit, **form.cleaned_data)
    except Refusal as refusal:
        deposit = found(desk, uid)
        anew = RefundForm(request.POST | {"seen": deposit.refunded}, deposit=deposit)
        return _page(request, desk, deposit, anew, refused=refusal.detail or "", status=refusal.status)
    messages.success(
        request,
        _("%(amount)s is on its way back. The client gets a mail.")
        % {"amount": formats.money(form.cleaned_data["amount"], deposit.currency)},
    )
    return HttpResponseRedirect(reverse("desk_deposit", args=[uid]))


def _send(desk: Desk, deposit: Deposit, *, amount: int, reason: str, seen: int) -> None:
    with desk.alone():
        deposit.refresh_from_db()
        if deposit.refunded != seen:
            raise MoneyMoved(
                _("Money of this deposit has moved since you opened the page. Please look at it once more.")
            )
        lifecycle.refund(deposit=deposit, amount=amount, reason=reason, by=desk.by, at=desk.at)


def _page(
    request: HttpRequest,
    desk: Desk,
    deposit: Deposit,
    form: RefundForm,
    *,
    looked: bool = False,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "deposit": deposit,
        "appointment": deposit.appointment,
        "day": formats.day(deposit.appointment.starts_at, desk.zone),
        "form": form,
        "most": returnable(deposit),
        "refused": refused,
    }
    if looked:
        said = form.cleaned_data
        facts = {"refund": quotes.money(said["amount"], deposit.currency), "reason": said["reason"]}
        context |= {
            "looked": True,
            "amount": said["amount"],
            "left": returnable(deposit) - said["amount"],
            "letter": letters.preview(deposit.appointment, kind="refund", facts=facts, at=desk.at),
        }
    return page(request, desk, "dashboard/money/refund.html", section="money", status=status, **context)
