"""The refund desk: what waits, what is done, what failed, and where a refund begins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from booking import lifecycle
from booking.dashboard import letters, paging
from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.telling import at_sending
from config import formats
from config.formats import short_moment
from config.refusal import Refusal
from payments import repayments
from payments.dashboard import words
from payments.dashboard.sure import be_sure, has_second_factor
from payments.dashboard.tabs import tabs
from payments.models import Charge, Deposit, Refund, Repayment

LONGEST_SEARCH = 100
MOST = 20
WHOLE = tuple(
    f"{whole}__appointment__{of}"
    for whole in ("deposit", "charge")
    for of in ("client", "service", "policy_version", "agreement")
)
STATES = {"waiting": ("staged", "pending"), "done": ("done",), "failed": ("failed",)}


@require_safe
@at_desk()
def listing(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Refunds by state, what waits for a second member, and a search that also finds what could go back."""
    return _page(request, desk)


def _page(request: HttpRequest, desk: Desk, *, refused: str = "", status: int = 200) -> HttpResponse:
    query = request.GET
    asked = {"q": query.get("q", "").strip()[:LONGEST_SEARCH], "state": query.get("state", "waiting")}
    if asked["state"] not in STATES:
        asked["state"] = "waiting"
    rows = desk.refunds.filter(state__in=STATES[asked["state"]])
    rows = rows.select_related(
        "payment", "user", *WHOLE, "repayment__user", "repayment__decided_by", "made_good_by"
    )
    if asked["q"]:
        rows = rows.filter(_of_refunds(asked["q"]))
    found = paging.page(rows, by="created_at", after=query.get("after", ""), asked=asked)
    disputed = _disputed(desk, found.rows)
    context: dict[str, Any] = {
        "tabs": tabs("desk_refunds"),
        "asked": asked,
        "states": [(state, name, _count(desk, state)) for state, name in _names()],
        "asks": asks(desk, _asks(desk, asked)),
        "rows": [row(desk, one, disputed=one.payment_id in disputed) for one in found.rows],
        "more": found.more,
        "begin": _that_could_go_back(desk, asked["q"]) if asked["q"] else [],
        "refused": refused,
        "second_factor": has_second_factor(request),
    }
    return page(request, desk, "dashboard/money/refunds.html", section="money", status=status, **context)


def _disputed(desk: Desk, rows: list[Refund]) -> set[int]:
    """The payments of these that a bank has to decide about first."""
    ours = desk.disputes.open().filter(payment__in=[one.payment_id for one in rows])
    return set(ours.values_list("payment_id", flat=True))


def _names() -> list[tuple[str, str]]:
    return [("waiting", _("Waiting")), ("done", _("Done")), ("failed", _("Failed"))]


def _count(desk: Desk, state: str) -> int:
    """Of what somebody has to look at; what is done is not counted."""
    if state == "done":
        return 0
    rows = desk.refunds.filter(state__in=STATES[state])
    if state == "failed":
        return rows.filter(made_good_by=None).exclude(failure=FAILED_BY_DISPUTE).count()
    return rows.count() + desk.repayments.filter(state=Repayment.State.ASKED).count()


FAILED_BY_DISPUTE = "dispute_lost"


# --- Search ---


def _of_appointment(said: str, *paths: str) -> Q:
    """By client and by the reference of the appointment."""
    found = Q()
    for path in paths:
        found |= Q(**{f"{path}client__name__icontains": said}) | Q(
            **{f"{path}client__email__icontains": said}
        )
        found |= Q(**{f"{path}uid__icontains": said})
    return found


def _of_refunds(said: str) -> Q:
    ids = Q(gateway_id=said) | Q(uid__icontains=said) | Q(payment__intent_id=said)
    ids |= Q(payment__session_id=said) | Q(payment__uid__icontains=said)
    return ids | _of_appointment(said, "deposit__appointment__", "charge__appointment__")


def _of_wholes(said: str) -> Q:
    ids = Q(uid__icontains=said) | Q(payments__intent_id=said) | Q(payments__session_id=said)
    ids |= Q(payments__refunds__gateway_id=said) | Q(refunds__gateway_id=said)
    return ids | _of_appointment(said, "appointment__")


def _that_could_go_back(desk: Desk, said: str) -> list[dict[str, Any]]:
    names = ("appointment__client", "appointment__service")
    deposits = desk.deposits.filter(_of_wholes(said), paid__gt=0).select_related(*names).distinct()
    charges = desk.charges.filter(_of_wholes(said), paid__gt=0).select_related(*names).distinct()
    newest: list[Deposit | Charge] = [
        *deposits.order_by("-created_at", "-pk")[:MOST],
        *charges.order_by("-created_at", "-pk")[:MOST],
    ]
    return [_begin(desk, one) for one in newest]


def _begin(desk: Desk, whole: Deposit | Charge) -> dict[str, Any]:
    page_of = "desk_refund" if isinstance(whole, Deposit) else "desk_refund_charge"
    return {
        "whole": whole,
        "what": words.what(whole),
        "appointment": whole.appointment,
        "day": formats.short_day(whole.appointment.starts_at, desk.zone),
        "free": repayments.free(whole),
        "url": reverse(page_of, args=[whole.uid]),
    }


# --- Rows ---


def row(desk: Desk, refund: Refund, *, disputed: bool) -> dict[str, Any]:
    """One refund as the desk reads it; ``disputed``: its payment is in a dispute that is open."""
    appointment = refund.appointment
    made = refund.repayment
    second = made.decided_by if made else None
    return {
        "refund": refund,
        "appointment": appointment,
        "what": words.what(refund.whole),
        "state": words.refund_state(refund),
        "tone": words.REFUND_TONES[refund.state],
        "why": refund.note or words.name(words.REASONS, refund.reason),
        "when": short_moment(refund.settled_at or refund.created_at, desk.zone),
        "who": str(refund.user) if refund.user else "",
        "asked_by": str(made.user) if made and second else "",
        "approved_by": str(second) if second else "",
        "way": words.way(refund),
        "by_hand": refund.payment.gateway == "manual" and refund.state == Refund.State.STAGED,
        "held_up": disputed and refund.state == Refund.State.STAGED,
        "again": refund.state == Refund.State.FAILED
        and refund.failure != FAILED_BY_DISPUTE
        and not hasattr(refund, "made_good_by"),
        "failure": words.failure(refund.failure),
    }


def _asks(desk: Desk, asked: dict[str, str]) -> QuerySet[Repayment]:
    rows = desk.repayments.filter(state=Repayment.State.ASKED).select_related("user", *WHOLE)
    if asked["state"] != "waiting":
        return rows.none()
    if asked["q"]:
        rows = rows.filter(
            Q(uid__icontains=asked["q"])
            | _of_appointment(asked["q"], "deposit__appointment__", "charge__appointment__")
        )
    return rows.order_by("asked_at", "pk")[:MOST]


def asks(desk: Desk, repayments: Iterable[Repayment]) -> list[dict[str, Any]]:
    own = letters.own_texts(desk, *at_sending.MONEY_BACK)
    return [ask(desk, one, own=own) for one in repayments]


def ask(desk: Desk, repayment: Repayment, *, own: letters.Texts) -> dict[str, Any]:
    """What waits for a second member: the letter too, for that is what the yes is about."""
    appointment = desk.known(repayment.appointment)
    kind, facts = lifecycle.letter_of(repayment)
    return {
        "repayment": repayment,
        "appointment": appointment,
        "what": words.what(repayment.whole),
        "way": words.name(words.WAYS, repayment.how),
        "when": short_moment(repayment.asked_at, desk.zone),
        "who": str(repayment.user or ""),
        "own": repayment.user_id == desk.user.pk,
        "letter": letters.preview(appointment, kind=kind, facts=facts, at=desk.at, own=own),
    }


# --- Acts ---


class NoteForm(forms.Form):
    note = forms.CharField(label=gettext_lazy("Why not?"), max_length=300, required=False)


@require_POST
@at_desk(may="refund")
@be_sure
def approve(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """The second yes: the money moves, the client is told."""
    repayment = get_object_or_404(desk.repayments, uid=uid)
    try:
        lifecycle.approve_repayment(repayment=repayment, by=desk.by, at=desk.at)
    except Refusal as refusal:
        return _page(request, desk, refused=refusal.detail or "", status=refusal.status)
    amount = formats.money(repayment.amount, repayment.currency)
    messages.success(
        request, _("You approved it: %(amount)s moves now, and the client gets a mail.") % {"amount": amount}
    )
    return HttpResponseRedirect(reverse("desk_refunds"))


@require_POST
@at_desk(may="refund")
def decline(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """No; or, by whoever asked, taken back."""
    repayment = get_object_or_404(desk.repayments, uid=uid)
    form = NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    try:
        lifecycle.decline_repayment(repayment=repayment, note=note, by=desk.by, at=desk.at)
    except Refusal as refusal:
        return _page(request, desk, refused=refusal.detail or "", status=refusal.status)
    messages.success(request, _("It is off the list. No money has moved, and the client was told nothing."))
    return HttpResponseRedirect(reverse("desk_refunds"))


@require_POST
@at_desk(may="refund")
@be_sure
def handed_over(request: HttpRequest, *, desk: Desk, uid: UUID) -> HttpResponse:
    """What had been paid by hand was given back by hand."""
    refund = get_object_or_404(desk.refunds.filter(payment__gateway="manual"), uid=uid)
    lifecycle.given_by_hand(refund=refund, by=desk.by, at=desk.at)
    messages.success(request, _("Written down: the client has the money."))
    return HttpResponseRedirect(reverse("desk_refunds") + "?state=done")
