"""What the database keeps true of appointments and time (see config/guards.py)."""

from booking.models.appointment import LEGAL_MOVES, TAKING_TIME
from config.guards import OF_APPOINTMENT, Exclusion, Guard, append_only


def names(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


TAKING = f"NEW.status IN ({names(TAKING_TIME)})"
FREEING = f"NEW.status NOT IN ({names(TAKING_TIME)})"
OVERLAP = (
    "EXISTS (SELECT 1 FROM booking_busytime b WHERE b.provider_id = NEW.provider_id"
    " AND b.blocked_from < NEW.blocked_until AND b.blocked_until > NEW.blocked_from{other})"
)
MINE = "SELECT 1 FROM booking_busytime b WHERE b.appointment_id = NEW.id AND b.kind = 'appointment'"
TAKE = (
    "INSERT INTO booking_busytime"
    " (provider_id, appointment_id, kind, blocked_from, blocked_until, expires_at)"
    " SELECT NEW.provider_id, NEW.id, 'appointment', NEW.blocked_from, NEW.blocked_until,"
    f" NEW.hold_expires_at WHERE NOT EXISTS ({MINE})"
)
RETAKE = (
    "UPDATE booking_busytime SET blocked_from = NEW.blocked_from,"
    " blocked_until = NEW.blocked_until, expires_at = NEW.hold_expires_at"
    " WHERE appointment_id = NEW.id AND kind = 'appointment'"
)
LEGAL = " OR ".join(
    f"(OLD.status = '{old}' AND NEW.status IN ({names(new)}))" for old, new in LEGAL_MOVES.items() if new
)
STRANGERS = (
    "NOT EXISTS (SELECT 1 FROM booking_client c WHERE c.id = NEW.client_id"
    " AND c.provider_id = NEW.provider_id)"
    " OR NOT EXISTS (SELECT 1 FROM booking_service s WHERE s.id = NEW.service_id"
    " AND s.provider_id = NEW.provider_id)"
    " OR NOT EXISTS (SELECT 1 FROM policies_policyversion v JOIN policies_policy p"
    " ON p.id = v.policy_id WHERE v.id = NEW.policy_version_id AND p.provider_id = NEW.provider_id)"
)
TAKES_TIME_COLUMNS = "status, blocked_from, blocked_until, hold_expires_at"
NO_OWNER = (
    "NOT EXISTS (SELECT 1 FROM booking_membership m JOIN booking_user u ON u.id = m.user_id"
    " WHERE m.provider_id = {provider} AND m.role = 'owner' AND u.is_active)"
)
OWNED = "SELECT o.provider_id FROM booking_membership o WHERE o.role = 'owner' AND o.user_id = NEW.id"


def version_guards(table: str) -> list[Guard]:
    """Every change of ``table`` raises the version of its provider, so no cached slot is stale."""
    return [
        Guard(
            name=f"{table}_version_{event.lower()}",
            table=table,
            on=f"AFTER {event}",
            when="1 = 1",
            body=f"UPDATE booking_provider SET version = version + 1 WHERE id = {row}.provider_id",  # noqa: S608
        )
        for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    ]


def owner_guards(table: str, suffix: str, event: str, *, when: str, of: str, providers: str) -> list[Guard]:
    """Whoever leaves as an owner leaves another one there, whose log-in is open. Two who leave at once on PostgreSQL
    would each still see the other, so there they wait for the row of their provider; SQLite has one writer."""
    return [
        Guard(
            name=f"owners_leave_in_turn{suffix}",
            table=table,
            on=f"BEFORE {event}",
            when=when,
            body=f"PERFORM 1 FROM booking_provider WHERE id IN ({providers}) ORDER BY id FOR NO KEY UPDATE",
            engines=("postgresql",),
        ),
        Guard(name=f"last_owner{suffix}", table=table, on=f"AFTER {event}", when=f"{when} AND {of}"),
    ]


GUARDS = [
    Exclusion(
        name="no_overlap",
        table="booking_busytime",
        elements="int8range(provider_id, provider_id, '[]') WITH &&,"
        " tstzrange(blocked_from, blocked_until, '[)') WITH &&",
    ),
    Guard(
        name="no_overlap",
        table="booking_busytime",
        on="BEFORE INSERT",
        when=OVERLAP.format(other=""),
        engines=("sqlite",),
    ),
    Guard(
        name="no_overlap_update",
        table="booking_busytime",
        on="BEFORE UPDATE",
        when=OVERLAP.format(other=" AND b.id <> OLD.id"),
        engines=("sqlite",),
    ),
    Guard(
        name="appointment_takes_time",
        table="booking_appointment",
        on="AFTER INSERT",
        when=TAKING,
        body=TAKE,
    ),
    Guard(
        name="appointment_takes_other_time",
        table="booking_appointment",
        on=f"AFTER UPDATE OF {TAKES_TIME_COLUMNS}",
        when=TAKING,
        body=f"{RETAKE}; {TAKE}",
    ),
    Guard(
        name="appointment_frees_time",
        table="booking_appointment",
        on=f"AFTER UPDATE OF {TAKES_TIME_COLUMNS}",
        when=FREEING,
        body="DELETE FROM booking_busytime WHERE appointment_id = NEW.id AND kind <> 'proposal'",
    ),
    Guard(
        name="time_off_takes_time",
        table="booking_timeoff",
        on="AFTER INSERT",
        when="1 = 1",
        body="INSERT INTO booking_busytime (provider_id, time_off_id, kind, blocked_from, blocked_until)"
        " VALUES (NEW.provider_id, NEW.id, 'time_off', NEW.starts_at, NEW.ends_at)",
    ),
    Guard(
        name="time_off_takes_other_time",
        table="booking_timeoff",
        on="AFTER UPDATE OF starts_at, ends_at",
        when="1 = 1",
        body="UPDATE booking_busytime SET blocked_from = NEW.starts_at, blocked_until = NEW.ends_at"
        " WHERE time_off_id = NEW.id",
    ),
    Guard(
        name="proposal_is_open",
        table="booking_busytime",
        on="BEFORE INSERT",
        when="NEW.kind = 'proposal' AND NOT EXISTS (SELECT 1 FROM booking_proposal p"
        " WHERE p.appointment_id = NEW.appointment_id AND p.state = 'open')",
    ),
    Guard(
        name="proposal_decided_once",
        table="booking_proposal",
        on="BEFORE UPDATE",
        when="OLD.state <> 'open' AND (NEW.state <> OLD.state OR NEW.decided_at <> OLD.decided_at)",
    ),
    Guard(
        name="proposal_frees_time",
        table="booking_proposal",
        on="AFTER UPDATE OF state",
        when="OLD.state = 'open' AND NEW.state <> 'open'",
        body="DELETE FROM booking_busytime WHERE appointment_id = NEW.appointment_id AND kind = 'proposal'",
    ),
    Guard(
        name="legal_status",
        table="booking_appointment",
        on="BEFORE UPDATE OF status",
        when=f"OLD.status <> NEW.status AND NOT ({LEGAL})",
    ),
    Guard(
        name="agreed_for_life",
        table="booking_appointment",
        on="BEFORE UPDATE OF price, deposit_amount, currency, policy_version_id",
        when="OLD.price <> NEW.price OR OLD.deposit_amount <> NEW.deposit_amount"
        " OR OLD.currency <> NEW.currency OR OLD.policy_version_id <> NEW.policy_version_id",
    ),
    Guard(
        name="one_tenant",
        table="booking_appointment",
        on="BEFORE INSERT",
        when=STRANGERS,
    ),
    Guard(
        name="one_tenant_update",
        table="booking_appointment",
        on="BEFORE UPDATE OF provider_id, client_id, service_id, policy_version_id",
        when=STRANGERS,
    ),
    Guard(
        name="provider_version",
        table="booking_provider",
        on="AFTER UPDATE OF timezone, hold_minutes, limits, brand",
        when="1 = 1",
        body="UPDATE booking_provider SET version = version + 1 WHERE id = NEW.id",
    ),
    *version_guards("booking_busytime"),
    Guard(
        name="busy_elsewhere_of_its_own",
        table="booking_busyelsewhere",
        on="BEFORE INSERT",
        when="NOT EXISTS (SELECT 1 FROM booking_busycalendar c WHERE c.id = NEW.calendar_id"
        " AND c.provider_id = NEW.provider_id)",
    ),
    *version_guards("booking_busyelsewhere"),
    *version_guards("booking_weeklyhours"),
    *version_guards("booking_override"),
    *version_guards("booking_service"),
    *version_guards("booking_business"),
    *append_only("booking_timelineentry", blanked=("facts",), client=OF_APPOINTMENT),
    *append_only("booking_healthconsent"),
    *owner_guards(
        "booking_membership",
        "",
        "UPDATE OF role, user_id, provider_id",
        when="OLD.role = 'owner'",
        of=NO_OWNER.format(provider="OLD.provider_id"),
        providers="OLD.provider_id",
    ),
    *owner_guards(
        "booking_membership",
        "_leaves",
        "DELETE",
        when="OLD.role = 'owner'",
        of=NO_OWNER.format(provider="OLD.provider_id"),
        providers="OLD.provider_id",
    ),
    *owner_guards(
        "booking_user",
        "_shut",
        "UPDATE OF is_active",
        when="OLD.is_active AND NOT NEW.is_active",
        of=f"EXISTS ({OWNED} AND {NO_OWNER.format(provider='o.provider_id')})",
        providers=OWNED,
    ),
    *(
        Guard(
            name=name,
            table="booking_clientnote",
            on=on,
            when="NEW.appointment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM booking_appointment a"
            " WHERE a.id = NEW.appointment_id AND a.client_id = NEW.client_id)",
        )
        for name, on in (
            ("note_of_its_client", "BEFORE INSERT"),
            ("note_of_its_client_update", "BEFORE UPDATE OF appointment_id, client_id"),
        )
    ),
    # Who was erased stays so, whatever arrives late.
    Guard(
        name="client_erased_for_good",
        table="booking_client",
        on="BEFORE UPDATE OF erased_at, merged_into_id, name, email, phone, preferences, blocked_reason, mail_trouble,"
        " new_email",
        when="OLD.erased_at IS NOT NULL AND (NEW.erased_at IS NULL OR NEW.name <> OLD.name"
        " OR NEW.email <> OLD.email OR NEW.phone <> '' OR CAST(NEW.preferences AS text) <> '{}'"
        " OR NEW.blocked_reason <> '' OR NEW.mail_trouble <> '' OR NEW.new_email <> ''"
        " OR COALESCE(NEW.merged_into_id, 0) <> COALESCE(OLD.merged_into_id, 0))",
    ),
]
