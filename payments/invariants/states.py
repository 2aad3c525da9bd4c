# ruff: noqa: S608, the SQL is made of constants alone
"""Every row of money is in a state of ours, has the instants that go with it, and is there once."""

from config.invariants import Invariant

INVARIANTS = [
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
        "one_current_deposit",
        "an appointment has one current deposit at most",
        "SELECT appointment_id, count(*) AS times FROM payments_deposit d WHERE d.current"
        " GROUP BY appointment_id HAVING count(*) > 1",
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
        "by_hand_is_by_hand",
        "a payment by hand knows no gateway, and no other is undone or has a method of its own",
        "SELECT id, gateway, method, state FROM payments_payment WHERE CASE WHEN gateway = 'manual'"
        " THEN session_id IS NOT NULL OR intent_id IS NOT NULL OR off_session OR account <> ''"
        " ELSE method <> 'card' OR state = 'undone' END",
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
        "refund_amounts",
        "a refund is more than nothing and in a state of ours",
        "SELECT id, amount, state FROM payments_refund WHERE amount <= 0"
        " OR state NOT IN ('staged', 'pending', 'done', 'failed')",
    ),
    Invariant(
        "charge_amounts",
        "a charge is more than nothing and no more than that was waived",
        "SELECT id, amount, waived FROM payments_charge WHERE amount <= 0 OR waived < 0 OR waived > amount",
    ),
    Invariant(
        "charge_kind",
        "a fee and no other charge has a settlement, something other says what it is",
        "SELECT id, kind, settlement_id, description FROM payments_charge"
        " WHERE (kind = 'fee') <> (settlement_id IS NOT NULL) OR (kind = 'other') <> (description <> '')"
        " OR kind NOT IN ('fee', 'balance', 'other')",
    ),
    Invariant(
        "charge_state",
        "a charge is waived when all of it is, paid when nothing is left of it, else owed",
        "SELECT id, state, amount, waived, paid FROM payments_charge WHERE state <> CASE"
        " WHEN waived = amount THEN 'waived' WHEN waived + paid >= amount THEN 'paid' ELSE 'owed' END",
    ),
    Invariant(
        "differences_are_settled_or_open",
        "a difference is open, or says since when it is not; one that was accepted says why",
        "SELECT id, state, settled_at, note FROM payments_difference"
        " WHERE (state = 'open') <> (settled_at IS NULL) OR (state = 'accepted' AND note = '')"
        " OR state NOT IN ('open', 'mended', 'accepted')",
    ),
    Invariant(
        "one_row_per_event",
        "an event of the gateway is stored once",
        "SELECT event_id, count(*) AS times FROM payments_stripeevent GROUP BY event_id HAVING count(*) > 1",
    ),
]
