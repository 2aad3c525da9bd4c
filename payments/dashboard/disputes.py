"""Disputes: what the client's bank says, until when, and the answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from booking import lifecycle
from booking.banks import REASONS
from booking.dashboard import paging
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.telling import on_paper
from config import formats
from config.refusal import Refusal
from payments import disputes, evidence, pleading
from payments.dashboard import words
from payments.dashboard.tabs import tabs
from payments.models import Dispute

LABELS = {
    "product_description": gettext_lazy("What was booked"),
    "service_date": gettext_lazy("Date of the service"),
    "customer_name": gettext_lazy("Name of the client"),
    "customer_email_address": gettext_lazy("E-mail of the client"),
    "customer_purchase_ip": gettext_lazy("IP address at the booking"),
    "cancellation_policy_disclosure": gettext_lazy("How the client was shown the terms for cancelling"),
    "cancellation_rebuttal": gettext_lazy("What happened"),
    "refund_policy_disclosure": gettext_lazy("How the client was shown the terms for refunds"),
    "refund_refusal_explanation": gettext_lazy("Why nothing (more) is due back"),
    "access_activity_log": gettext_lazy("What the client did, and when"),
    "uncategorized_text": gettext_lazy("Messages and anything else"),
}
OF = ("payment__deposit__appointment__client", "payment__charge__appointment__client")
SHORT = ("service_date", "customer_name", "customer_email_address", "customer_purchase_ip")


class EvidenceForm(forms.Form):
    """Every text that the bank gets, filled from what is on record."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in evidence.FIELDS:
            short = name in SHORT
            self.fields[name] = forms.CharField(
                label=LABELS[name],
                required=False,
                max_length=200 if short else evidence.LONGEST,
                strip=True,
                widget=forms.TextInput({"autocomplete": "off"}) if short else forms.Textarea({"rows": 5}),
            )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if sum(len(text) for text in said.values()) > evidence.LONGEST_ALL:
            raise forms.ValidationError(
                _("That is more than a bank takes: please shorten the longest texts.")
            )
        return said

    @property
    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "").replace("\r\n", "\n") for name in evidence.FIELDS}


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """All of them, newest first; those that need an answer say until when."""
    rows = desk.disputes.select_related(*OF)
    found = paging.page(rows, by="opened_at", after=request.GET.get("after", ""), asked={})
    context: dict[str, Any] = {
        "tabs": tabs("desk_disputes"),
        "rows": [row(desk, one) for one in found.rows],
        "more": found.more,
    }
    return page(request, desk, "dashboard/money/disputes.html", section="money", **context)


def row(desk: Desk, dispute: Dispute) -> dict[str, Any]:
    appointment = dispute.payment.appointment
    return {
        "dispute": dispute,
        "too_long": dispute.failure.startswith(disputes.TOO_MANY_PAGES),
        "appointment": appointment,
        "state": words.name(words.DISPUTE_STATES, dispute.state),
        "tone": words.DISPUTE_TONES[dispute.state],
        "why": reason(dispute),
        "due": formats.moment(dispute.due_by, desk.zone)
        if dispute.due_by and dispute.can_be_answered
        else "",
        "opened": formats.day(dispute.opened_at, desk.zone),
    }


def reason(dispute: Dispute) -> str:
    return str(REASONS.get(dispute.reason) or dispute.reason.replace("_", " "))


def to_answer(desk: Desk) -> list[dict[str, Any]]:
    """What waits for the provider, for Today: the most urgent first."""
    waiting = desk.disputes.filter(staged_at=None, state__in=("needs_response", "warning"))
    return [row(desk, one) for one in waiting.order_by(F("due_by").asc(nulls_last=True), "pk")[:20]]


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk()
def show(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """One dispute: what the bank says, what became of the money, the answer in three steps: edit, look, send."""
    dispute = found(desk, uid)
    if request.method != "POST":
        return _page(request, desk, dispute, EvidenceForm(initial=texts(desk, dispute)))
    if "refund" not in desk.rights:
        return page(request, desk, "dashboard/not_yours.html", section="money", status=403, needs="refund")
    form = EvidenceForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, dispute, form, status=400)
    step = request.POST.get("step", "")
    if step == "afresh":
        disputes.keep(dispute=dispute, evidence={})
        return HttpResponseRedirect(reverse("desk_dispute", args=[uid]))
    if step != "send":
        disputes.keep(dispute=dispute, evidence=form.texts)
    if step == "look":
        return _page(request, desk, dispute, form, looked=True)
    if step == "send":
        return _send(request, desk, dispute, form)
    messages.success(request, _("Your words are kept. Nothing was sent yet."))
    return HttpResponseRedirect(reverse("desk_dispute", args=[uid]))


def _send(request: HttpRequest, desk: Desk, dispute: Dispute, form: EvidenceForm) -> HttpResponse:
    try:
        lifecycle.answer_dispute(dispute=dispute, evidence=form.texts, by=desk.by, at=desk.at)
    except Refusal as refusal:
        dispute = found(desk, dispute.uid)
        return _page(request, desk, dispute, form, refused=refusal.detail or "", status=refusal.status)
    messages.success(
        request, _("Your answer is on its way to the bank. It decides within weeks; you will hear of it.")
    )
    return HttpResponseRedirect(reverse("desk_dispute", args=[dispute.uid]))


@require_safe
@at_desk()
def paper(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """The PDF that goes with the answer, as it would be sent now."""
    dispute = found(desk, uid)
    response = HttpResponse(on_paper.answer(dispute, at=desk.at), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="evidence-{str(dispute.uid)[:8]}.pdf"'
    return response


def found(desk: Desk, uid: UUID) -> Dispute:
    dispute = get_object_or_404(desk.disputes.select_related(*OF), uid=uid)
    dispute.payment.whole.appointment = desk.appointment(dispute.payment.appointment.uid)
    return dispute


def texts(desk: Desk, dispute: Dispute) -> dict[str, str]:
    """What the provider wrote, or what the record says."""
    if dispute.evidence:
        return dict(dispute.evidence)
    return pleading.fields(evidence.record(appointment=dispute.payment.appointment, at=desk.at))


def _page(
    request: HttpRequest,
    desk: Desk,
    dispute: Dispute,
    form: EvidenceForm,
    *,
    looked: bool = False,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = row(desk, dispute) | {
        "tabs": tabs("desk_disputes"),
        "form": form,
        "looked": looked,
        "refused": refused,
        "answers": [(LABELS[name], text) for name, text in _shown(form, dispute, looked) if text],
        "may_answer": dispute.can_be_answered and "refund" in desk.rights,
        "too_late": bool(dispute.due_by and dispute.due_by <= desk.at),
        "edited": bool(dispute.evidence),
        "staged": formats.moment(dispute.staged_at, desk.zone) if dispute.staged_at else "",
        "submitted": formats.moment(dispute.submitted_at, desk.zone) if dispute.submitted_at else "",
        "closed": formats.moment(dispute.closed_at, desk.zone) if dispute.closed_at else "",
        "what": words.what(dispute.payment.whole),
    }
    return page(request, desk, "dashboard/money/dispute.html", section="money", status=status, **context)


def _shown(form: EvidenceForm, dispute: Dispute, looked: bool) -> list[tuple[str, str]]:
    said = form.texts if looked else dispute.evidence
    return [(name, said.get(name, "")) for name in evidence.FIELDS]
