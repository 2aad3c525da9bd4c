"""The sandbox's pay page: stands where Stripe's Checkout would, plainly marked, moves no money."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from booking import tokens
from booking.pages import owing
from booking.texts import text_in
from config import formats
from payments import gateways, webhooks
from payments.gateways import GatewayRefused, sandbox, sandbox_cards, sandbox_disputes
from payments.models import Payment, SavedCard

OUTCOMES = ("paid", "declined", "left")
DISPUTES = {
    "inquiry": "warning",
    "disputed": "needs_response",
    "dispute_won": "won",
    "dispute_lost": "lost",
}


@csrf_exempt  # like Checkout, it knows nobody: whoever has the address may pay
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def pay(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Shows what is to be paid; a post of ``outcome`` (paid, declined, left) plays it through."""
    payment = _find(uid)
    if request.method != "POST":
        with formats.speaking_to(payment.appointment):
            return render(request, "payments/sandbox.html", _facts(payment))
    outcome = request.POST.get("outcome", "")
    if outcome in DISPUTES:
        return _dispute(payment, outcome)
    if outcome not in OUTCOMES:
        return HttpResponseBadRequest("outcome: paid, declined or left", content_type="text/plain")
    if outcome != "left":
        at = timezone.now()
        card = request.POST.get("card", "")
        card = card if card in sandbox_cards.CHOICES else sandbox_cards.GOOD
        body, signature = sandbox.pay(payment=payment, outcome=outcome, card=card, at=at)
        webhooks.apply(event_id=webhooks.receive(body=body, signature=signature, at=at), at=at)
    return HttpResponseRedirect(tokens.manage_path(payment.appointment))


def _dispute(payment: Payment, outcome: str) -> HttpResponse:
    """What the client's bank would do about a payment that was made, for whoever tries it out."""
    at = timezone.now()
    try:
        body, signature = sandbox_disputes.dispute(payment=payment, becomes=DISPUTES[outcome], at=at)
    except GatewayRefused:
        return HttpResponseBadRequest("there is no such dispute to end", content_type="text/plain")
    webhooks.apply(event_id=webhooks.receive(body=body, signature=signature, at=at), at=at)
    return HttpResponseRedirect(reverse("pay", args=[payment.uid]))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def give(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Where a card is given and nothing is paid; a post of ``card`` (4242, 0002, 3184) gives it."""
    rows = SavedCard.objects.select_related("appointment__service__provider")
    card = rows.filter(uid=uid, gateway=sandbox.Sandbox.name, detached_at=None).first()
    if card is None or gateways.current().name != sandbox.Sandbox.name:
        raise Http404
    if request.method != "POST":
        facts = {"card": card, "back": tokens.manage_path(card.appointment)}
        with formats.speaking_to(card.appointment):
            return render(request, "payments/sandbox_card.html", facts)
    chosen = request.POST.get("card", "")
    if chosen in sandbox_cards.CHOICES:
        at = timezone.now()
        body, signature = sandbox.give(card=card, chosen=chosen, at=at)
        webhooks.apply(event_id=webhooks.receive(body=body, signature=signature, at=at), at=at)
    return HttpResponseRedirect(tokens.manage_path(card.appointment))


def _find(uid: UUID) -> Payment:
    payment = (
        Payment.objects.select_related(
            "deposit__appointment__service__provider", "charge__appointment__service__provider"
        )
        .filter(uid=uid, gateway=sandbox.Sandbox.name)
        .first()
    )
    if payment is None or gateways.current().name != sandbox.Sandbox.name:
        raise Http404
    return payment


def _facts(payment: Payment) -> dict[str, object]:
    appointment = payment.appointment
    provider, zone = appointment.service.provider, appointment.timezone
    return {
        "amount": formats.money(payment.amount, payment.currency),
        "paid": payment.state == Payment.State.PAID,
        "over": payment.state == Payment.State.CLOSED,
        "dispute": payment.sandbox_dispute.get("state", ""),
        "disputed": payment.sandbox_dispute.get("state") in sandbox_disputes.OPEN,
        "service": text_in(appointment.service.name, fallback=provider.language),
        "provider": provider.name,
        "when": formats.moment(appointment.starts_at, zone),
        "zone": formats.zone_label(zone, appointment.starts_at),
        "back": tokens.manage_path(appointment),
        "what": owing.words(payment.charge) if payment.charge else "",
        "keeps": payment.deposit_id is not None
        and appointment.cards.filter(detached_at=None, method_id="").exists(),
    }
