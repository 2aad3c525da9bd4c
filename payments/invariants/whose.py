# ruff: noqa: S608, the SQL is made of constants alone
"""Money is that of its own provider, client and currency, and nothing of a client who was erased is left beside it."""

from config.invariants import Invariant

OF_APPOINTMENT = " JOIN booking_appointment a ON a.id = m.appointment_id"
OF_CHARGE = (
    " JOIN payments_charge h ON h.id = m.charge_id JOIN booking_appointment a ON a.id = h.appointment_id"
)


def _to_appointment(row: str) -> str:
    """From a row that is about a deposit or about a charge to the appointment ``a``."""
    return (
        f" LEFT JOIN payments_deposit d ON d.id = {row}.deposit_id"
        f" LEFT JOIN payments_charge h ON h.id = {row}.charge_id"
        " JOIN booking_appointment a ON a.id = COALESCE(d.appointment_id, h.appointment_id)"
    )


def _of_another(name: str, joined: str) -> str:
    return (
        f"SELECT '{name}' AS what, m.id, m.provider_id, a.provider_id AS whose FROM payments_{name} m{joined}"
        " WHERE a.provider_id <> m.provider_id"
    )


INVARIANTS = [
    Invariant(
        "whose_money",
        "the provider beside a row of money is that of the appointment it is for",
        " UNION ALL ".join(
            [
                *(_of_another(one, OF_APPOINTMENT) for one in ("deposit", "charge", "settlement")),
                *(
                    _of_another(one, _to_appointment("m"))
                    for one in ("payment", "ledgerentry", "refund", "repayment")
                ),
                _of_another("waiver", OF_CHARGE),
                _of_another(
                    "dispute", " JOIN payments_payment p ON p.id = m.payment_id" + _to_appointment("p")
                ),
            ]
        ),
    ),
    Invariant(
        "payments_on_own_accounts",
        "a payment or a card on a connected account is on one of its own provider, by the same gateway",
        " UNION ALL ".join(
            f"SELECT '{name}' AS what, m.id, m.account FROM {rows} WHERE m.account <> '' AND NOT EXISTS"
            " (SELECT 1 FROM payments_connectedaccount c WHERE c.account_id = m.account"
            " AND c.gateway = m.gateway AND c.provider_id = a.provider_id)"
            for name, rows in {
                "payment": "payments_payment m" + _to_appointment("m"),
                "card": "payments_savedcard m" + OF_APPOINTMENT,
            }.items()
        ),
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
        "one_tenant_of_credits",
        "a credit is of its deposit's client, and only that client's appointments use it",
        "SELECT c.id, c.client_id, a.client_id AS of_appointment FROM payments_credit c"
        " JOIN payments_deposit d ON d.id = c.deposit_id OR d.credit_id = c.id"
        " JOIN booking_appointment a ON a.id = d.appointment_id WHERE a.client_id <> c.client_id",
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
        f" UNION ALL SELECT 'payment', p.id FROM payments_payment p{_to_appointment('p')}"
        " JOIN booking_client c ON c.id = a.client_id WHERE c.erased_at IS NOT NULL"
        " AND p.created_at <= c.erased_at AND (p.reference <> '' OR p.url <> '' OR EXISTS (SELECT 1"
        " FROM payments_refund r WHERE r.payment_id = p.id AND r.created_at <= c.erased_at AND r.note <> '')"
        " OR EXISTS (SELECT 1 FROM payments_dispute q WHERE q.payment_id = p.id"
        " AND q.opened_at <= c.erased_at AND CAST(q.evidence AS text) <> '{}'))"
        f" UNION ALL SELECT 'repayment', r.id FROM payments_repayment r{_to_appointment('r')}"
        " JOIN booking_client c ON c.id = a.client_id WHERE c.erased_at IS NOT NULL"
        " AND r.asked_at <= c.erased_at AND (r.reason <> '' OR r.reference <> '' OR r.note <> '')",
    ),
]
