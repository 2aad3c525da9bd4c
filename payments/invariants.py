# ruff: noqa: S608, the SQL is made of constants alone
"""What must be true of money (see config/invariants.py)."""

from config.invariants import Invariant
from payments.papers.invariants import INVARIANTS as OF_PAPERS

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

BY_APPOINTMENT = (
    "SELECT '{0}' AS what, m.id, m.provider_id, a.provider_id AS whose FROM payments_{0} m"
    " JOIN booking_appointment a ON a.id = m.appointment_id WHERE a.provider_id <> m.provider_id"
)
BY_WHOLE = (
    "SELECT '{0}', m.id, m.provider_id, a.provider_id FROM payments_{0} m"
    " LEFT JOIN payments_deposit d ON d.id = m.deposit_id LEFT JOIN payments_charge h ON h.id = m.charge_id"
    " JOIN booking_appointment a ON a.id = COALESCE(d.appointment_id, h.appointment_id)"
    " WHERE a.provider_id <> m.provider_id"
)

INVARIANTS = [
    Invariant(
        "whose_money",
        "the provider beside a row of money is that of the appointment it is for",
        " UNION ALL ".join(
            [
                *(BY_APPOINTMENT.format(one) for one in ("deposit", "charge", "settlement")),
                *(BY_WHOLE.format(one) for one in ("payment", "ledgerentry", "refund", "repayment")),
                "SELECT 'waiver', m.id, m.provider_id, a.provider_id FROM payments_waiver m"
                " JOIN payments_charge h ON h.id = m.charge_id"
                " JOIN booking_appointment a ON a.id = h.appointment_id WHERE a.provider_id <> m.provider_id",
                "SELECT 'dispute', m.id, m.provider_id, a.provider_id FROM payments_dispute m"
                " JOIN payments_payment p ON p.id = m.payment_id"
                " LEFT JOIN payments_deposit d ON d.id = p.deposit_id"
                " LEFT JOIN payments_charge h ON h.id = p.charge_id"
                " JOIN booking_appointment a ON a.id = COALESCE(d.appointment_id, h.appointment_id)"
                " WHERE a.provider_id <> m.provider_id",
            ]
        ),
    ),
    Invariant(
        "carried_in_is_its_ledger",
        "what a deposit took from a credit is what its ledger says came in from one",
        "SELECT d.id, d.carried_in FROM payments_deposit d WHERE d.carried_in <>"
        " (SELECT COALESCE(SUM(e.amount), 0) FROM payments_ledgerentry e WHERE e.deposit_id = d.id"
        " AND e.source = 'outside' AND e.reason = 'carried_in')",
    ),
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
        "ledger_never_below_zero",
        "at no moment did more leave a bucket than was in it",
        "SELECT deposit_id, charge_id, bucket, id AS entry_id, balance FROM (SELECT c.id, c.deposit_id,"
        " c.charge_id, c.bucket, SUM(c.change) OVER"
        " (PARTITION BY c.deposit_id, c.charge_id, c.bucket ORDER BY c.id) AS balance"
        f" FROM ({CHANGES}) c) t WHERE balance < 0",
    ),
    Invariant(
        "ledger_entries",
        "a ledger entry moves more than nothing between two different buckets of ours",
        "SELECT id, source, target, amount FROM payments_ledgerentry WHERE amount <= 0"
        f" OR source = target OR source NOT IN ('outside', {NAMES}) OR target NOT IN ('outside', {NAMES})",
    ),
    Invariant(
        "money_is_for_one",
        "a payment, a refund and a ledger entry are about a deposit or about a charge, never both or none",
        " UNION ALL ".join(
            f"SELECT '{name}' AS what, id FROM payments_{name}"
            " WHERE (deposit_id IS NULL) = (charge_id IS NULL)"
            for name in ("payment", "refund", "ledgerentry")
        ),
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
        "charge_state",
        "a charge is waived when all of it is, paid when nothing is left of it, else owed",
        "SELECT id, state, amount, waived, paid FROM payments_charge WHERE state <> CASE"
        " WHEN waived = amount THEN 'waived' WHEN waived + paid >= amount THEN 'paid' ELSE 'owed' END",
    ),
    Invariant(
        "charge_kind",
        "a fee and no other charge has a settlement, something other says what it is",
        "SELECT id, kind, settlement_id, description FROM payments_charge"
        " WHERE (kind = 'fee') <> (settlement_id IS NOT NULL) OR (kind = 'other') <> (description <> '')"
        " OR kind NOT IN ('fee', 'balance', 'other')",
    ),
    Invariant(
        "refunds_of_charge",
        "what was given back of a charge is what its refunds say",
        "SELECT d.id, d.refunded FROM payments_charge d WHERE d.refunded <>"
        " (SELECT COALESCE(SUM(r.amount), 0) FROM payments_refund r"
        " WHERE r.charge_id = d.id AND r.state <> 'failed')",
    ),
    Invariant(
        "by_hand_is_by_hand",
        "a payment by hand knows no gateway, and no other is undone or has a method of its own",
        "SELECT id, gateway, method, state FROM payments_payment WHERE CASE WHEN gateway = 'manual'"
        " THEN session_id IS NOT NULL OR intent_id IS NOT NULL OR off_session OR account <> ''"
        " ELSE method <> 'card' OR state = 'undone' END",
    ),
    Invariant(
        "payments_on_own_accounts",
        "a payment or a card on a connected account is on one of its own provider, by the same gateway",
        " UNION ALL ".join(
            f"SELECT '{name}' AS what, m.id, m.account FROM {rows} WHERE m.account <> '' AND NOT EXISTS"
            " (SELECT 1 FROM payments_connectedaccount c WHERE c.account_id = m.account"
            " AND c.gateway = m.gateway AND c.provider_id = a.provider_id)"
            for name, rows in {
                "payment": "payments_payment m LEFT JOIN payments_deposit d ON d.id = m.deposit_id"
                " LEFT JOIN payments_charge h ON h.id = m.charge_id"
                " JOIN booking_appointment a ON a.id = COALESCE(d.appointment_id, h.appointment_id)",
                "card": "payments_savedcard m JOIN booking_appointment a ON a.id = m.appointment_id",
            }.items()
        ),
    ),
    Invariant(
        "platform_fees",
        "the installation's fee is no more than the payment, and only on a connected account",
        "SELECT id, account, platform_fee, amount FROM payments_payment"
        " WHERE platform_fee < 0 OR platform_fee > amount OR (platform_fee > 0 AND account = '')",
    ),
    Invariant(
        "one_account_at_a_time",
        "a provider has one account that it has not left, by gateway",
        "SELECT provider_id, gateway, count(*) AS times FROM payments_connectedaccount WHERE left_at IS NULL"
        " GROUP BY provider_id, gateway HAVING count(*) > 1",
    ),
    Invariant(
        "cards_of_their_clients",
        "a saved card is of its appointment's client, and is charged for that appointment alone",
        "SELECT 'card' AS what, c.id FROM payments_savedcard c"
        " JOIN booking_appointment a ON a.id = c.appointment_id WHERE a.client_id <> c.client_id"
        " UNION ALL SELECT 'payment', p.id FROM payments_payment p"
        " JOIN payments_savedcard c ON c.id = p.card_id LEFT JOIN payments_charge h ON h.id = p.charge_id"
        " WHERE h.appointment_id IS NULL OR h.appointment_id <> c.appointment_id",
    ),
    Invariant(
        "card_within_consent",
        "no more was charged to a saved card than its client agreed to",
        "SELECT c.id, c.most, SUM(p.amount) AS charged FROM payments_savedcard c"
        " JOIN payments_payment p ON p.card_id = c.id AND p.state = 'paid'"
        " GROUP BY c.id, c.most HAVING SUM(p.amount) > c.most",
    ),
    Invariant(
        "paid_is_what_came_in",
        "a deposit was paid by its payments and its credit, to the minor unit",
        "SELECT d.id, d.paid, d.carried_in FROM payments_deposit d WHERE d.paid <> d.carried_in"
        " + (SELECT COALESCE(SUM(p.amount), 0) FROM payments_payment p"
        " WHERE p.deposit_id = d.id AND p.state = 'paid')",
    ),
    Invariant(
        "one_current_deposit",
        "an appointment has one current deposit at most",
        "SELECT appointment_id, count(*) AS times FROM payments_deposit d WHERE d.current"
        " GROUP BY appointment_id HAVING count(*) > 1",
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
        "refunds_of_deposit",
        "what a deposit gave back is what its refunds say",
        "SELECT d.id, d.refunded FROM payments_deposit d WHERE d.refunded <>"
        " (SELECT COALESCE(SUM(r.amount), 0) FROM payments_refund r"
        " WHERE r.deposit_id = d.id AND r.state <> 'failed')",
    ),
    Invariant(
        "payment_stamps",
        "paid payments (undone ones too) and no others have the instant of payment",
        "SELECT id, state, paid_at FROM payments_payment"
        " WHERE (state IN ('paid', 'undone')) <> (paid_at IS NOT NULL)"
        " OR (state = 'undone') <> (undone_at IS NOT NULL)"
        " OR state NOT IN ('staged', 'open', 'paid', 'closed', 'undone')",
    ),
    Invariant(
        "refund_amounts",
        "a refund is more than nothing and in a state of ours",
        "SELECT id, amount, state FROM payments_refund WHERE amount <= 0"
        " OR state NOT IN ('staged', 'pending', 'done', 'failed')",
    ),
    Invariant(
        "one_currency",
        "all money of an appointment is in its currency",
        "SELECT 'deposit' AS what, d.id, d.currency FROM payments_deposit d"
        " JOIN booking_appointment a ON a.id = d.appointment_id WHERE d.currency <> a.currency"
        " UNION ALL SELECT 'payment', p.id, p.currency FROM payments_payment p"
        " JOIN payments_deposit d ON d.id = p.deposit_id WHERE p.currency <> d.currency"
        " UNION ALL SELECT 'payment', p.id, p.currency FROM payments_payment p"
        " JOIN payments_charge d ON d.id = p.charge_id WHERE p.currency <> d.currency"
        " UNION ALL SELECT 'refund', r.id, r.currency FROM payments_refund r"
        " JOIN payments_payment p ON p.id = r.payment_id WHERE r.currency <> p.currency"
        " UNION ALL SELECT 'credit', c.id, c.currency FROM payments_credit c"
        " JOIN payments_deposit d ON d.id = c.deposit_id WHERE c.currency <> d.currency"
        " UNION ALL SELECT 'settlement', s.id, s.currency FROM payments_settlement s"
        " JOIN booking_appointment a ON a.id = s.appointment_id WHERE s.currency <> a.currency"
        " UNION ALL SELECT 'charge', h.id, h.currency FROM payments_charge h"
        " JOIN booking_appointment a ON a.id = h.appointment_id WHERE h.currency <> a.currency",
    ),
    Invariant(
        "settlement_within_deposit",
        "what waits to be forfeited is still held, but for what staff gave back meanwhile",
        "SELECT d.id AS deposit_id, d.held, d.refunded, SUM(s.forfeit) AS waiting"
        " FROM payments_settlement s JOIN payments_deposit d ON d.id = s.deposit_id"
        " WHERE s.state = 'waiting' GROUP BY d.id, d.held, d.refunded"
        " HAVING SUM(s.forfeit) > d.held + d.refunded",
    ),
    Invariant(
        "settlement_stamps",
        "a settlement is in a state of ours, its amounts are not negative, and one that was done says when",
        "SELECT id, state, forfeit, fee, settled_at FROM payments_settlement"
        " WHERE (state = 'done') <> (settled_at IS NOT NULL) OR forfeit < 0 OR fee < 0"
        " OR state NOT IN ('waiting', 'done', 'dropped')",
    ),
    Invariant(
        "settlement_is_its_decisions",
        "what a settlement takes is what its last decision before it was over says",
        "SELECT s.id, s.state, s.forfeit, s.fee, d.forfeit_after, d.fee_after FROM payments_settlement s"
        " JOIN payments_decision d ON d.id = (SELECT MAX(x.id) FROM payments_decision x"
        " WHERE x.settlement_id = s.id AND x.what <> 'returned')"
        " WHERE CASE WHEN s.state = 'dropped' THEN 0 ELSE s.forfeit END <> d.forfeit_after"
        " OR CASE WHEN s.state = 'dropped' THEN 0 ELSE s.fee END <> d.fee_after",
    ),
    Invariant(
        "forfeited_was_settled",
        "no more was forfeited for a lapse than settlements that were done say",
        "SELECT d.id, SUM(e.amount) AS in_ledger FROM payments_deposit d"
        " JOIN payments_ledgerentry e ON e.deposit_id = d.id AND e.source = 'held' AND e.target = 'forfeited'"
        " AND e.reason IN ('cancel', 'move', 'no_show') GROUP BY d.id HAVING SUM(e.amount) >"
        " (SELECT COALESCE(SUM(s.forfeit), 0) FROM payments_settlement s"
        " WHERE s.deposit_id = d.id AND s.state = 'done')",
    ),
    Invariant(
        "differences_are_settled_or_open",
        "a difference is open, or says since when it is not; one that was accepted says why",
        "SELECT id, state, settled_at, note FROM payments_difference"
        " WHERE (state = 'open') <> (settled_at IS NULL) OR (state = 'accepted' AND note = '')"
        " OR state NOT IN ('open', 'mended', 'accepted')",
    ),
    Invariant(
        "settlement_charges_once",
        "a settlement with a fee that was done has one charge of that fee, and no other settlement has one",
        "SELECT s.id, s.state, s.fee, count(h.id) AS charges FROM payments_settlement s"
        " LEFT JOIN payments_charge h ON h.settlement_id = s.id GROUP BY s.id, s.state, s.fee"
        " HAVING count(h.id) <> CASE WHEN s.state = 'done' AND s.fee > 0 THEN 1 ELSE 0 END"
        " OR (count(h.id) = 1 AND max(h.amount) <> s.fee)",
    ),
    Invariant(
        "charge_amounts",
        "a charge is more than nothing and no more than that was waived",
        "SELECT id, amount, waived FROM payments_charge WHERE amount <= 0 OR waived < 0 OR waived > amount",
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
    Invariant(
        "one_tenant_of_credits",
        "a credit is of its deposit's client, and only that client's appointments use it",
        "SELECT c.id, c.client_id, a.client_id AS of_appointment FROM payments_credit c"
        " JOIN payments_deposit d ON d.id = c.deposit_id OR d.credit_id = c.id"
        " JOIN booking_appointment a ON a.id = d.appointment_id WHERE a.client_id <> c.client_id",
    ),
    Invariant(
        "one_row_per_event",
        "an event of the gateway is stored once",
        "SELECT event_id, count(*) AS times FROM payments_stripeevent GROUP BY event_id HAVING count(*) > 1",
    ),
    *OF_PAPERS,
    Invariant(
        "repayment_by_two",
        "who asked to give money back never approved it, and what waits for a second member has no answer",
        "SELECT id, state, user_id, decided_by_id FROM payments_repayment"
        " WHERE (decided_by_id = user_id AND state <> 'withdrawn')"
        " OR (state = 'asked') <> (decided_at IS NULL)",
    ),
    Invariant(
        "repayment_moved_what_it_says",
        "a repayment that was given moved its amount, as refunds or as one credit, and no other moved anything",
        "SELECT r.id, r.state, r.how, r.amount FROM payments_repayment r WHERE CASE"
        " WHEN r.state <> 'given' THEN r.credit_id IS NOT NULL"
        " OR EXISTS (SELECT 1 FROM payments_refund f WHERE f.repayment_id = r.id)"
        " WHEN r.how = 'credit' THEN r.amount <>"
        " COALESCE((SELECT c.amount FROM payments_credit c WHERE c.id = r.credit_id), 0)"
        " ELSE r.amount <> COALESCE((SELECT SUM(f.amount) FROM payments_refund f"
        " WHERE f.repayment_id = r.id), 0) END",
    ),
    Invariant(
        "disputes",
        "a dispute that is over says when, one that was answered was staged before, and none is of nothing",
        "SELECT id, state, amount FROM payments_dispute WHERE amount <= 0 OR short < 0"
        " OR (state IN ('won', 'lost', 'closed')) <> (closed_at IS NOT NULL)"
        " OR (submitted_at IS NOT NULL AND staged_at IS NULL)"
        " OR state NOT IN ('warning', 'needs_response', 'under_review', 'won', 'lost', 'closed')",
    ),
    Invariant(
        "erased_from_money",
        "of a client who was erased no card is on file and no words are left beside the money",
        "SELECT 'card' AS kind, k.id FROM payments_savedcard k JOIN booking_client c ON c.id = k.client_id"
        " WHERE c.erased_at IS NOT NULL AND (k.detached_at IS NULL"
        " OR (k.detach_due_at IS NULL AND (k.method_id <> '' OR k.last4 <> '' OR k.setup_url <> '')))"
        " UNION ALL SELECT 'paper', p.id FROM payments_paper p JOIN booking_client c ON c.id = p.client_id"
        " WHERE c.erased_at IS NOT NULL AND p.recipient <> ''"
        " UNION ALL SELECT 'decision', d.id FROM payments_decision d"
        " JOIN payments_settlement s ON s.id = d.settlement_id"
        " JOIN booking_appointment a ON a.id = s.appointment_id JOIN booking_client c ON c.id = a.client_id"
        " WHERE c.erased_at IS NOT NULL AND d.at <= c.erased_at AND d.note <> ''"
        " UNION ALL SELECT 'payment', p.id FROM payments_payment p"
        " LEFT JOIN payments_deposit d ON d.id = p.deposit_id LEFT JOIN payments_charge h ON h.id = p.charge_id"
        " JOIN booking_appointment a ON a.id = COALESCE(d.appointment_id, h.appointment_id)"
        " JOIN booking_client c ON c.id = a.client_id WHERE c.erased_at IS NOT NULL"
        " AND p.created_at <= c.erased_at AND (p.reference <> '' OR p.url <> '' OR EXISTS (SELECT 1"
        " FROM payments_refund r WHERE r.payment_id = p.id AND r.created_at <= c.erased_at AND r.note <> '')"
        " OR EXISTS (SELECT 1 FROM payments_dispute q WHERE q.payment_id = p.id"
        " AND q.opened_at <= c.erased_at AND CAST(q.evidence AS text) <> '{}'))"
        " UNION ALL SELECT 'repayment', r.id FROM payments_repayment r"
        " LEFT JOIN payments_deposit d ON d.id = r.deposit_id LEFT JOIN payments_charge h ON h.id = r.charge_id"
        " JOIN booking_appointment a ON a.id = COALESCE(d.appointment_id, h.appointment_id)"
        " JOIN booking_client c ON c.id = a.client_id WHERE c.erased_at IS NOT NULL"
        " AND r.asked_at <= c.erased_at AND (r.reason <> '' OR r.reference <> '' OR r.note <> '')",
    ),
]
