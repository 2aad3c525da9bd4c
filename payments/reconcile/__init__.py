"""Reconcile: what our books say of the money against what the gateway says, and against each other.

Every difference is found by comparing, told in a sentence, mended where that is safe, and kept as a row
until it is gone or a member accepts it. Mending never touches the ledger: it tells the webhooks' door to
look again, and what follows is what follows from a webhook."""

from payments.reconcile.asking import ask_after, ask_open, is_open
from payments.reconcile.finding import differences
from payments.reconcile.found import Found
from payments.reconcile.keeping import accept, open_count
from payments.reconcile.running import Outcome, last_finished, run, run_due
from payments.reconcile.words import explain

__all__ = [
    "Found",
    "Outcome",
    "accept",
    "ask_after",
    "ask_open",
    "differences",
    "explain",
    "is_open",
    "last_finished",
    "open_count",
    "run",
    "run_due",
]
