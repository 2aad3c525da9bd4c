# ruff: noqa: S608, the SQL is made of constants alone
"""What must be true of papers (see config/invariants.py)."""

from config.invariants import Invariant

PAID_IN = (
    "(SELECT COALESCE(SUM(e.amount), 0) FROM payments_ledgerentry e WHERE e.{whole}_id = w.id"
    " AND e.source = 'outside' AND e.reason <> 'carried_in')"
)
RECEIPTS = (
    "(SELECT COALESCE(SUM(a.amount), 0) FROM payments_paper a JOIN payments_payment p ON p.id = a.payment_id"
    " WHERE p.{whole}_id = w.id AND a.kind = 'receipt')"
)
GIVEN_BACK = (
    "(SELECT COALESCE(SUM(CASE WHEN e.target IN ('refunded', 'outside') THEN e.amount ELSE -e.amount END), 0)"
    " FROM payments_ledgerentry e WHERE e.{whole}_id = w.id"
    " AND (e.target IN ('refunded', 'outside') OR e.source = 'refunded'))"
)
ON_ITS_WAY = (
    "(SELECT COALESCE(SUM(r.amount), 0) FROM payments_refund r WHERE r.{whole}_id = w.id"
    " AND r.state NOT IN ('done', 'failed'))"
)
# A note follows its refund; that of a payment by hand which was a mistake follows the payment.
NOTES = (
    "(SELECT COALESCE(SUM(CASE WHEN a.kind = 'credit_note' THEN a.amount ELSE -a.amount END), 0)"
    " FROM payments_paper a LEFT JOIN payments_refund r ON r.id = a.refund_id"
    " JOIN payments_payment p ON p.id = a.payment_id WHERE a.kind <> 'receipt'"
    " AND (r.{whole}_id = w.id OR (r.id IS NULL AND p.{whole}_id = w.id)))"
)


def _agrees(whole: str) -> str:
    paid, receipts, back, waits, notes = (
        part.format(whole=whole) for part in (PAID_IN, RECEIPTS, GIVEN_BACK, ON_ITS_WAY, NOTES)
    )
    return (
        f"SELECT '{whole}' AS what, w.id, {paid} AS paid, {receipts} AS receipts, {back} AS given_back,"
        f" {waits} AS on_its_way, {notes} AS notes FROM payments_{whole} w"
        f" WHERE {paid} <> {receipts} OR {back} - {waits} <> {notes}"
    )


INVARIANTS = [
    Invariant(
        "paper_numbers",
        "the numbers of a series begin with 1, have no gaps and no doubles, and end where the series stands",
        "SELECT s.provider_id, s.kind, s.year, s.last, count(a.id) AS papers, min(a.serial) AS first,"
        " max(a.serial) AS newest FROM payments_paperseries s LEFT JOIN payments_paper a"
        " ON a.provider_id = s.provider_id AND a.kind = s.kind AND a.year = s.year"
        " GROUP BY s.provider_id, s.kind, s.year, s.last"
        " HAVING count(a.id) <> s.last OR count(DISTINCT a.serial) <> s.last"
        " OR COALESCE(min(a.serial), 1) <> 1 OR COALESCE(max(a.serial), 0) <> s.last",
    ),
    Invariant(
        "paper_of_a_series",
        "every paper is of a series",
        "SELECT a.id, a.number FROM payments_paper a WHERE NOT EXISTS (SELECT 1 FROM payments_paperseries s"
        " WHERE s.provider_id = a.provider_id AND s.kind = a.kind AND s.year = a.year)",
    ),
    Invariant(
        "one_receipt_per_payment",
        "money that arrived has one receipt of its amount, and no other payment has one",
        "SELECT p.id, p.state, p.amount, count(a.id) AS receipts FROM payments_payment p"
        " LEFT JOIN payments_paper a ON a.payment_id = p.id AND a.kind = 'receipt'"
        " GROUP BY p.id, p.state, p.amount"
        " HAVING count(a.id) <> CASE WHEN p.state IN ('paid', 'undone') THEN 1 ELSE 0 END"
        " OR (count(a.id) = 1 AND max(a.amount) <> p.amount)",
    ),
    Invariant(
        "one_credit_note_per_refund",
        "a refund that is done has one credit note of its amount, one that failed has none or one with its"
        " correction, and no other has any",
        "SELECT id, state, amount, notes, corrections FROM (SELECT r.id, r.state, r.amount,"
        " (SELECT count(*) FROM payments_paper a WHERE a.refund_id = r.id AND a.kind = 'credit_note'"
        " AND a.amount = r.amount) AS notes,"
        " (SELECT count(*) FROM payments_paper a WHERE a.refund_id = r.id AND a.kind = 'correction'"
        " AND a.amount = r.amount) AS corrections,"
        " (SELECT count(*) FROM payments_paper a WHERE a.refund_id = r.id) AS papers"
        " FROM payments_refund r) t WHERE papers <> notes + corrections"
        " OR (state = 'done' AND (notes <> 1 OR corrections <> 0))"
        " OR (state = 'failed' AND (notes > 1 OR corrections <> notes))"
        " OR (state NOT IN ('done', 'failed') AND papers <> 0)",
    ),
    Invariant(
        "papers_follow",
        "a paper that follows another is of the same payment, currency and tax, and never more than it",
        "SELECT a.id, a.number, f.number AS follows FROM payments_paper a JOIN payments_paper f"
        " ON f.id = a.follows_id WHERE a.payment_id <> f.payment_id OR a.currency <> f.currency"
        " OR a.provider_id <> f.provider_id OR a.amount > f.amount OR a.tax > a.amount OR a.tax < 0"
        " OR COALESCE(a.tax_rate, -1) <> COALESCE(f.tax_rate, -1)"
        " OR (a.kind = 'credit_note' AND f.kind <> 'receipt')"
        " OR (a.kind = 'correction' AND (f.kind <> 'credit_note' OR a.amount <> f.amount OR a.tax <> f.tax))",
    ),
    Invariant(
        "papers_agree_with_ledger",
        "receipts add up to what the ledger says came in, credit notes less corrections to what went back",
        f"{_agrees('deposit')} UNION ALL {_agrees('charge')}",
    ),
    Invariant(
        "charge_is_its_waivers",
        "what was waived of a charge is the sum of its waivers",
        "SELECT h.id, h.waived FROM payments_charge h WHERE h.waived <>"
        " (SELECT COALESCE(SUM(v.amount), 0) FROM payments_waiver v WHERE v.charge_id = h.id)",
    ),
    Invariant(
        "one_tenant_of_papers",
        "a paper is of its payment's provider, client and currency",
        "SELECT a.id, a.provider_id, a.client_id FROM payments_paper a"
        " JOIN payments_payment p ON p.id = a.payment_id"
        " LEFT JOIN payments_deposit d ON d.id = p.deposit_id LEFT JOIN payments_charge h ON h.id = p.charge_id"
        " JOIN booking_appointment b ON b.id = COALESCE(d.appointment_id, h.appointment_id)"
        " WHERE b.provider_id <> a.provider_id OR b.client_id <> a.client_id OR a.currency <> p.currency",
    ),
]
