# ruff: noqa: S608, the SQL is made of constants alone
"""What must be true of appointments and time (see config/invariants.py)."""

from config.invariants import Invariant

ERASED = "c.erased_at IS NOT NULL"
TAKES_TIME = "('requested', 'held', 'confirmed', 'completed', 'no_show')"
STATUSES = "('requested', 'held', 'confirmed', 'completed', 'cancelled', 'declined', 'no_show', 'expired')"


def overlaps(rows: str) -> str:
    """Rows that begin before an earlier one of the same provider has ended, by one pass in order."""
    return (
        "SELECT id, provider_id, blocked_from, taken_until FROM (SELECT id, provider_id, blocked_from,"
        " MAX(blocked_until) OVER (PARTITION BY provider_id ORDER BY blocked_from, blocked_until, id"
        f" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until FROM {rows}) r"
        " WHERE taken_until > blocked_from"
    )


def no_hash(column: str) -> str:
    return f"length({column}) <> 64 OR ltrim({column}, '0123456789abcdef') <> ''"


def stamped(status: str, column: str) -> str:
    return f"(status = '{status}') <> ({column} IS NOT NULL)"


def twice(table: str, *columns: str) -> str:
    names = ", ".join(columns)
    return f"SELECT {names}, count(*) AS times FROM {table} GROUP BY {names} HAVING count(*) > 1"


INVARIANTS = [
    Invariant(
        "no_overlap",
        "no two taken times of one provider overlap, buffers and moves that wait included",
        overlaps("booking_busytime"),
    ),
    Invariant(
        "no_overlap_of_appointments",
        "no two appointments of one provider that take time overlap, buffers included",
        overlaps(f"booking_appointment WHERE status IN {TAKES_TIME}"),
    ),
    Invariant(
        "busy_time_is_appointments",
        "an appointment that takes time has exactly its own taken time",
        "SELECT a.id AS appointment_id, a.status FROM booking_appointment a"
        f" WHERE a.status IN {TAKES_TIME} AND NOT EXISTS (SELECT 1 FROM booking_busytime b"
        " WHERE b.appointment_id = a.id AND b.kind = 'appointment' AND b.provider_id = a.provider_id"
        " AND b.blocked_from = a.blocked_from AND b.blocked_until = a.blocked_until"
        " AND (b.expires_at = a.hold_expires_at OR (b.expires_at IS NULL AND a.hold_expires_at IS NULL)))",
    ),
    Invariant(
        "busy_time_is_for_something",
        "no time is taken but by an appointment that takes time, a move that waits, a proposal that is open or"
        " time off",
        "SELECT b.id, b.kind, b.appointment_id, a.status FROM booking_busytime b"
        " LEFT JOIN booking_appointment a ON a.id = b.appointment_id"
        " WHERE b.kind <> 'time_off' AND (a.id IS NULL OR a.provider_id <> b.provider_id"
        f" OR (b.kind <> 'proposal' AND a.status NOT IN {TAKES_TIME})"
        " OR b.kind NOT IN ('appointment', 'move', 'proposal') OR (b.kind = 'move' AND NOT EXISTS"
        " (SELECT 1 FROM booking_move m WHERE m.appointment_id = a.id AND m.state = 'waiting'))"
        " OR (b.kind = 'proposal' AND NOT EXISTS (SELECT 1 FROM booking_proposal p"
        " WHERE p.appointment_id = a.id AND p.state = 'open' AND p.expires_at = b.expires_at)))",
    ),
    Invariant(
        "time_off_is_taken",
        "time off has exactly its own taken time, of its own provider and without an end of waiting",
        "SELECT t.id AS time_off_id, b.id AS busy_id FROM booking_timeoff t"
        " LEFT JOIN booking_busytime b ON b.time_off_id = t.id AND b.kind = 'time_off'"
        " AND b.appointment_id IS NULL AND b.provider_id = t.provider_id AND b.expires_at IS NULL"
        " AND b.blocked_from = t.starts_at AND b.blocked_until = t.ends_at"
        " WHERE b.id IS NULL OR t.starts_at >= t.ends_at"
        " UNION ALL SELECT b.time_off_id, b.id FROM booking_busytime b WHERE b.kind = 'time_off'"
        " AND NOT EXISTS (SELECT 1 FROM booking_timeoff t WHERE t.id = b.time_off_id)",
    ),
    Invariant(
        "proposed_times_are_held",
        "every time of an open proposal is taken for its appointment, from its first minute to its last",
        "SELECT t.id, p.appointment_id, t.start_at FROM booking_proposedtime t"
        " JOIN booking_proposal p ON p.id = t.proposal_id WHERE p.state = 'open'"
        " AND (NOT EXISTS (SELECT 1 FROM booking_busytime b WHERE b.appointment_id = p.appointment_id"
        " AND b.blocked_from <= t.blocked_from AND b.blocked_until > t.blocked_from)"
        " OR EXISTS (SELECT 1 FROM booking_busytime b WHERE b.appointment_id = p.appointment_id"
        " AND b.blocked_until > t.blocked_from AND b.blocked_until < t.blocked_until AND NOT EXISTS"
        " (SELECT 1 FROM booking_busytime n WHERE n.appointment_id = p.appointment_id"
        " AND n.blocked_from = b.blocked_until)))",
    ),
    Invariant(
        "proposal_answers",
        "a proposal is open without an answer or decided with its instant, one is open per appointment, and an"
        " accepted one took one of its own times",
        "SELECT p.id, p.state FROM booking_proposal p"
        " WHERE p.state NOT IN ('open', 'accepted', 'refused', 'lapsed', 'withdrawn')"
        " OR (p.state = 'open') <> (p.decided_at IS NULL)"
        " OR (p.state = 'accepted') <> (p.chosen_start_at IS NOT NULL)"
        " OR (p.state = 'open' AND EXISTS (SELECT 1 FROM booking_proposal o WHERE o.id <> p.id"
        " AND o.appointment_id = p.appointment_id AND o.state = 'open'))"
        " OR (p.state = 'accepted' AND NOT EXISTS (SELECT 1 FROM booking_proposedtime t"
        " WHERE t.proposal_id = p.id AND t.start_at = p.chosen_start_at))",
    ),
    Invariant(
        "one_tenant_of_proposals",
        "what came of a proposal is another appointment of the same client with the same provider",
        "SELECT p.id, p.appointment_id, p.made_id FROM booking_proposal p"
        " JOIN booking_appointment a ON a.id = p.appointment_id"
        " JOIN booking_appointment m ON m.id = p.made_id"
        " WHERE m.client_id <> a.client_id OR m.provider_id <> a.provider_id OR m.id = a.id",
    ),
    Invariant(
        "urgent_with_a_reason",
        "an urgent appointment has a reason and the instant, another has neither",
        "SELECT id, urgent_reason, urgent_at FROM booking_appointment"
        " WHERE (urgent_reason <> '') <> (urgent_at IS NOT NULL)",
    ),
    Invariant(
        "times_in_order",
        "blocked_from <= starts_at < ends_at <= blocked_until",
        "SELECT id, blocked_from, starts_at, ends_at, blocked_until FROM booking_appointment"
        " WHERE NOT (blocked_from <= starts_at AND starts_at < ends_at AND ends_at <= blocked_until)",
    ),
    Invariant(
        "busy_time_in_order",
        "a taken time ends after it begins",
        "SELECT id, blocked_from, blocked_until FROM booking_busytime WHERE blocked_from >= blocked_until",
    ),
    Invariant(
        "status_stamps",
        "waiting appointments and no others have an end of waiting; cancelled, completed and missed ones"
        " and no others have their instant",
        "SELECT id, status, hold_expires_at, cancelled_at, completed_at, no_show_at FROM booking_appointment"
        " WHERE (status IN ('requested', 'held')) <> (hold_expires_at IS NOT NULL)"
        f" OR {stamped('cancelled', 'cancelled_at')} OR {stamped('completed', 'completed_at')}"
        f" OR {stamped('no_show', 'no_show_at')}",
    ),
    Invariant(
        "legal_statuses",
        "every status and mode is one of ours",
        f"SELECT id, status, mode FROM booking_appointment WHERE status NOT IN {STATUSES}"
        " OR mode NOT IN ('in_person', 'video', 'phone')",
    ),
    Invariant(
        "one_tenant",
        "an appointment's client, service and policy are of its own provider",
        "SELECT a.id, a.provider_id, c.provider_id AS client_of, s.provider_id AS service_of,"
        " p.provider_id AS policy_of FROM booking_appointment a"
        " LEFT JOIN booking_client c ON c.id = a.client_id"
        " LEFT JOIN booking_service s ON s.id = a.service_id"
        " LEFT JOIN policies_policyversion v ON v.id = a.policy_version_id"
        " LEFT JOIN policies_policy p ON p.id = v.policy_id"
        " WHERE c.id IS NULL OR c.provider_id <> a.provider_id OR s.id IS NULL"
        " OR s.provider_id <> a.provider_id OR p.id IS NULL OR p.provider_id <> a.provider_id",
    ),
    Invariant(
        "one_tenant_of_policies",
        "a service has a policy of its own provider",
        "SELECT s.id, s.provider_id, p.provider_id AS policy_of FROM booking_service s"
        " LEFT JOIN policies_policy p ON p.id = s.policy_id"
        " WHERE p.id IS NULL OR p.provider_id <> s.provider_id",
    ),
    Invariant(
        "one_tenant_of_lapses",
        "a lapse is the lapse of its appointment's client",
        "SELECT l.id, l.client_id, a.client_id AS client_of_appointment FROM booking_lapse l"
        " LEFT JOIN booking_appointment a ON a.id = l.appointment_id"
        " WHERE a.id IS NULL OR a.client_id <> l.client_id",
    ),
    Invariant(
        "forgiven_lapses",
        "a lapse that the terms forgave is excused",
        "SELECT id, kind FROM booking_lapse WHERE forgiven AND excused_at IS NULL",
    ),
    Invariant(
        "appointment_money",
        "price and deposit are not negative, the deposit is not above the price, the currency has three letters",
        "SELECT id, price, deposit_amount, currency FROM booking_appointment WHERE price < 0"
        " OR deposit_amount < 0 OR deposit_amount > price"
        " OR length(currency) <> 3 OR ltrim(currency, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') <> ''",
    ),
    Invariant(
        "token_hashes",
        "the token of a link is kept as a SHA-256 alone, each once",
        f"SELECT id, token_hash FROM booking_appointment WHERE {no_hash('token_hash')}"
        " OR token_hash IN (SELECT token_hash FROM booking_appointment GROUP BY token_hash"
        " HAVING count(*) > 1)",
    ),
    Invariant(
        "api_token_hashes",
        "a bearer token is kept as a SHA-256 alone, each once",
        f"SELECT id, token_hash FROM booking_apitoken WHERE {no_hash('token_hash')}"
        " OR token_hash IN (SELECT token_hash FROM booking_apitoken GROUP BY token_hash"
        " HAVING count(*) > 1)",
    ),
    Invariant(
        "one_waiting_move",
        "an appointment has one waiting move at most, and only a waiting one has an end of waiting",
        "SELECT m.id, m.appointment_id, m.state FROM booking_move m"
        " WHERE m.state NOT IN ('waiting', 'done', 'lapsed')"
        " OR (m.state = 'waiting') <> (m.hold_expires_at IS NOT NULL)"
        " OR (m.state = 'waiting' AND EXISTS (SELECT 1 FROM booking_move o WHERE o.id <> m.id"
        " AND o.appointment_id = m.appointment_id AND o.state = 'waiting'))",
    ),
    Invariant(
        "one_answer_per_key",
        "an idempotency key has one answer",
        twice("booking_idempotencykey", "scope", "key"),
    ),
    Invariant(
        "one_client_per_address",
        "a provider knows each e-mail address once",
        twice("booking_client", "provider_id", "email"),
    ),
    Invariant(
        "one_service_per_slug",
        "a provider has each service slug once",
        twice("booking_service", "provider_id", "slug"),
    ),
    Invariant(
        "one_provider_per_slug",
        "each slug is one provider",
        twice("booking_provider", "slug"),
    ),
    Invariant(
        "erased_clients",
        "of a client who was erased no name, address, number, wish or reason is there, nor an end of being erased",
        "SELECT id, name, email FROM booking_client WHERE (erased_at IS NULL AND erased_by_id IS NOT NULL)"
        " OR (erased_at IS NOT NULL AND (name NOT LIKE '#______' OR email NOT LIKE 'erased-%@erased.invalid'"
        " OR phone <> '' OR new_email <> '' OR blocked_reason <> '' OR mail_trouble <> ''"
        " OR CAST(preferences AS text) <> '{}'))",
    ),
    Invariant(
        "merged_clients",
        "who turned out to be another client of the same provider is erased, and nothing is left with them",
        "SELECT c.id, o.id AS into_id FROM booking_client c JOIN booking_client o ON o.id = c.merged_into_id"
        " WHERE c.erased_at IS NULL OR o.provider_id <> c.provider_id OR o.id = c.id"
        " OR EXISTS (SELECT 1 FROM booking_appointment a WHERE a.client_id = c.id)"
        " OR EXISTS (SELECT 1 FROM booking_lapse l WHERE l.client_id = c.id)"
        " OR EXISTS (SELECT 1 FROM booking_concern n WHERE n.client_id = c.id)",
    ),
    Invariant(
        "erased_from_bookings",
        "what a client who was erased answered, told or was told until then is blank, and no note about them is there",
        "SELECT 'appointment' AS kind, a.id FROM booking_appointment a"
        f" JOIN booking_client c ON c.id = a.client_id WHERE {ERASED} AND (CAST(a.answers AS text) <> '{{}}'"
        " OR a.room <> '' OR a.urgent_reason <> '')"
        " UNION ALL SELECT 'timeline', t.id FROM booking_timelineentry t"
        " JOIN booking_appointment a ON a.id = t.appointment_id JOIN booking_client c ON c.id = a.client_id"
        f" WHERE {ERASED} AND t.at <= c.erased_at AND CAST(t.facts AS text) <> '{{}}'"
        " UNION ALL SELECT 'proposal', p.id FROM booking_proposal p"
        " JOIN booking_appointment a ON a.id = p.appointment_id JOIN booking_client c ON c.id = a.client_id"
        f" WHERE {ERASED} AND p.created_at <= c.erased_at AND (p.note <> '' OR p.state = 'open')"
        " UNION ALL SELECT 'concern', n.id FROM booking_concern n JOIN booking_client c ON c.id = n.client_id"
        f" WHERE {ERASED} AND (n.note <> '' OR n.reason <> '' OR n.state IN ('open', 'waiting'))"
        " UNION ALL SELECT 'note', n.id FROM booking_clientnote n JOIN booking_client c ON c.id = n.client_id"
        f" WHERE {ERASED}"
        " UNION ALL SELECT 'shared note', n.id FROM booking_sharednote n"
        " JOIN booking_appointment a ON a.id = n.appointment_id JOIN booking_client c ON c.id = a.client_id"
        f" WHERE {ERASED}",
    ),
    Invariant(
        "notes_of_their_client",
        "a private note about an appointment is about the client of that appointment",
        "SELECT n.id, n.appointment_id FROM booking_clientnote n"
        " JOIN booking_appointment a ON a.id = n.appointment_id WHERE a.client_id <> n.client_id",
    ),
    Invariant(
        "busy_elsewhere",
        "a busy time from another calendar is of its calendar's provider and ends after it begins",
        "SELECT e.id, e.calendar_id FROM booking_busyelsewhere e"
        " LEFT JOIN booking_busycalendar c ON c.id = e.calendar_id"
        " WHERE c.id IS NULL OR c.provider_id <> e.provider_id OR e.blocked_from >= e.blocked_until",
    ),
    Invariant(
        "calendars_that_fail",
        "a calendar that cannot be read has the reason and since when, another has neither",
        "SELECT id, trouble, failing_since FROM booking_busycalendar"
        " WHERE (trouble <> '') <> (failing_since IS NOT NULL)",
    ),
    Invariant(
        "deliveries_wait_or_are_settled",
        "what a program is to be told waits for a time, or is settled since one",
        "SELECT id, state, due_at, settled_at FROM booking_webhookdelivery"
        " WHERE (state = 'waiting') <> (due_at IS NOT NULL) OR (state = 'waiting') <> (settled_at IS NULL)"
        " OR state NOT IN ('waiting', 'delivered', 'failed')",
    ),
    Invariant(
        "endpoints_old_secret",
        "the secret before the present one of an endpoint has an end",
        "SELECT id, old_until FROM booking_webhookendpoint WHERE (old_secret <> '') <> (old_until IS NOT NULL)",
    ),
    Invariant(
        "one_endpoint_per_address",
        "a provider's programs are told once at each address",
        "SELECT provider_id, url FROM booking_webhookendpoint GROUP BY provider_id, url HAVING COUNT(*) > 1",
    ),
    Invariant(
        "an_owner_each",
        "every provider has an owner whose log-in is open",
        "SELECT p.id, p.slug FROM booking_provider p WHERE p.id NOT IN (SELECT m.provider_id FROM booking_membership m"
        " INNER JOIN booking_user u ON u.id = m.user_id AND u.is_active WHERE m.role = 'owner')",
    ),
    Invariant(
        "hours_in_order",
        "opening hours end after they begin, within the day",
        "SELECT 'weekly' AS kind, id, opens_minute, closes_minute FROM booking_weeklyhours"
        " WHERE NOT (opens_minute >= 0 AND opens_minute < closes_minute AND closes_minute <= 1440)"
        " OR weekday NOT BETWEEN 0 AND 6"
        " UNION ALL SELECT 'override', id, opens_minute, closes_minute FROM booking_override"
        " WHERE (opens_minute IS NULL) <> (closes_minute IS NULL)"
        " OR (opens_minute IS NOT NULL AND NOT (opens_minute >= 0 AND opens_minute < closes_minute"
        " AND closes_minute <= 1440))",
    ),
]
