"""What the database keeps true of money (see config/guards.py)."""

from config.guards import Guard, append_only
from payments.models import BUCKETS


def change(bucket: str) -> str:
    return (
        f"{bucket} = {bucket} + CASE WHEN NEW.target = '{bucket}' THEN NEW.amount ELSE 0 END"
        f" - CASE WHEN NEW.source = '{bucket}' THEN NEW.amount ELSE 0 END"
    )


BACKWARDS = (
    "(OLD.state = 'failed' AND NEW.state <> 'failed')"
    " OR (OLD.state = 'done' AND NEW.state NOT IN ('done', 'failed'))"
    " OR (OLD.state = 'pending' AND NEW.state = 'staged')"
)

GUARDS = [
    *append_only("payments_ledgerentry"),
    Guard(
        name="ledger_fills_deposit",
        table="payments_ledgerentry",
        on="AFTER INSERT",
        when="1 = 1",
        body="UPDATE payments_deposit SET"
        " paid = paid + CASE WHEN NEW.source = 'outside' THEN NEW.amount ELSE 0 END, "
        + ", ".join(change(bucket) for bucket in BUCKETS)
        + " WHERE id = NEW.deposit_id",
    ),
    Guard(
        name="refund_currency",
        table="payments_refund",
        on="BEFORE INSERT",
        when="NOT EXISTS (SELECT 1 FROM payments_payment p WHERE p.id = NEW.payment_id"
        " AND p.currency = NEW.currency)",
    ),
    Guard(
        name="refund_counts",
        table="payments_refund",
        on="AFTER INSERT",
        when="NEW.state <> 'failed'",
        body="UPDATE payments_payment SET refunded = refunded + NEW.amount WHERE id = NEW.payment_id",
    ),
    Guard(
        name="refund_failed_counts_no_more",
        table="payments_refund",
        on="AFTER UPDATE OF state",
        when="NEW.state = 'failed' AND OLD.state <> 'failed'",
        body="UPDATE payments_payment SET refunded = refunded - NEW.amount WHERE id = NEW.payment_id",
    ),
    Guard(
        name="refund_stays",
        table="payments_refund",
        on="BEFORE UPDATE OF amount, payment_id, currency, state",
        when="OLD.amount <> NEW.amount OR OLD.payment_id <> NEW.payment_id"
        f" OR OLD.currency <> NEW.currency OR {BACKWARDS}",
    ),
    Guard(
        name="payment_stays",
        table="payments_payment",
        on="BEFORE UPDATE OF amount, currency, state",
        when="OLD.amount <> NEW.amount OR OLD.currency <> NEW.currency"
        " OR (OLD.state = 'paid' AND NEW.state <> 'paid')",
    ),
    Guard(
        name="refund_stays_delete",
        table="payments_refund",
        on="BEFORE DELETE",
        when="1 = 1",
    ),
]
