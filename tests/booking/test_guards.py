"""Every guard matters: with it the database refuses the statement, without it the statement passes."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from config import guards
from tests.booking import world

pytestmark = pytest.mark.django_db

FIRST = "(SELECT min(id) FROM booking_appointment)"
LAST = "(SELECT max(id) FROM booking_appointment)"
OWN = [one.column for one in world.Provider._meta.concrete_fields if one.column not in ("id", "uid", "slug")]
OTHER_POLICY_OWNER = (
    f"INSERT INTO booking_provider (uid, slug, {', '.join(OWN)})"
    f" SELECT uid, 'other', {', '.join(OWN)} FROM booking_provider"
)
COPIED = (
    "provider_id, service_id, policy_version_id, status, mode, original_start_at, grace_ends_at, price,"
    " deposit_amount, currency, timezone, language, hour_cycle, answers, room, urgent_reason, moves_used,"
    " accepted_delay_minutes, asked_delay_minutes, created_at, confirmed_at, cancelled_by, cancel_reason,"
    " token_generation, version"
)
ANOTHER = (
    f"INSERT INTO booking_appointment (uid, client_id, token_hash, starts_at, ends_at, blocked_from,"
    f" blocked_until, {COPIED}) SELECT client_uid.uid, {{client}}, '{'a' * 64}', {{times}}, {COPIED}"
    f" FROM booking_appointment a, (SELECT uid FROM booking_client LIMIT 1) client_uid WHERE a.id = {LAST}"
)
AT_THE_SAME_TIME = "starts_at, ends_at, blocked_from, blocked_until"

REFUSED = {
    "no_overlap": ANOTHER.format(client="client_id", times=AT_THE_SAME_TIME),
    "no_overlap_update": f"UPDATE booking_busytime SET blocked_from = (SELECT min(blocked_from) FROM"
    f" booking_busytime) WHERE appointment_id = {LAST}",
    "proposal_is_open": "INSERT INTO booking_busytime (provider_id, appointment_id, kind, blocked_from,"
    " blocked_until, expires_at) SELECT provider_id, appointment_id, 'proposal', '2031-01-01 10:00:00+00:00',"
    " '2031-01-01 11:00:00+00:00', '2030-12-31 10:00:00+00:00' FROM booking_busytime"
    f" WHERE appointment_id = {FIRST} AND kind = 'appointment'",
    "proposal_decided_once": "UPDATE booking_proposal SET state = 'refused', chosen_start_at = NULL"
    " WHERE state = 'accepted'",
    "legal_status": f"UPDATE booking_appointment SET status = 'declined' WHERE id = {LAST}",
    "agreed_for_life": f"UPDATE booking_appointment SET price = price + 100 WHERE id = {LAST}",
    "busy_elsewhere_of_its_own": "",  # below: they need a stranger
    "one_tenant": "",  # below: it needs a stranger
    "one_tenant_update": "",
    "note_of_its_client": "",  # below, likewise
    "note_of_its_client_update": "UPDATE booking_clientnote SET client_id = {client}",
    "booking_timelineentry_append_only_update": "UPDATE booking_timelineentry SET kind = 'kept'",
    "booking_timelineentry_blanked": "UPDATE booking_timelineentry SET facts = '{}'",
    "client_erased_for_good": "UPDATE booking_client SET name = 'Mira' WHERE erased_at IS NOT NULL",
    "booking_timelineentry_append_only_delete": "DELETE FROM booking_timelineentry",
    "policies_policyversion_append_only_update": "UPDATE policies_policyversion SET number = number + 100",
    "policies_policyversion_append_only_delete": "",
    "policies_policyexception_append_only_update": "UPDATE policies_policyexception SET amount = 1",
    "policies_policyexception_blanked": "UPDATE policies_policyexception SET note = 'She told me.'",
    "policies_policyexception_append_only_delete": "DELETE FROM policies_policyexception",
    "last_owner": "UPDATE booking_membership SET role = 'member'",
    "last_owner_leaves": "DELETE FROM booking_membership",
    "last_owner_shut": "UPDATE booking_user SET is_active = (1 = 0)",
    "booking_healthconsent_append_only_update": "UPDATE booking_healthconsent SET text = 'Whatever you like.'",
    "booking_healthconsent_append_only_delete": "DELETE FROM booking_healthconsent",
    "agreement_stays": "UPDATE policies_agreement SET text = 'Whatever you like.'",
    "agreement_from_where": "UPDATE policies_agreement SET user_agent = ''",
    "agreement_stays_delete": "DELETE FROM policies_agreement",
    "payments_ledgerentry_append_only_update": "UPDATE payments_ledgerentry SET reason = 'mood'",
    "payments_ledgerentry_append_only_delete": "DELETE FROM payments_ledgerentry",
    "refund_currency": "INSERT INTO payments_refund (uid, provider_id, deposit_id, payment_id, source, amount, currency,"
    " state, origin, reason, note, by, attempts, due_at, failure, created_at) SELECT d.uid, provider_id, deposit_id,"
    " payment_id, source, 1, 'CHF', state, origin, reason, note, by, attempts, due_at, failure, r.created_at"
    " FROM payments_refund r, (SELECT uid FROM payments_deposit LIMIT 1) d WHERE charge_id IS NULL",
    "payments_waiver_append_only_update": "UPDATE payments_waiver SET amount = 1",
    "payments_waiver_append_only_delete": "DELETE FROM payments_waiver",
    "payments_decision_append_only_update": "UPDATE payments_decision SET reason = 'mood'",
    "payments_decision_blanked": "UPDATE payments_decision SET note = 'She told me.'",
    "payments_decision_append_only_delete": "DELETE FROM payments_decision",
    "reminders_consent_append_only_update": "UPDATE reminders_consent SET how = 'page'",
    "reminders_consent_blanked": "UPDATE reminders_consent SET words = 'Whatever you like.'",
    "reminders_consent_append_only_delete": "DELETE FROM reminders_consent",
    "paper_stays": "UPDATE payments_paper SET amount = amount + 1",
    "paper_recipient_stays": "UPDATE payments_paper SET recipient = ''",
    "paper_follows_its_money": "UPDATE payments_paper SET client_id = {client}",
    "card_follows_its_appointment": "UPDATE payments_savedcard SET client_id = {client}",
    "paper_stays_delete": "DELETE FROM payments_paper",
    "paper_takes_next_number": "INSERT INTO payments_paper (uid, provider_id, client_id, kind, year, serial,"
    " number, payment_id, follows_id, amount, tax, currency, language, recipient, facts, issued_at)"
    " SELECT d.uid, provider_id, client_id, 'credit_note', 1999, 1, 'C-0', payment_id, a.id, amount, tax,"
    " currency, language, recipient, facts, issued_at"
    " FROM payments_paper a, (SELECT uid FROM payments_deposit LIMIT 1) d LIMIT 1",
    "paper_series_begins": "INSERT INTO payments_paperseries (provider_id, kind, year, last)"
    " SELECT provider_id, kind, 1999, 7 FROM payments_paperseries LIMIT 1",
    "paper_series_steps": "UPDATE payments_paperseries SET last = last + 2",
    "paper_series_stays": "DELETE FROM payments_paperseries",
    "charge_stays": "UPDATE payments_charge SET amount = amount + 1",
    "card_consent_stays": "UPDATE payments_savedcard SET text = 'Whatever you like.'",
    "payment_stays": "UPDATE payments_payment SET amount = amount + 1",
    "payment_on_own_account": "INSERT INTO payments_payment (uid, provider_id, deposit_id, gateway, account, platform_fee,"
    " method, reference, by, off_session, state, amount, currency, refunded, url, sandbox_state, sandbox_dispute, attempts,"
    " failure, created_at) SELECT d.uid, provider_id, deposit_id, gateway, 'acct_of_nobody', 0, method, reference, by,"
    " off_session, 'closed', amount, p.currency, 0, url, sandbox_state, sandbox_dispute, attempts, failure, p.created_at"
    " FROM payments_payment p, (SELECT uid FROM payments_deposit LIMIT 1) d WHERE account <> ''",
    "account_stays": "UPDATE payments_connectedaccount SET account_id = 'acct_other'",
    "account_stays_delete": "DELETE FROM payments_connectedaccount",
    "refund_stays": "UPDATE payments_refund SET amount = amount + 1",
    "refund_stays_delete": "DELETE FROM payments_refund",
    "repayment_stays": "UPDATE payments_repayment SET amount = amount + 1",
    "repayment_stays_delete": "DELETE FROM payments_repayment WHERE state = 'declined'",
    "dispute_answered_once": "UPDATE payments_dispute SET submitted_at = NULL",
    "dispute_evidence_stays": "UPDATE payments_dispute SET evidence = '{\"a\": 1}'",
    "dispute_stays_delete": "DELETE FROM payments_dispute",
}
OF_ANOTHER = "(SELECT id FROM booking_provider WHERE slug = 'other')"
A_UID = "(SELECT uid FROM booking_appointment LIMIT 1)"
# A row of money, and what of it must be another's where it is copied.
MONEY = {
    "payments_deposit": {"uid": A_UID, "current": "NOT current", "move_id": "NULL"},
    "payments_charge": {"uid": A_UID, "kind": "'other'", "description": "'Paint'", "settlement_id": "NULL"},
    "payments_settlement": {"uid": A_UID},
    "payments_waiver": {},
    "payments_payment": {"uid": A_UID, "session_id": "NULL", "intent_id": "NULL"},
    "payments_ledgerentry": {},
    "payments_refund": {"uid": A_UID, "gateway_id": "NULL"},
    "payments_repayment": {"uid": A_UID, "key": A_UID, "retries_id": "NULL", "credit_id": "NULL"},
    "payments_dispute": {"uid": A_UID, "gateway_id": "'dp_of_another'"},
}
FOR_ANOTHER = {
    **{f"{table}_whose": "" for table in MONEY},  # below: it needs a stranger
    **{
        f"{table}_whose_still": f"UPDATE {table} SET provider_id = {OF_ANOTHER}"
        for table in MONEY
        if table not in ("payments_waiver", "payments_ledgerentry")  # history: no row of it changes
    },
    "money_stays_with_its_provider": f"UPDATE booking_appointment SET provider_id = {OF_ANOTHER}",
}
REFUSED |= FOR_ANOTHER


def declared_refusals() -> set[str]:
    return {
        guard.name
        for guard in guards.declared(connection.vendor)
        if isinstance(guard, guards.Exclusion) or not guard.body
    }


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def stranger() -> int:
    """A client of somebody else."""
    run(OTHER_POLICY_OWNER.replace("SELECT uid,", "SELECT (SELECT uid FROM payments_payment LIMIT 1),"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM booking_provider WHERE slug = 'other'")
        other = cursor.fetchone()[0]
    return world.client(world.Provider.objects.get(pk=other), email="stranger@example.com").pk


def statement_for(name: str) -> str:
    if name == "one_tenant":
        later = ", ".join(f"{column}" for column in AT_THE_SAME_TIME.split(", "))
        return ANOTHER.format(client=stranger(), times=later)
    if name == "busy_elsewhere_of_its_own":
        stranger()
        return (
            "INSERT INTO booking_busyelsewhere (provider_id, calendar_id, blocked_from, blocked_until, title)"
            " SELECT (SELECT id FROM booking_provider WHERE slug = 'other'), calendar_id, blocked_from,"
            " blocked_until, title FROM booking_busyelsewhere"
        )
    if name in FOR_ANOTHER:
        stranger()
        return REFUSED[name] or copy_for_another(name.removesuffix("_whose"))
    if name == "one_tenant_update":
        return f"UPDATE booking_appointment SET client_id = {stranger()} WHERE id = {LAST}"
    if name == "note_of_its_client":
        return (
            "INSERT INTO booking_clientnote (uid, client_id, appointment_id, user_id, text, written_at)"
            f" SELECT (SELECT uid FROM booking_sharednote), {stranger()}, appointment_id, user_id, '', written_at"
            " FROM booking_clientnote"
        )
    if name in ("paper_follows_its_money", "card_follows_its_appointment", "note_of_its_client_update"):
        return REFUSED[name].format(client=stranger())
    if name == "client_erased_for_good":
        run("UPDATE booking_client SET erased_at = created_at, name = '#000000'")
    if name == "policies_policyversion_append_only_delete":
        run(
            "INSERT INTO policies_policyversion (policy_id, number, terms, created_at)"
            " SELECT policy_id, 99, terms, created_at FROM policies_policyversion LIMIT 1"
        )
        return "DELETE FROM policies_policyversion WHERE number = 99"
    return REFUSED[name]


def copy_for_another(table: str) -> str:
    model = next(one for one in apps.get_models() if one._meta.db_table == table)
    own = MONEY[table] | {"provider_id": OF_ANOTHER}
    columns = [one.column for one in model._meta.concrete_fields if one.column != "id"]
    values = ", ".join(own.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE id = (SELECT max(id) FROM {table})"
    )


def test_every_guard_that_refuses_is_tried_here() -> None:
    assert declared_refusals() <= REFUSED.keys()


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses_whoever_writes(name: str) -> None:
    if name not in declared_refusals():
        return  # one exclusion constraint on PostgreSQL is two triggers on SQLite
    world.everything()
    statement = statement_for(name)
    with pytest.raises(IntegrityError) as refused:
        run(statement)
    assert guards.refused_by(refused.value) in {name, "no_overlap"}


@pytest.mark.parametrize("name", REFUSED)
def test_without_the_guard_the_same_statement_passes(name: str) -> None:
    if name not in declared_refusals():
        return
    world.everything()
    statement = statement_for(name)
    guards.drop(connection)
    run(statement)


BLANKED = {
    "booking_timelineentry": ("facts", "'{}'", '\'{"note": "again"}\''),
    "policies_policyexception": ("note", "''", "'again'"),
    "policies_agreement": ("user_agent", "''", "'again'"),
    "payments_decision": ("note", "''", "'again'"),
    "payments_dispute": ("evidence", "'{}'", "'{\"a\": 1}'"),
    "payments_paper": ("recipient", "''", "'again'"),
    "reminders_consent": ("phone", "''", "'again'"),
}


@pytest.mark.parametrize("table", BLANKED)
def test_of_an_erased_client_words_may_go_and_never_come(table: str) -> None:
    world.everything()
    column, blank, full = BLANKED[table]
    run("UPDATE booking_client SET erased_at = created_at")
    run(f"UPDATE {table} SET {column} = {blank}")
    with pytest.raises(IntegrityError):
        run(f"UPDATE {table} SET {column} = {full}")


def test_every_column_of_history_is_under_a_guard() -> None:
    for name in (
        "booking_timelineentry",
        "policies_policyexception",
        "payments_decision",
        "reminders_consent",
    ):
        ours = [one for one in guards.declared(connection.vendor) if one.table == name]
        watched = " ".join(one.on.replace('"', "") for one in ours if isinstance(one, guards.Guard))
        with connection.cursor() as cursor:
            there = connection.introspection.get_table_description(cursor, name)
        assert all(column.name in watched.replace(",", "").split() for column in there)


def test_guards_are_back_after_they_were_made_again() -> None:
    guards.drop(connection)
    assert set(guards.missing(connection)) == {guard.name for guard in guards.declared(connection.vendor)}
    guards.install(connection)
    assert guards.missing(connection) == []
