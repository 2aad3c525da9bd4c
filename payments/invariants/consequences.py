"""What a lapse takes, what goes back and what is contested: each by its decisions, within what was agreed."""

from config.invariants import Invariant

INVARIANTS = [
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
        "settlement_charges_once",
        "a settlement with a fee that was done has one charge of that fee, and no other settlement has one",
        "SELECT s.id, s.state, s.fee, count(h.id) AS charges FROM payments_settlement s"
        " LEFT JOIN payments_charge h ON h.settlement_id = s.id GROUP BY s.id, s.state, s.fee"
        " HAVING count(h.id) <> CASE WHEN s.state = 'done' AND s.fee > 0 THEN 1 ELSE 0 END"
        " OR (count(h.id) = 1 AND max(h.amount) <> s.fee)",
    ),
    Invariant(
        "card_within_consent",
        "no more was charged to a saved card than its client agreed to",
        "SELECT c.id, c.most, SUM(p.amount) AS charged FROM payments_savedcard c"
        " JOIN payments_payment p ON p.card_id = c.id AND p.state = 'paid'"
        " GROUP BY c.id, c.most HAVING SUM(p.amount) > c.most",
    ),
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
]
