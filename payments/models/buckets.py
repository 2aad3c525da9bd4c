"""What becomes of money that was paid."""

BUCKETS = ("held", "applied", "refunded", "forfeited", "carried", "disputed")
CHARGE_BUCKETS = ("applied", "refunded", "disputed")  # what is owed is never held, kept or carried
OUTSIDE = "outside"  # the client's pocket
TAKEN_BACK = "taken_back"  # why money went back outside: it was written down by hand, by mistake
