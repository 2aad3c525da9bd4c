# ruff: noqa: S608, the SQL is made of constants alone
"""What the database keeps true of money (see config/guards.py)."""

from config.guards import OF_APPOINTMENT, OF_PAYMENT, Guard, append_only, only_erased
from payments.models import BUCKETS, CHARGE_BUCKETS
from payments.papers.guards import GUARDS as OF_PAPERS


def change(bucket: str) -> str:
    return (
        f"{bucket} = {bucket} + CASE WHEN NEW.target = '{bucket}' THEN NEW.amount ELSE 0 END"
        f" - CASE WHEN NEW.source = '{bucket}' THEN NEW.amount ELSE 0 END"
    )


def filled(table: str, whole: str, buckets: tuple[str, ...]) -> str:
    return (
        f"UPDATE {table} SET paid = paid"
        " + CASE WHEN NEW.source = 'outside' THEN NEW.amount ELSE 0 END"
        " - CASE WHEN NEW.target = 'outside' THEN NEW.amount ELSE 0 END, "
        + ", ".join(change(bucket) for bucket in buckets)
        + f" WHERE id = NEW.{whole}"
    )


OF_SETTLEMENT = (
    "(SELECT a.client_id FROM payments_settlement s JOIN booking_appointment a ON a.id = s.appointment_id"
    " WHERE s.id = NEW.settlement_id)"
)
BACKWARDS = (
    "(OLD.state = 'failed' AND NEW.state <> 'failed')"
    " OR (OLD.state = 'done' AND NEW.state NOT IN ('done', 'failed'))"
    " OR (OLD.state = 'pending' AND NEW.state = 'staged')"
)

OF_ITS_APPOINTMENT = "(SELECT a.provider_id FROM booking_appointment a WHERE a.id = NEW.appointment_id)"
OF_ITS_CHARGE = "(SELECT h.provider_id FROM payments_charge h WHERE h.id = NEW.charge_id)"
OF_ITS_WHOLE = (
    f"COALESCE((SELECT d.provider_id FROM payments_deposit d WHERE d.id = NEW.deposit_id), {OF_ITS_CHARGE})"
)
OF_ITS_PAYMENT = "(SELECT p.provider_id FROM payments_payment p WHERE p.id = NEW.payment_id)"


def whose(table: str, whose: str, *, by: str = "") -> list[Guard]:
    """The provider beside a row is that of what it is about, which SQL ``whose`` finds by the columns ``by``;
    without them the table is append-only."""
    stranger = f"NEW.provider_id <> {whose}"
    guards = [Guard(name=f"{table}_whose", table=table, on="BEFORE INSERT", when=stranger)]
    if by:
        columns = f"BEFORE UPDATE OF provider_id, {by}"
        guards.append(Guard(name=f"{table}_whose_still", table=table, on=columns, when=stranger))
    return guards


GUARDS = [
    *whose("payments_deposit", OF_ITS_APPOINTMENT, by="appointment_id"),
    *whose("payments_charge", OF_ITS_APPOINTMENT, by="appointment_id"),
    *whose("payments_settlement", OF_ITS_APPOINTMENT, by="appointment_id"),
    *whose("payments_waiver", OF_ITS_CHARGE),
    *whose("payments_payment", OF_ITS_WHOLE, by="deposit_id, charge_id"),
    *whose("payments_ledgerentry", OF_ITS_WHOLE),
    *whose("payments_refund", OF_ITS_WHOLE, by="deposit_id, charge_id"),
    *whose("payments_repayment", OF_ITS_WHOLE, by="deposit_id, charge_id"),
    *whose("payments_dispute", OF_ITS_PAYMENT, by="payment_id"),
    Guard(
        name="money_stays_with_its_provider",
        table="booking_appointment",
        on="BEFORE UPDATE OF provider_id",
        when="OLD.provider_id <> NEW.provider_id"
        " AND (EXISTS (SELECT 1 FROM payments_deposit d WHERE d.appointment_id = NEW.id)"
        " OR EXISTS (SELECT 1 FROM payments_charge h WHERE h.appointment_id = NEW.id)"
        " OR EXISTS (SELECT 1 FROM payments_settlement s WHERE s.appointment_id = NEW.id))",
    ),
    *append_only("payments_ledgerentry"),
    *append_only("payments_waiver"),
    *append_only("payments_decision", blanked=("note",), client=OF_SETTLEMENT),
    Guard(
        name="ledger_fills_deposit",
        table="payments_ledgerentry",
        on="AFTER INSERT",
        when="NEW.deposit_id IS NOT NULL",
        body=filled("payments_deposit", "deposit_id", BUCKETS),
    ),
    Guard(
        name="ledger_fills_charge",
        table="payments_ledgerentry",
        on="AFTER INSERT",
        when="NEW.charge_id IS NOT NULL",
        body=filled("payments_charge", "charge_id", CHARGE_BUCKETS),
    ),
    Guard(
        name="charge_stays",
        table="payments_charge",
        on="BEFORE UPDATE OF amount, currency, kind, appointment_id, settlement_id, waived",
        when="OLD.amount <> NEW.amount OR OLD.currency <> NEW.currency OR OLD.kind <> NEW.kind"
        " OR OLD.appointment_id <> NEW.appointment_id"
        " OR COALESCE(OLD.settlement_id, 0) <> COALESCE(NEW.settlement_id, 0) OR NEW.waived < OLD.waived",
    ),
    Guard(
        name="card_consent_stays",
        table="payments_savedcard",
        on="BEFORE UPDATE OF text, sha256, language, agreed_at, most, appointment_id",
        when="OLD.text <> NEW.text OR OLD.sha256 <> NEW.sha256 OR OLD.language <> NEW.language"
        " OR OLD.agreed_at <> NEW.agreed_at OR OLD.most <> NEW.most"
        " OR OLD.appointment_id <> NEW.appointment_id",
    ),
    # Two clients may turn out to be one: the card goes with the appointment that it was given for.
    Guard(
        name="card_follows_its_appointment",
        table="payments_savedcard",
        on="BEFORE UPDATE OF client_id",
        when=f"NEW.client_id <> {OF_APPOINTMENT}",
    ),
    Guard(
        name="refund_currency",
        table="payments_refund",
        on="BEFORE INSERT",
        when="NOT EXISTS (SELECT 1 FROM payments_payment p WHERE p.id = NEW.payment_id"
        " AND p.currency = NEW.currency"
        " AND (NEW.charge_id IS NULL OR p.charge_id = NEW.charge_id)"
        " AND (NEW.deposit_id IS NULL OR p.deposit_id IS NOT NULL))",
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
        on="BEFORE UPDATE OF amount, currency, state, gateway, account, platform_fee",
        when="OLD.amount <> NEW.amount OR OLD.currency <> NEW.currency OR OLD.gateway <> NEW.gateway"
        " OR OLD.account <> NEW.account OR OLD.platform_fee <> NEW.platform_fee"
        " OR (OLD.state = 'paid' AND NEW.state <> 'paid'"
        " AND NOT (NEW.state = 'undone' AND OLD.gateway = 'manual'))"
        " OR (OLD.state = 'undone' AND NEW.state <> 'undone')",
    ),
    Guard(
        name="payment_on_own_account",
        table="payments_payment",
        on="BEFORE INSERT",
        when="NEW.account <> '' AND NOT EXISTS (SELECT 1 FROM payments_connectedaccount c"
        " WHERE c.account_id = NEW.account AND c.gateway = NEW.gateway AND c.provider_id ="
        " (SELECT a.provider_id FROM booking_appointment a WHERE a.id = COALESCE("
        "(SELECT d.appointment_id FROM payments_deposit d WHERE d.id = NEW.deposit_id),"
        " (SELECT h.appointment_id FROM payments_charge h WHERE h.id = NEW.charge_id))))",
    ),
    Guard(
        name="account_stays",
        table="payments_connectedaccount",
        on="BEFORE UPDATE OF account_id, provider_id, gateway",
        when="OLD.provider_id <> NEW.provider_id OR OLD.gateway <> NEW.gateway"
        " OR (OLD.account_id IS NOT NULL AND COALESCE(NEW.account_id, '') <> OLD.account_id)",
    ),
    Guard(
        name="account_stays_delete",
        table="payments_connectedaccount",
        on="BEFORE DELETE",
        when="1 = 1",
    ),
    Guard(
        # The booking page says whether a deposit can be taken: it is written anew where that changes.
        name="account_raises_version",
        table="payments_connectedaccount",
        on="AFTER UPDATE OF charges_enabled, enabled_at, gone_at, left_at",
        when="1 = 1",
        body="UPDATE booking_provider SET version = version + 1 WHERE id = NEW.provider_id",
    ),
    Guard(
        name="refund_stays_delete",
        table="payments_refund",
        on="BEFORE DELETE",
        when="1 = 1",
    ),
    *OF_PAPERS,
    Guard(
        name="repayment_stays",
        table="payments_repayment",
        on="BEFORE UPDATE OF amount, currency, how, deposit_id, charge_id, user_id, state",
        when="OLD.amount <> NEW.amount OR OLD.currency <> NEW.currency OR OLD.how <> NEW.how"
        " OR COALESCE(OLD.deposit_id, 0) <> COALESCE(NEW.deposit_id, 0)"
        " OR COALESCE(OLD.charge_id, 0) <> COALESCE(NEW.charge_id, 0)"
        " OR COALESCE(OLD.user_id, 0) <> COALESCE(NEW.user_id, 0)"
        " OR (OLD.state <> 'asked' AND NEW.state <> OLD.state)",
    ),
    Guard(
        name="repayment_stays_delete",
        table="payments_repayment",
        on="BEFORE DELETE",
        when="1 = 1",
    ),
    Guard(
        name="dispute_answered_once",
        table="payments_dispute",
        on="BEFORE UPDATE OF submitted_at",
        when="OLD.submitted_at IS NOT NULL AND NEW.submitted_at IS NULL",
    ),
    only_erased(
        "dispute_evidence_stays",
        "payments_dispute",
        ("evidence",),
        OF_PAYMENT,
        when="OLD.submitted_at IS NOT NULL",
    ),
    Guard(
        name="dispute_stays_delete",
        table="payments_dispute",
        on="BEFORE DELETE",
        when="1 = 1",
    ),
]
