"""What must be true of messages (see config/invariants.py)."""

from config.invariants import Invariant

INVARIANTS = [
    Invariant(
        "one_message",
        "a message is there once per appointment, kind, start, matter, channel and addressee",
        'SELECT appointment_id, kind, start_at, about, channel, "to", count(*) AS times'
        " FROM reminders_message WHERE appointment_id IS NOT NULL"
        ' GROUP BY appointment_id, kind, start_at, about, channel, "to" HAVING count(*) > 1',
    ),
    Invariant(
        "one_loose_message",
        "a message about no appointment is there once per provider, kind, matter, channel and addressee",
        'SELECT provider_id, kind, about, channel, "to", count(*) AS times'
        " FROM reminders_message WHERE appointment_id IS NULL"
        ' GROUP BY provider_id, kind, about, channel, "to" HAVING count(*) > 1',
    ),
    Invariant(
        "message_of_somebody",
        "a message speaks of an appointment and its start, or to the provider or a client of theirs",
        "SELECT m.id, m.appointment_id, m.start_at, m.client_id FROM reminders_message m"
        " LEFT JOIN booking_client c ON c.id = m.client_id"
        " WHERE (m.appointment_id IS NULL) <> (m.start_at IS NULL)"
        " OR (m.appointment_id IS NOT NULL AND m.client_id IS NOT NULL)"
        " OR (m.appointment_id IS NULL AND m.\"to\" = 'client' AND m.client_id IS NULL)"
        " OR (m.client_id IS NOT NULL AND (c.id IS NULL OR c.provider_id <> m.provider_id))",
    ),
    Invariant(
        "message_sent_at",
        "sent messages and no others have the instant of sending",
        "SELECT id, kind, state, sent_at FROM reminders_message"
        " WHERE (state = 'sent') <> (sent_at IS NOT NULL)"
        " OR state NOT IN ('waiting', 'sent', 'dropped', 'passed', 'failed')",
    ),
    Invariant(
        "told_in_a_summary",
        "what a summary tells was passed to it, and is of its provider",
        "SELECT m.id, m.state, m.told_in_id FROM reminders_message m"
        " JOIN reminders_message s ON s.id = m.told_in_id"
        " WHERE m.state <> 'passed' OR s.provider_id <> m.provider_id",
    ),
    Invariant(
        "consents_as_given",
        "a consent is given or withdrawn, in a way that we know",
        "SELECT id, state, how FROM reminders_consent WHERE state NOT IN ('given', 'withdrawn')"
        " OR how NOT IN ('booking', 'page', 'reply', 'service', 'desk')",
    ),
    Invariant(
        "one_mail_event",
        "what a sender of mail reports is there once",
        "SELECT sender, event_id, count(*) AS times FROM reminders_mailevent"
        " GROUP BY sender, event_id HAVING count(*) > 1",
    ),
    Invariant(
        "one_tenant_of_messages",
        "a message is of its appointment's provider",
        "SELECT m.id, m.provider_id, a.provider_id AS of_appointment FROM reminders_message m"
        " LEFT JOIN booking_appointment a ON a.id = m.appointment_id"
        " WHERE m.appointment_id IS NOT NULL AND (a.id IS NULL OR a.provider_id <> m.provider_id)",
    ),
    Invariant(
        "erased_from_messages",
        "of a client who was erased no message until then has words or an address, and none to them waits",
        "SELECT 'message' AS kind, m.id FROM reminders_message m"
        " LEFT JOIN booking_appointment a ON a.id = m.appointment_id"
        " JOIN booking_client c ON c.id = COALESCE(a.client_id, m.client_id)"
        " WHERE c.erased_at IS NOT NULL AND m.created_at <= c.erased_at AND (m.state = 'waiting'"
        " OR m.address <> '' OR m.subject <> '' OR m.text <> '' OR m.html <> ''"
        " OR CAST(m.facts AS text) <> '{}')"
        " UNION ALL SELECT 'consent', s.id FROM reminders_consent s JOIN booking_client c ON c.id = s.client_id"
        " WHERE c.erased_at IS NOT NULL AND (s.phone <> '' OR s.words <> '')"
        " UNION ALL SELECT 'mail event', e.id FROM reminders_mailevent e"
        " JOIN reminders_message m ON m.id = e.message_id"
        " LEFT JOIN booking_appointment a ON a.id = m.appointment_id"
        " JOIN booking_client c ON c.id = COALESCE(a.client_id, m.client_id)"
        " WHERE c.erased_at IS NOT NULL AND (e.address <> '' OR e.reason <> '')",
    ),
]
