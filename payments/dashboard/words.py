"""Money's codes, as the provider reads them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.models import Charge, Deposit, Payment, Refund

BUCKETS: dict[str, str | Promise] = {
    "outside": _("the client"),
    "held": _("held"),
    "applied": _("part of the price"),
    "refunded": _("given back"),
    "forfeited": _("kept"),
    "carried": _("carried as a credit"),
    "disputed": _("in dispute"),
}
REASONS: dict[str, str | Promise] = {
    "paid": _("Paid"),
    "carried_in": _("From a credit"),
    "carried": _("Waits as a credit"),
    "completed": _("The appointment was kept"),
    "cancel": _("Cancelled"),
    "move": _("Moved"),
    "no_show": _("Missed"),
    "settled": _("Settled as the terms say"),
    "staff": _("Refund by you"),
    "excused": _("Excused"),
    "refund_failed": _("The refund failed"),
    "paid_too_late": _("Paid too late"),
    "credit_ended": _("The credit ended"),
    "elsewhere": _("Refund made at the payment service"),
    "gathered": _("Put together for that refund"),
    "disputed": _("Taken back by the client's bank"),
    "reinstated": _("Given again by the bank"),
    "by_hand": _("Paid by hand"),
    "taken_back": _("Taken back: it was a mistake"),
    "overpaid": _("More than was owed"),
    "waived": _("Not asked any more"),
}
WAYS: dict[str, str | Promise] = {
    "card": _("the way it was paid"),
    "credit": _("as a credit"),
    "hand": _("by hand"),
}
CHARGES: dict[str, str | Promise] = {
    "fee": _("Fee"),
    "balance": _("Balance"),
    "other": _("Other"),
}
FAILURES: dict[str, str | Promise] = {
    "dispute_lost": _("The client has it through the bank: the dispute was lost."),
    "expired_or_canceled_card": _("The card is not valid any more."),
    "lost_or_stolen_card": _("The card was lost or stolen."),
    "insufficient_funds": _("There is not enough on your account with the payment service."),
    "declined": _("The bank declined it."),
    "unknown": _("The bank gives no reason."),
}
DISPUTE_STATES: dict[str, str | Promise] = {
    "warning": _("The bank asks"),
    "needs_response": _("Needs your answer"),
    "under_review": _("With the bank"),
    "won": _("Won"),
    "lost": _("Lost"),
    "closed": _("Closed"),
}
DISPUTE_TONES = {
    "warning": "warn",
    "needs_response": "bad",
    "under_review": "info",
    "won": "good",
    "lost": "plain",
    "closed": "plain",
}
REFUND_STATES: dict[str, str | Promise] = {
    "staged": _("On its way"),
    "pending": _("With the bank"),
    "done": _("Done"),
    "failed": _("Failed"),
}
REFUND_TONES = {"staged": "info", "pending": "info", "done": "good", "failed": "bad"}
PAYMENT_STATES: dict[str, str | Promise] = {
    "staged": _("Not asked yet"),
    "open": _("Waits for the client"),
    "paid": _("Paid"),
    "closed": _("Not paid"),
    "undone": _("Taken back"),
}
CARD_FAILURES: dict[str, str | Promise] = {
    "authentication_required": _("The bank wanted the client's own yes."),
    "not_owed": _("It was not owed any more."),
    "card_gone": _("The client had taken the card away."),
}
METHODS: dict[str, str | Promise] = {
    "card": _("Card"),
    "cash": _("Cash"),
    "transfer": _("Bank transfer"),
    "other": _("Another way"),
}
CHARGE_KINDS: dict[str, str | Promise] = {"fee": _("Fee by the terms"), "balance": _("Rest of the price")}
CHARGE_STATES: dict[str, str | Promise] = {
    "owed": _("Owed"),
    "paid": _("Paid"),
    "waived": _("Not asked any more"),
}
CHARGE_TONES = {"owed": "warn", "paid": "good", "waived": "plain"}


def name(names: dict[str, str | Promise], code: str) -> str:
    return str(names.get(code, code.replace("_", " ")))


def charge(found: Charge) -> str:
    """What it is for."""
    return found.description or name(CHARGE_KINDS, found.kind)


def state(deposit: Deposit) -> tuple[str, str]:
    """What a deposit is, all in all, and in which tone."""
    if not deposit.paid:
        return str(_("Not paid")), "plain"
    if deposit.disputed:
        return str(_("In dispute")), "bad"
    if deposit.held:
        return str(_("Held")), "good"
    found = [one for one in ("applied", "forfeited", "carried", "refunded") if getattr(deposit, one)]
    names = {
        "applied": _("Part of the price"),
        "forfeited": _("Kept by you"),
        "carried": _("Carried"),
        "refunded": _("Given back"),
    }
    return " + ".join(str(names[one]) for one in found), "info" if "carried" in found else "plain"


def what(whole: Deposit | Charge) -> str:
    """What the money was paid for."""
    if isinstance(whole, Deposit):
        return str(_("Deposit"))
    return whole.description or name(CHARGES, whole.kind)


def way(refund: Refund) -> str:
    if refund.origin == Refund.Origin.GATEWAY:
        return str(_("made at the payment service"))
    by_hand = refund.origin == Refund.Origin.HAND or refund.payment.gateway == "manual"
    return name(WAYS, "hand" if by_hand else "card")


def refund_state(refund: Refund) -> str:
    if refund.payment.gateway == "manual" and refund.state == Refund.State.STAGED:
        return str(_("To be given by hand"))
    return name(REFUND_STATES, refund.state)


def failure(code: str) -> str:
    return name(FAILURES, code) if code else ""


def method(payment: Payment) -> str:
    """How it was paid; the card on file by its last digits."""
    if payment.off_session and payment.card:
        return str(_("Saved card ending in %(last4)s") % {"last4": payment.card.last4})
    return name(METHODS, payment.method)


def card_failure(payment: Payment) -> str:
    """Why a saved card was not charged; empty where it was, or is yet to be."""
    if not payment.off_session or payment.state != Payment.State.CLOSED:
        return ""
    return str(CARD_FAILURES.get(payment.failure, _("The bank said no.")))
