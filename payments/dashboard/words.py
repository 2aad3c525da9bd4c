"""Money's codes, as the provider reads them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.models import Deposit

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
}


def name(names: dict[str, str | Promise], code: str) -> str:
    return str(names.get(code, code.replace("_", " ")))


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
