"""What must be true of messages (see config/invariants.py)."""

from config.invariants import Invariant

INVARIANTS = [
    Invariant(
        "one_message",
        "a message is there once per appointment, kind, start, matter, channel and addressee",
        'SELECT appointment_id, kind, start_at, about, channel, "to", count(*) AS times'
        " FROM reminders_message"
        ' GROUP BY appointment_id, kind, start_at, about, channel, "to" HAVING count(*) > 1',
    ),
    Invariant(
        "message_sent_at",
        "sent messages and no others have the instant of sending",
        "SELECT id, kind, state, sent_at FROM reminders_message"
        " WHERE (state = 'sent') <> (sent_at IS NOT NULL)"
        " OR state NOT IN ('waiting', 'sent', 'dropped', 'failed')",
    ),
    Invariant(
        "one_tenant_of_messages",
        "a message is of its appointment's provider",
        "SELECT m.id, m.provider_id, a.provider_id AS of_appointment FROM reminders_message m"
        " LEFT JOIN booking_appointment a ON a.id = m.appointment_id"
        " WHERE a.id IS NULL OR a.provider_id <> m.provider_id",
    ),
]
