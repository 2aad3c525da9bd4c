"""Money in whole minor units. What a deposit or a charge is made of is written in the ledger alone:
the database adds each entry to its amounts and refuses what does not balance (rule 10)."""

from payments.models.accounts import ConnectedAccount
from payments.models.buckets import BUCKETS, CHARGE_BUCKETS, OUTSIDE, TAKEN_BACK
from payments.models.cards import SavedCard
from payments.models.charges import Charge, Settlement, Waiver
from payments.models.decisions import Decision
from payments.models.deposits import DEPOSIT_AHEAD, Credit, Deposit
from payments.models.disputes import Dispute
from payments.models.events import StripeEvent
from payments.models.papers import Paper, PaperSeries
from payments.models.payments import LedgerEntry, Payment, Refund
from payments.models.repayments import Repayment
from payments.models.watching import Difference, Round

__all__ = [
    "BUCKETS",
    "CHARGE_BUCKETS",
    "DEPOSIT_AHEAD",
    "OUTSIDE",
    "TAKEN_BACK",
    "Charge",
    "ConnectedAccount",
    "Credit",
    "Decision",
    "Deposit",
    "Difference",
    "Dispute",
    "LedgerEntry",
    "Paper",
    "PaperSeries",
    "Payment",
    "Refund",
    "Repayment",
    "Round",
    "SavedCard",
    "Settlement",
    "StripeEvent",
    "Waiver",
]
