"""What must be true of money (see config/invariants.py)."""

from payments.invariants import balances, consequences, states, whose
from payments.papers import invariants as papers

INVARIANTS = [
    *balances.INVARIANTS,
    *whose.INVARIANTS,
    *states.INVARIANTS,
    *consequences.INVARIANTS,
    *papers.INVARIANTS,
]
