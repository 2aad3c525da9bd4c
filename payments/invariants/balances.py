# ruff: noqa: S608, the SQL is made of constants alone
"""Every amount is the sum of the rows that it comes from: deposits, charges, payments, credits."""

from config.invariants import Invariant

BUCKETS = ("held", "applied", "refunded", "forfeited", "carried", "disputed")
NAMES = ", ".join(f"'{bucket}'" for bucket in BUCKETS)
SUM_OF_BUCKETS = " + ".join(f"d.{bucket}" for bucket in BUCKETS)
NEGATIVE = " OR ".join(f"{bucket} < 0" for bucket in BUCKETS)
CHARGE_BUCKETS = ("applied", "refunded", "disputed")


def _in_ledger(bucket: str, whole: str = "deposit_id") -> str:
    """What the ledger says is in a bucket of deposit (or charge) ``d``."""
    return (
        f"(SELECT COALESCE(SUM(CASE WHEN e.target = '{bucket}' THEN e.amount ELSE 0 END"
        f" - CASE WHEN e.source = '{bucket}' THEN e.amount ELSE 0 END), 0)"
        f" FROM payments_ledgerentry e WHERE e.{whole} = d.id)"
    )


def _paid_in(whole: str) -> str:
    return (
        "(SELECT COALESCE(SUM(CASE WHEN e.source = 'outside' THEN e.amount"
        " WHEN e.target = 'outside' THEN -e.amount ELSE 0 END), 0)"
        f" FROM payments_ledgerentry e WHERE e.{whole} = d.id)"
    )


PAID_IN = _paid_in("deposit_id")
PAID_IN_CHARGE = _paid_in("charge_id")
CHANGES = (
    "SELECT id, deposit_id, charge_id, target AS bucket, amount AS change FROM payments_ledgerentry"
    " WHERE target <> 'outside'"
    " UNION ALL SELECT id, deposit_id, charge_id, source, -amount FROM payments_ledgerentry"
    " WHERE source <> 'outside'"
)
PUT_BACK = (
    "(SELECT COALESCE(SUM(e.amount), 0) FROM payments_ledgerentry e"
    " WHERE e.deposit_id = d.id AND e.reason = 'put_back')"
)

INVARIANTS = [
    Invariant(
        "deposit_balance",
        "paid = held + applied + refunded + forfeited + carried + disputed, and none is negative (rule 10)",
        f"SELECT id, paid, {', '.join(BUCKETS)} FROM payments_deposit d"
        f" WHERE paid <> {SUM_OF_BUCKETS} OR {NEGATIVE} OR asked <= 0 OR carried_in < 0",
    ),
    Invariant(
        "deposit_is_its_ledger",
        "every amount of a deposit is the sum of its ledger entries",
        f"SELECT d.id, d.paid, {PAID_IN} AS paid_in_ledger FROM payments_deposit d"
        f" WHERE d.paid <> {PAID_IN} OR "
        + " OR ".join(f"d.{bucket} <> {_in_ledger(bucket)}" for bucket in BUCKETS),
    ),
    Invariant(
        "carried_in_is_its_ledger",
        "what a deposit took from a credit is what its ledger says came in from one",
        "SELECT d.id, d.carried_in FROM payments_deposit d WHERE d.carried_in <>"
        " (SELECT COALESCE(SUM(e.amount), 0) FROM payments_ledgerentry e WHERE e.deposit_id = d.id"
        " AND e.source = 'outside' AND e.reason = 'carried_in')",
    ),
    Invariant(
        "paid_is_what_came_in",
        "a deposit was paid by its payments and its credit, to the minor unit",
        "SELECT d.id, d.paid, d.carried_in FROM payments_deposit d WHERE d.paid <> d.carried_in"
        " + (SELECT COALESCE(SUM(p.amount), 0) FROM payments_payment p"
        " WHERE p.deposit_id = d.id AND p.state = 'paid')",
    ),
    Invariant(
        "refunds_of_deposit",
        "what a deposit gave back is what its refunds say",
        "SELECT d.id, d.refunded FROM payments_deposit d WHERE d.refunded <>"
        " (SELECT COALESCE(SUM(r.amount), 0) FROM payments_refund r"
        " WHERE r.deposit_id = d.id AND r.state <> 'failed')",
    ),
    Invariant(
        "charge_balance",
        "paid = applied + refunded + disputed of a charge, and none is negative",
        "SELECT id, paid, applied, refunded, disputed FROM payments_charge"
        " WHERE paid <> applied + refunded + disputed OR applied < 0 OR refunded < 0 OR disputed < 0",
    ),
    Invariant(
        "charge_is_its_ledger",
        "every amount of a charge is the sum of its ledger entries",
        f"SELECT d.id, d.paid, {PAID_IN_CHARGE} AS paid_in_ledger FROM payments_charge d"
        f" WHERE d.paid <> {PAID_IN_CHARGE} OR "
        + " OR ".join(f"d.{bucket} <> {_in_ledger(bucket, 'charge_id')}" for bucket in CHARGE_BUCKETS),
    ),
    Invariant(
        "charge_was_paid",
        "a charge was paid by its payments, to the minor unit",
        "SELECT d.id, d.paid FROM payments_charge d WHERE d.paid <>"
        " (SELECT COALESCE(SUM(p.amount), 0) FROM payments_payment p"
        " WHERE p.charge_id = d.id AND p.state = 'paid')",
    ),
    Invariant(
        "refunds_of_charge",
        "what was given back of a charge is what its refunds say",
        "SELECT d.id, d.refunded FROM payments_charge d WHERE d.refunded <>"
        " (SELECT COALESCE(SUM(r.amount), 0) FROM payments_refund r"
        " WHERE r.charge_id = d.id AND r.state <> 'failed')",
    ),
    Invariant(
        "refunds_within_payment",
        "0 <= refunded <= amount of a payment, refunded counts its refunds, and only what was paid is refunded",
        "SELECT p.id, p.state, p.amount, p.refunded FROM payments_payment p"
        " WHERE p.amount <= 0 OR p.refunded < 0 OR p.refunded > p.amount"
        " OR (p.state <> 'paid' AND p.refunded <> 0) OR p.refunded <> (SELECT COALESCE(SUM(r.amount), 0)"
        " FROM payments_refund r WHERE r.payment_id = p.id AND r.state <> 'failed')",
    ),
    Invariant(
        "ledger_entries",
        "a ledger entry moves more than nothing between two different buckets of ours",
        "SELECT id, source, target, amount FROM payments_ledgerentry WHERE amount <= 0"
        f" OR source = target OR source NOT IN ('outside', {NAMES}) OR target NOT IN ('outside', {NAMES})",
    ),
    Invariant(
        "ledger_never_below_zero",
        "at no moment did more leave a bucket than was in it",
        "SELECT deposit_id, charge_id, bucket, id AS entry_id, balance FROM (SELECT c.id, c.deposit_id,"
        " c.charge_id, c.bucket, SUM(c.change) OVER"
        " (PARTITION BY c.deposit_id, c.charge_id, c.bucket ORDER BY c.id) AS balance"
        f" FROM ({CHANGES}) c) t WHERE balance < 0",
    ),
    Invariant(
        "credit_amounts",
        "used and ended parts of a credit are within its amount, and used is what deposits took from it",
        "SELECT c.id, c.amount, c.used, c.ended FROM payments_credit c WHERE c.amount <= 0 OR c.used < 0"
        " OR c.ended < 0 OR c.used + c.ended > c.amount OR c.unused NOT IN ('forfeit', 'refund')"
        f" OR c.used <> (SELECT COALESCE(SUM(d.carried_in - {PUT_BACK}), 0)"
        " FROM payments_deposit d WHERE d.credit_id = c.id)",
    ),
    Invariant(
        "credit_is_carried",
        "a deposit carries what its credits have not ended",
        f"SELECT d.id, d.carried FROM payments_deposit d WHERE d.carried < {PUT_BACK}"
        " + (SELECT COALESCE(SUM(c.amount - c.ended), 0) FROM payments_credit c WHERE c.deposit_id = d.id)",
    ),
]
