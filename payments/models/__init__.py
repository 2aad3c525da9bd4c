"""Money in whole minor units. What a deposit or a charge is made of is written in the ledger alone:
the database adds each entry to its amounts and refuses what does not balance (rule 10)."""

from payments.models.buckets import BUCKETS, CHARGE_BUCKETS, OUTSIDE, TAKEN_BACK
from payments.models.cards import ConnectedAccount, SavedCard
from payments.models.charges import Charge, Settlement
from payments.models.deposits import Credit, Deposit
from payments.models.events import StripeEvent
from payments.models.payments import LedgerEntry, Payment, Refund

__all__ = [
    "BUCKETS",
    "CHARGE_BUCKETS",
    "OUTSIDE",
    "TAKEN_BACK",
    "Charge",
    "ConnectedAccount",
    "Credit",
    "Deposit",
    "LedgerEntry",
    "Payment",
    "Refund",
    "SavedCard",
    "Settlement",
    "StripeEvent",
]
