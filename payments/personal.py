"""What the tables of money hold about a client (see config/personal.py)."""

from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from config.personal import Personal

# The customer and the card are needed until the gateway has taken the card away.
BLANK_CARD = {
    "customer_id": "",
    "method_id": "",
    "brand": "",
    "last4": "",
    "expiry": "",
    "setup_id": None,
    "setup_url": "",
    "saved_at": None,
}
MONEY = ("deposit__appointment__client", "charge__appointment__client")

PERSONAL = [
    Personal(
        "payments.SavedCard",
        _("Cards that you agreed to have charged"),
        of=("client",),
        blank=BLANK_CARD,
        ready=Q(detach_due_at=None),
    ),
    Personal("payments.Deposit", _("Deposits"), of=("appointment__client",)),
    Personal("payments.Credit", _("Credits"), of=("client",)),
    Personal("payments.Settlement", _("What you lost by the terms"), of=("appointment__client",)),
    Personal(
        "payments.Decision",
        _("What was decided about it"),
        of=("settlement__appointment__client",),
        blank={"note": ""},
    ),
    Personal(
        "payments.Charge",
        _("What you owed beyond the deposit"),
        of=("appointment__client",),
        kept=("description",),
    ),
    Personal("payments.Waiver", _("What was taken off"), of=("charge__appointment__client",)),
    Personal("payments.Payment", _("Your payments"), of=MONEY, blank={"reference": "", "url": ""}),
    Personal("payments.LedgerEntry", _("What became of your payments"), of=MONEY),
    Personal("payments.Refund", _("Refunds"), of=MONEY, blank={"note": ""}),
    Personal(
        "payments.Repayment",
        _("Decisions to give money back"),
        of=MONEY,
        blank={"reason": "", "reference": "", "note": ""},
    ),
    Personal(
        "payments.Dispute",
        _("Payments that your bank asked about"),
        of=("payment__deposit__appointment__client", "payment__charge__appointment__client"),
        blank={"evidence": {}},
    ),
    Personal(
        "payments.Difference",
        _("Where the books and the payment service did not agree"),
        of=("payment__deposit__appointment__client", "payment__charge__appointment__client"),
        # One that was accepted must say something.
        blank={"note": Case(When(note="", then=Value("")), default=Value("…"))},
    ),
    Personal(
        "payments.Paper",
        _("Receipts and credit notes"),
        of=("client",),
        blank={"recipient": ""},
        kept=("facts",),
    ),
]

HARMLESS = {
    "payments.SavedCard": ("gateway", "account", "text", "sha256", "language", "sandbox_state"),
    "payments.ConnectedAccount": (
        "gateway",
        "account_id",
        "name",
        "restriction",
        "wanted",
        "sandbox_state",
    ),
    "payments.Deposit": ("currency",),
    "payments.Credit": ("currency", "unused"),
    "payments.Settlement": ("cause", "currency", "state"),
    "payments.Charge": ("kind", "currency", "state", "by"),
    "payments.Decision": ("what", "reason", "by"),
    # The gateway's own numbers are those of the payment, and what the books are compared by.
    "payments.Payment": (
        "gateway",
        "account",
        "method",
        "by",
        "state",
        "currency",
        "session_id",
        "intent_id",
        "sandbox_state",
        "sandbox_dispute",
        "failure",
    ),
    "payments.LedgerEntry": ("source", "target", "reason", "by"),
    "payments.Refund": ("source", "currency", "state", "origin", "reason", "by", "gateway_id", "failure"),
    "payments.Dispute": ("gateway_id", "currency", "reason", "state", "taken", "paper_id", "failure"),
    # Persons are taken out before one is stored (payments/hints.py).
    "payments.StripeEvent": ("event_id", "kind", "body", "failure"),
    "payments.PaperSeries": ("kind",),
    "payments.Paper": ("kind", "number", "currency", "language"),
    "payments.Repayment": ("currency", "how", "state"),
    "payments.Difference": ("kind", "thing", "facts", "state"),
    "payments.Round": ("failure",),
}
