"""Every kind of difference, in a sentence: what is where, and what to do."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config import formats

SENTENCES: dict[str, str | Promise] = {
    # Payments
    "payment_lost": _(
        "Stripe was paid %(there)s, and here the payment is still %(state)s: the message never arrived."
    ),
    "payment_over": _("The pay page has ended at Stripe without a payment, and here it is still awaited."),
    "payment_open_there": _("The pay page can still be paid at Stripe, though the payment is closed here."),
    "payment_missing": _(
        "Stripe knows no %(id)s under this key. Was it made with the key of another account, or in test mode?"
    ),
    "payment_unpaid_there": _(
        "It is paid here, and Stripe says %(state)s. Look at it in Stripe before the money is relied on."
    ),
    "payment_amount": _("It is %(there)s at Stripe and %(here)s here. The books were left as they are."),
    "session_unknown": _(
        "Stripe has a pay page of ours over %(there)s (%(state)s) whose payment is not in the books. One that "
        "is open is ended; one that was paid is to be given back in Stripe."
    ),
    "intent_unknown": _(
        "Stripe took %(there)s in our name, and no payment in the books knows of it. Was a backup loaded? "
        "Give it back in Stripe, or mark it as paid by hand."
    ),
    # Refunds
    "refund_unknown": _("A refund of %(there)s was made in Stripe and is not in the books."),
    "refund_missing": _("The refund of %(here)s is %(state)s here, and Stripe knows nothing of it."),
    "refund_amount": _("The refund is %(there)s at Stripe and %(here)s here."),
    "refund_state": _("The refund is %(there)s at Stripe and %(here)s here."),
    "refund_waits": _(
        "The refund of %(here)s has waited for Stripe since %(since)s. It is tried again; look at the key."
    ),
    # Disputes
    "dispute_unknown": _("A client disputes %(there)s at Stripe, and it is not in the books."),
    "dispute_state": _("The dispute is %(there)s at Stripe and %(here)s here."),
    "dispute_missing": _("Stripe knows nothing of the dispute %(id)s over %(amount)s."),
    # Messages
    "event_undelivered": _("Stripe could not deliver its message %(id)s (%(what)s)."),
    "event_failed": _("The message %(id)s (%(what)s) could not be applied: %(failure)s"),
    # Accounts
    "account_away": _("The connected account %(id)s does not let us look: %(reason)s"),
    "account_state": _("The connected account %(id)s is %(there)s at Stripe and %(here)s here."),
    "list_cut": _(
        "Stripe has more of %(what)s in this time than can be read in one round. The sums of its days may differ "
        "though nothing is wrong: look at fewer days at once."
    ),
    # Sums
    "day_sum": _(
        "On %(day)s Stripe took in %(in_there)s and gave back %(out_there)s; the books say %(in_here)s and "
        "%(out_here)s."
    ),
    "books_deposit": _("The ledger holds %(here)s, and %(there)s came in by payments and credit."),
    "books_charge": _("The ledger holds %(here)s, and %(there)s came in by payments."),
    "books_refunds": _("The payment counts %(here)s as given back, and its refunds come to %(there)s."),
}


def explain(kind: str, facts: dict[str, Any]) -> str:
    """The sentence of a difference, in the language that is active."""
    return str(SENTENCES[kind]) % {name: _shown(value) for name, value in facts.items()}


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return formats.money(value["amount"], value["currency"])
    return str(value)
