"""A refund in two steps: see what goes back and what the client reads, then send it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from booking import lifecycle
from booking.dashboard import letters
from booking.dashboard.access import at_desk, page
from booking.dashboard.amounts import AmountField, typed
from booking.dashboard.desk import Desk
from config import formats
from config.refusal import Refusal
from payments import disputes, repayments
from payments.dashboard.deposits import found
from payments.dashboard.sure import be_sure, has_second_factor
from payments.models import Charge, Deposit, Refund, Repayment

How = Repayment.How


class MoneyMoved(Refusal):
    """Something became of the money since the page was opened: a colleague was quicker."""

    code = "money_moved"


@dataclass(frozen=True)
class Case:
    """What the money was paid for, and the failed refund that is to be made good, if that is why."""

    whole: Deposit | Charge
    retries: Refund | None = None

    @property
    def most(self) -> int:
        free = repayments.free(self.whole)
        return min(free, self.retries.amount) if self.retries else free

    @property
    def back(self) -> str:
        if isinstance(self.whole, Deposit):
            return reverse("desk_deposit", args=[self.whole.uid])
        return reverse("desk_appointment", args=[self.whole.appointment.uid])


class RefundForm(forms.Form):
    """How much, which way, and why: the client reads the reason. ``key`` makes one press of a button one
    refund; ``seen`` is what of it could not go back any more when the page was opened."""

    how = forms.ChoiceField(label=gettext_lazy("Which way?"), widget=forms.RadioSelect, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("The client reads this."),
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        help_text=gettext_lazy("If you gave it by hand: of the transfer, or who took the cash."),
        max_length=100,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    field_order = ("amount", "how", "reason", "reference", "key", "seen")

    def __init__(self, *args: Any, case: Case, **options: Any) -> None:
        super().__init__(*args, **options)
        whole = case.whole
        self.initial = {
            "amount": typed(case.most, whole.currency),
            "how": How.CARD,
            "key": uuid4(),
            "seen": spent(whole),
        }
        self.fields["amount"] = AmountField(
            label=_("How much goes back, in %(currency)s?") % {"currency": whole.currency},
            currency=whole.currency,
            most=case.most,
        )
        self.fields["how"].choices = ways(whole)  # type: ignore[attr-defined]
        self.order_fields(self.field_order)

    def clean_how(self) -> str:
        return self.cleaned_data["how"] or How.CARD


def spent(whole: Deposit | Charge) -> int:
    """What of it has gone back, was carried, is disputed, or is asked for."""
    return whole.paid - repayments.free(whole)


def ways(whole: Deposit | Charge) -> list[tuple[str, str]]:
    found = [(How.CARD.value, _("The way it was paid"))]
    if isinstance(whole, Deposit):
        found.append((How.CREDIT.value, _("As a credit for a new time")))
    return [*found, (How.HAND.value, _("I gave it back by hand already"))]


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="refund")
@be_sure
def refund(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """Give back all or part of a deposit."""
    return _give(request, desk, Case(found(desk, uid)))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="refund")
@be_sure
def refund_charge(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """Give back all or part of a fee or a balance that was paid."""
    charge = get_object_or_404(desk.charges.select_related("appointment__client"), uid=uid)
    return _give(request, desk, Case(_known(desk, charge)))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(may="refund")
@be_sure
def again(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """A refund that failed: once more to the card, as a credit, or by hand."""
    failed = get_object_or_404(desk.refunds.filter(state=Refund.State.FAILED, made_good_by=None), uid=uid)
    return _give(request, desk, Case(_known(desk, failed.whole), failed))


def _known(desk: Desk, whole: Any) -> Any:
    """With the provider and the names that the pages show."""
    whole.appointment = desk.appointment(whole.appointment.uid)
    return whole


def _give(request: HttpRequest, desk: Desk, case: Case) -> HttpResponse:
    if request.method != "POST":
        return _page(request, desk, case, RefundForm(case=case))
    made = _made_before(desk, request.POST.get("key", ""))
    if made:
        return _done(request, made, case)
    form = RefundForm(request.POST, case=case)
    if not form.is_valid():
        return _page(request, desk, case, form, status=400)
    if request.POST.get("step") != "send":
        return _page(request, desk, case, form, looked=request.POST.get("step") != "change")
    try:
        made = _send(desk, case, **form.cleaned_data)
    except Refusal as refusal:
        case.whole.refresh_from_db()
        anew = RefundForm(request.POST | {"seen": spent(case.whole), "key": uuid4()}, case=case)
        return _page(request, desk, case, anew, refused=refusal.detail or "", status=refusal.status)
    return _done(request, made, case)


def _made_before(desk: Desk, key: str) -> Repayment | None:
    """What this very form did already: a double click, a reload."""
    try:
        return desk.repayments.filter(key=UUID(key)).first()
    except ValueError:
        return None


def _send(
    desk: Desk, case: Case, *, amount: int, how: str, reason: str, reference: str, key: UUID | None, seen: int
) -> Repayment:
    with desk.alone():
        made = _made_before(desk, str(key or ""))
        if made:
            return made
        case.whole.refresh_from_db()
        if spent(case.whole) != seen:
            raise MoneyMoved(
                _("Some of this money has moved since you opened the page. Please look at it once more.")
            )
        return lifecycle.give_back(
            whole=case.whole,
            amount=amount,
            how=how,
            reason=reason,
            reference=reference,
            key=key,
            retries=case.retries,
            by=desk.by,
            at=desk.at,
        )


def _done(request: HttpRequest, made: Repayment, case: Case) -> HttpResponse:
    amount = formats.money(made.amount, made.currency)
    if made.state == Repayment.State.ASKED:
        said = _("%(amount)s waits for the yes of a second member. The client hears nothing until then.")
    elif made.how == How.CREDIT:
        said = _("%(amount)s waits as a credit. The client gets a mail.")
    elif made.how == How.HAND:
        said = _("It is written down that you gave %(amount)s back. The client gets a mail.")
    else:
        said = _("%(amount)s is on its way back. The client gets a mail.")
    messages.success(request, said % {"amount": amount})
    return HttpResponseRedirect(case.back)


def _page(
    request: HttpRequest,
    desk: Desk,
    case: Case,
    form: RefundForm,
    *,
    looked: bool = False,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    whole = case.whole
    context: dict[str, Any] = {
        "whole": whole,
        "back": case.back,
        "is_charge": isinstance(whole, Charge),
        "appointment": whole.appointment,
        "day": formats.day(whole.appointment.starts_at, desk.zone),
        "form": form,
        "most": case.most,
        "failed": case.retries,
        "disputed": disputes.over(whole).first(),
        "refused": refused,
        "second_factor": has_second_factor(request),
        "limit": desk.membership.refund_limit,
    }
    if looked:
        context |= _looked(desk, case, form.cleaned_data)
    return page(request, desk, "dashboard/money/refund.html", section="money", status=status, **context)


def _looked(desk: Desk, case: Case, said: dict[str, Any]) -> dict[str, Any]:
    """What would happen: the very mail, and whether a second member has to say yes."""
    whole = case.whole
    meant = Repayment(
        **repayments.named(whole),
        amount=said["amount"],
        currency=whole.currency,
        how=said["how"],
        reason=said["reason"],
        reference=said["reference"],
        user=desk.user,
    )
    kind, facts = lifecycle.letter_of(meant)
    return {
        "looked": True,
        "amount": said["amount"],
        "how": said["how"],
        "left": repayments.free(whole) - said["amount"],
        "asks": not repayments.within_limit(meant, limit=desk.membership.refund_limit),
        "letter": letters.preview(whole.appointment, kind=kind, facts=facts, at=desk.at),
    }
