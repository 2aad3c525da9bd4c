"""What clients owe: the list by client, one charge with its acts, and asking for more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import lifecycle
from booking.dashboard.access import adds, at_desk, page
from booking.dashboard.amounts import AmountField, typed
from booking.dashboard.desk import Desk
from booking.models import Appointment
from config import formats
from config.formats import short_moment
from config.refusal import Refusal
from payments.dashboard import words
from payments.dashboard.tabs import tabs
from payments.models import Charge, Deposit, Payment
from policies.rules.local_time import local

LARGEST = 10**12


class ByHandForm(forms.Form):
    """Money that came in another way: how much, how, when, and what it says on the paper."""

    method = forms.ChoiceField(
        label=gettext_lazy("How was it paid?"),
        choices=[(value, name) for value, name in words.METHODS.items() if value != "card"],
        widget=forms.RadioSelect,
        initial="cash",
    )
    received_on = forms.DateField(
        label=gettext_lazy("On which day?"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        help_text=gettext_lazy("For example the line on your bank statement."),
        required=False,
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    field_order = ("amount", "method", "received_on", "reference")

    def __init__(self, *args: Any, most: int, currency: str, today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        self.initial = {"amount": typed(most, currency), "received_on": today}
        label = _("How much, in %(currency)s?") % {"currency": currency}
        self.fields["amount"] = AmountField(label=label, currency=currency, most=most)
        self.order_fields(self.field_order)

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if not date(2000, 1, 1) <= day <= self.today:
            raise ValidationError(_("Please pick a day that is not in the future."))
        return day


class AskForm(forms.Form):
    """The rest of the price, or something else with a word of what it is."""

    kind = forms.ChoiceField(label=gettext_lazy("What is it for?"), widget=forms.RadioSelect)
    description = forms.CharField(
        label=gettext_lazy("In your words"),
        help_text=gettext_lazy("For something else. The client reads this."),
        required=False,
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    tell = forms.BooleanField(
        label=gettext_lazy("Send the client a mail with the link to pay"), required=False, initial=True
    )

    field_order = ("kind", "amount", "description", "tell")

    def __init__(self, *args: Any, balance: int, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.balance = balance
        kinds = [("balance", _("The rest of the price"))] if balance else []
        self.fields["kind"].choices = [*kinds, ("other", _("Something else"))]  # type: ignore[attr-defined]
        self.initial = {
            "kind": "balance" if balance else "other",
            "amount": typed(balance, currency) if balance else "",
            "tell": True,
        }
        label = _("How much, in %(currency)s?") % {"currency": currency}
        self.fields["amount"] = AmountField(label=label, currency=currency, most=LARGEST)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("kind") == "other" and not said.get("description"):
            self.add_error("description", _("Please say what it is for."))
        if said.get("kind") == "balance" and (said.get("amount") or 0) > self.balance:
            self.add_error("amount", _("This is more than is left of the price."))
        return said


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """What is owed now, by client, the largest first."""
    owing = desk.charges.filter(state="owed").select_related("appointment__client", "appointment__service")
    clients: dict[tuple[int, str], dict[str, Any]] = {}
    for charge in owing.order_by("created_at", "pk"):
        client = charge.appointment.client
        found = clients.setdefault(
            (client.pk, charge.currency),
            {"client": client, "currency": charge.currency, "owed": 0, "rows": []},
        )
        found["owed"] += charge.owed
        found["rows"].append(row(desk, charge))
    rows = sorted(clients.values(), key=lambda one: -one["owed"])
    context: dict[str, Any] = {"rows": rows, "totals": totals(rows), "tabs": tabs("desk_owed")}
    return page(request, desk, "dashboard/money/owed.html", section="money", **context)


def totals(rows: list[dict[str, Any]]) -> list[str]:
    """What is owed in all, by currency."""
    sums: Counter[str] = Counter()
    for one in rows:
        sums[one["currency"]] += one["owed"]
    return [formats.money(amount, currency) for currency, amount in sorted(sums.items())]


def row(desk: Desk, charge: Charge) -> dict[str, Any]:
    return {
        "charge": charge,
        "what": words.charge(charge),
        "day": formats.short_day(charge.appointment.starts_at, desk.zone),
        "since": formats.short_day(charge.created_at, desk.zone),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
@adds
def show(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """One charge: what was paid of it; a post writes down a payment by hand."""
    charge = found(desk, uid)
    form = by_hand_form(desk, charge.owed, charge.currency, request) if charge.owed else None
    if request.method == "POST":
        may_act(desk)
        if form is None or not form.is_valid():
            return sheet(request, desk, charge, form, status=400)
        said = form.cleaned_data
        return tried(
            request,
            lambda: lifecycle.paid_by_hand(charge=charge, by=desk.by, at=desk.at, **said),
            done=_("Written down."),
            back=reverse("desk_charge", args=[uid]),
        )
    return sheet(request, desk, charge, form)


def by_hand_form(desk: Desk, most: int, currency: str, request: HttpRequest) -> ByHandForm:
    today = local(desk.at, desk.zone).date()
    return ByHandForm(request.POST or None, most=most, currency=currency, today=today)


def sheet(
    request: HttpRequest, desk: Desk, charge: Charge, form: ByHandForm | None, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "charge": charge,
        "appointment": charge.appointment,
        "what": words.charge(charge),
        "state": words.name(words.CHARGE_STATES, charge.state),
        "tone": words.CHARGE_TONES[charge.state],
        "day": formats.day(charge.appointment.starts_at, desk.zone),
        "payments": [
            payment(desk, one) for one in charge.payments.select_related("card").order_by("created_at", "pk")
        ],
        "form": form if "act" in desk.rights else None,
    }
    return page(request, desk, "dashboard/money/charge.html", section="money", status=status, **context)


def payment(desk: Desk, found: Payment) -> dict[str, Any]:
    day = formats.day(found.received_on) if found.received_on else ""
    when = day or (short_moment(found.paid_at, desk.zone) if found.paid_at else "")
    return {
        "payment": found,
        "state": words.name(words.PAYMENT_STATES, found.state),
        "method": words.method(found),
        "failure": words.card_failure(found),
        "when": when,
        "may_undo": found.gateway == "manual" and found.state == "paid" and "act" in desk.rights,
    }


@require_POST
@at_desk(may="act")
def waive(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    charge = found(desk, uid)
    return tried(
        request,
        lambda: lifecycle.waive_charge(charge=charge, by=desk.by, at=desk.at),
        done=_("It is not asked any more."),
        back=reverse("desk_charge", args=[uid]),
    )


@require_POST
@at_desk(may="act")
def ask_again(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    charge = found(desk, uid)
    return tried(
        request,
        lambda: lifecycle.ask_again(charge=charge, by=desk.by, at=desk.at),
        done=_("The client gets a mail with the link to pay."),
        back=reverse("desk_charge", args=[uid]),
    )


@require_POST
@at_desk(may="act")
def undo(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """A payment by hand was a mistake: an entry the other way takes it back."""
    payment = get_object_or_404(desk.payments.filter(gateway="manual"), uid=uid)
    whole = payment.whole
    name = "desk_deposit" if isinstance(whole, Deposit) else "desk_charge"
    return tried(
        request,
        lambda: lifecycle.undo_by_hand(payment=payment, by=desk.by, at=desk.at),
        done=_("Taken back. Both entries stay in the ledger."),
        back=reverse(name, args=[whole.uid]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="act")
@adds
def ask(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """Ask a client for the rest of the price, or for something else."""
    appointment = desk.appointment(uid)
    balance = lifecycle.balance_due(appointment)
    form = AskForm(request.POST or None, balance=balance, currency=appointment.currency)
    if request.method == "POST" and form.is_valid():
        try:
            made = asked(desk, appointment, form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.detail or "")
        else:
            messages.success(request, _("Noted as owed."))
            return HttpResponseRedirect(reverse("desk_charge", args=[made.uid]))
    context = {"appointment": appointment, "form": form, "balance": balance}
    status = 400 if form.errors else 200
    return page(request, desk, "dashboard/money/ask.html", section="money", status=status, **context)


def asked(desk: Desk, appointment: Appointment, said: dict[str, Any]) -> Charge:
    common: dict[str, Any] = {
        "appointment": appointment,
        "by": desk.by,
        "at": desk.at,
        "tell": said["tell"],
        "amount": said["amount"],
    }
    if said["kind"] == "balance":
        return lifecycle.ask_balance(**common)
    return lifecycle.charge(description=said["description"], **common)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="act")
@adds
def deposit_by_hand(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """A deposit that was paid by hand: it confirms the appointment that waits for it."""
    rows = desk.deposits.select_related("appointment__client", "appointment__service")
    deposit = get_object_or_404(rows, uid=uid)
    due = lifecycle.deposit_due(deposit)
    form = by_hand_form(desk, due, deposit.currency, request) if due else None
    if form and request.method == "POST" and form.is_valid():
        try:
            lifecycle.paid_by_hand(deposit=deposit, by=desk.by, at=desk.at, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.detail or "")
        else:
            messages.success(request, _("Written down."))
            return HttpResponseRedirect(reverse("desk_deposit", args=[uid]))
    context = {"deposit": deposit, "appointment": deposit.appointment, "form": form}
    if form is None:
        status = 409 if request.method == "POST" else 200
    else:
        status = 400 if form.errors else 200
    return page(request, desk, "dashboard/money/by_hand.html", section="money", status=status, **context)


def found(desk: Desk, uid: UUID) -> Charge:
    rows = desk.charges.select_related("appointment__client", "appointment__service")
    charge = get_object_or_404(rows, uid=uid)
    desk.known(charge.appointment)
    return charge


def may_act(desk: Desk) -> None:
    if "act" not in desk.rights:
        raise PermissionDenied


def tried(request: HttpRequest, act: Callable[[], object], *, done: str, back: str) -> HttpResponse:
    """Does it, and says on the page it came from how that went."""
    try:
        act()
    except Refusal as refusal:
        messages.warning(request, refusal.detail or "")
    else:
        messages.success(request, done)
    return HttpResponseRedirect(back)
