"""Each invariant is broken by SQL, with every guard and constraint out of the way, and is seen."""

import pytest
from django.core.management import call_command
from django.db import connection

from booking.models import Provider
from config import guards, invariants
from tests.booking import world

pytestmark = pytest.mark.django_db

SECOND = "(SELECT max(id) FROM booking_appointment)"
SAME = ", ".join(
    one.column for one in Provider._meta.concrete_fields if one.name not in ("id", "uid", "slug")
)
OTHERS = (
    f"INSERT INTO booking_provider (uid, slug, {SAME}) SELECT {{uid}}, 'other', {SAME} FROM booking_provider"
)
OTHER = "(SELECT max(id) FROM booking_provider)"

# What is broken, and the statement that breaks it. The table after UPDATE or INTO loses all its constraints.
BREAKS = {
    "no_overlap": "UPDATE booking_busytime SET blocked_from = (SELECT min(blocked_from) FROM booking_busytime)",
    "no_overlap_of_appointments": "UPDATE booking_appointment SET"
    " blocked_from = (SELECT min(blocked_from) FROM booking_appointment)",
    "busy_time_is_appointments": "DELETE FROM booking_busytime WHERE id = (SELECT min(id) FROM booking_busytime)",
    "busy_time_is_for_something": f"UPDATE booking_appointment SET status = 'declined' WHERE id = {SECOND}",
    "time_off_is_taken": "UPDATE booking_timeoff SET ends_at = starts_at",
    "times_in_order": "UPDATE booking_appointment SET ends_at = starts_at",
    "busy_time_in_order": "UPDATE booking_busytime SET blocked_until = blocked_from",
    "status_stamps": f"UPDATE booking_appointment SET status = 'held' WHERE id = {SECOND}",
    "legal_statuses": f"UPDATE booking_appointment SET status = 'late' WHERE id = {SECOND}",
    "one_tenant": f"UPDATE booking_client SET provider_id = {OTHER}",
    "notes_of_their_client": "INSERT INTO booking_clientnote"
    " (uid, client_id, appointment_id, user_id, text, written_at)"
    " SELECT a.uid, a.client_id + 1, a.id, (SELECT min(id) FROM booking_user), '', a.created_at"
    " FROM booking_appointment a",
    "one_tenant_of_policies": f"UPDATE policies_policy SET provider_id = {OTHER}",
    "one_tenant_of_lapses": "UPDATE booking_lapse SET client_id = client_id + 1",
    "forgiven_lapses": "UPDATE booking_lapse SET forgiven = {true}",
    "appointment_money": f"UPDATE booking_appointment SET deposit_amount = price + 1 WHERE id = {SECOND}",
    "token_hashes": f"UPDATE booking_appointment SET token_hash = 'secret' WHERE id = {SECOND}",
    "api_token_hashes": "UPDATE booking_apitoken SET token_hash = upper(token_hash)",
    "one_waiting_move": "UPDATE booking_move SET state = 'waiting'",
    "proposed_times_are_held": "DELETE FROM booking_busytime WHERE kind = 'proposal'",
    "proposal_answers": "UPDATE booking_proposal SET chosen_start_at = NULL",
    "one_tenant_of_proposals": "UPDATE booking_proposal SET made_id = appointment_id",
    "urgent_with_a_reason": "UPDATE booking_appointment SET urgent_reason = 'a deadline'",
    "one_answer_per_key": "INSERT INTO booking_idempotencykey SELECT * FROM booking_idempotencykey",
    "one_client_per_address": "INSERT INTO booking_client SELECT * FROM booking_client",
    "one_service_per_slug": "INSERT INTO booking_service SELECT * FROM booking_service",
    "one_provider_per_slug": "INSERT INTO booking_provider SELECT * FROM booking_provider",
    "erased_clients": "UPDATE booking_client SET erased_at = created_at",
    "merged_clients": "UPDATE booking_client SET erased_at = created_at, merged_into_id = id",
    "erased_from_bookings": "UPDATE booking_client SET erased_at = created_at",
    "erased_from_terms": "UPDATE booking_client SET erased_at = created_at",
    "erased_from_messages": "UPDATE booking_client SET erased_at = created_at",
    "erased_from_money": "UPDATE booking_client SET erased_at = created_at",
    "busy_elsewhere": "UPDATE booking_busyelsewhere SET blocked_until = blocked_from",
    "calendars_that_fail": "UPDATE booking_busycalendar SET trouble = 'status'",
    "deliveries_wait_or_are_settled": "UPDATE booking_webhookdelivery SET state = 'failed'",
    "endpoints_old_secret": "UPDATE booking_webhookendpoint SET old_secret = 'sealed'",
    "one_endpoint_per_address": "INSERT INTO booking_webhookendpoint SELECT * FROM booking_webhookendpoint",
    "an_owner_each": "UPDATE booking_membership SET role = 'member'",
    "hours_in_order": "UPDATE booking_weeklyhours SET closes_minute = 1441",
    "agreement_hash": "UPDATE policies_agreement SET text = 'Whatever you like.'",
    "agreement_version": "UPDATE policies_agreement SET policy_version_id = policy_version_id + 1",
    "policy_versions": "UPDATE policies_policyversion SET number = 2",
    "policy_names": "UPDATE policies_policy SET name = 'Same'",
    "exceptions": "UPDATE policies_policyexception SET reason = 'mood'",
    "one_message": "INSERT INTO reminders_message SELECT * FROM reminders_message",
    "one_loose_message": "UPDATE reminders_message SET appointment_id = NULL, start_at = NULL, kind = 'daily',"
    " about = '', \"to\" = 'provider'",
    "told_in_a_summary": "UPDATE reminders_message SET told_in_id = (SELECT min(id) FROM reminders_message),"
    " state = 'sent'",
    "consents_as_given": "UPDATE reminders_consent SET how = 'guessed'",
    "one_mail_event": "INSERT INTO reminders_mailevent SELECT * FROM reminders_mailevent",
    "message_of_somebody": "UPDATE reminders_message SET start_at = NULL",
    "message_sent_at": "UPDATE reminders_message SET sent_at = NULL",
    "one_tenant_of_messages": "UPDATE reminders_message SET provider_id = provider_id + 1",
    "deposit_balance": "UPDATE payments_deposit SET held = held + 1",
    "deposit_is_its_ledger": "UPDATE payments_deposit SET held = held - 1, applied = applied + 1",
    "ledger_never_below_zero": "DELETE FROM payments_ledgerentry WHERE source = 'outside'",
    "ledger_entries": "UPDATE payments_ledgerentry SET target = source WHERE source = 'held'",
    "paid_is_what_came_in": "UPDATE payments_deposit SET carried_in = carried_in + 1",
    "one_current_deposit": f"UPDATE payments_deposit SET appointment_id = {SECOND}",
    "refunds_within_payment": "UPDATE payments_payment SET refunded = amount + 1",
    "refunds_of_deposit": "UPDATE payments_refund SET amount = amount + 1",
    "payments_on_own_accounts": "UPDATE payments_connectedaccount SET account_id = 'acct_other'",
    "platform_fees": "UPDATE payments_payment SET platform_fee = amount + 1",
    "one_account_at_a_time": "INSERT INTO payments_connectedaccount SELECT * FROM payments_connectedaccount",
    "payment_stamps": "UPDATE payments_payment SET paid_at = NULL",
    "refund_amounts": "UPDATE payments_refund SET amount = 0",
    "one_currency": "UPDATE payments_refund SET currency = 'CHF'",
    "paper_numbers": "UPDATE payments_paper SET serial = serial + 1",
    "paper_of_a_series": "DELETE FROM payments_paperseries",
    "one_receipt_per_payment": "DELETE FROM payments_paper",
    "one_credit_note_per_refund": "UPDATE payments_refund SET state = 'done'",
    "papers_follow": "UPDATE payments_paper SET tax = amount + 1, follows_id = id",
    "papers_agree_with_ledger": "UPDATE payments_paper SET amount = amount + 1",
    "charge_is_its_waivers": "UPDATE payments_charge SET waived = waived + 1",
    "one_tenant_of_papers": "UPDATE payments_paper SET client_id = client_id + 1",
    "settlement_within_deposit": "UPDATE payments_settlement SET forfeit = 2701 WHERE state = 'waiting'",
    "settlement_is_its_decisions": "INSERT INTO payments_decision (id, settlement_id, what, reason, note,"
    ' forfeit_before, fee_before, forfeit_after, fee_after, "by", at)'
    " SELECT id + 1000, id, 'reduced', '', '', forfeit, fee, forfeit + 1, fee, 'system',"
    " created_at FROM payments_settlement",
    "forfeited_was_settled": "UPDATE payments_settlement SET forfeit = 0",
    "differences_are_settled_or_open": "INSERT INTO payments_difference"
    " (uid, kind, thing, facts, state, found_at, seen_at, note) SELECT uid, 'odd', 'odd', '{{}}', 'mended',"
    " created_at, created_at, '' FROM booking_appointment",
    "settlement_stamps": "UPDATE payments_settlement SET settled_at = NULL",
    "settlement_charges_once": "INSERT INTO payments_charge SELECT * FROM payments_charge",
    "charge_amounts": "UPDATE payments_charge SET waived = amount + 1",
    "money_is_for_one": "UPDATE payments_refund SET deposit_id = NULL, charge_id = NULL",
    "charge_balance": "UPDATE payments_charge SET applied = applied + 1",
    "charge_is_its_ledger": "UPDATE payments_charge SET applied = applied - 1, disputed = disputed + 1",
    "charge_was_paid": "UPDATE payments_payment SET state = 'closed' WHERE charge_id IS NOT NULL",
    "charge_state": "UPDATE payments_charge SET state = 'waived'",
    "charge_kind": "UPDATE payments_charge SET kind = 'balance'",
    "repayment_by_two": "UPDATE payments_repayment SET decided_at = NULL",
    "repayment_moved_what_it_says": "UPDATE payments_repayment SET state = 'declined' WHERE state = 'given'",
    "disputes": "UPDATE payments_dispute SET closed_at = NULL",
    "refunds_of_charge": "UPDATE payments_refund SET amount = amount + 1 WHERE charge_id IS NOT NULL",
    "by_hand_is_by_hand": "UPDATE payments_payment SET method = 'cash'",
    "cards_of_their_clients": "UPDATE payments_savedcard SET client_id = client_id + 1",
    "card_within_consent": "UPDATE payments_savedcard SET most = 1",
    "whose_money": f"UPDATE payments_dispute SET provider_id = {OTHER}",
    "carried_in_is_its_ledger": "UPDATE payments_deposit SET carried_in = carried_in + 1",
    "credit_amounts": "UPDATE payments_credit SET used = used + 1",
    "credit_is_carried": "UPDATE payments_credit SET amount = amount + 1",
    "one_tenant_of_credits": "UPDATE payments_credit SET client_id = client_id + 1",
    "one_row_per_event": "INSERT INTO payments_stripeevent SELECT * FROM payments_stripeevent",
}
STRUCTURE = {"guards_present", "constraints_present", "references"}


def broken() -> set[str]:
    return {verdict.invariant.name for verdict in invariants.verify(connection) if verdict.count}


def drop_guards() -> None:
    connection.check_constraints()  # PostgreSQL changes no table on which a check still waits
    guards.drop(connection)


def without_constraints(table: str) -> None:
    """The table as bare rows, its constraints, triggers and references left behind on another."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_kept")
        cursor.execute(f"CREATE TABLE {table} AS SELECT * FROM {table}_kept")


def test_all_hold_for_everything_that_an_appointment_can_have():
    world.everything()
    assert broken() == set()


def test_every_invariant_is_broken_below():
    assert {one.name for one in invariants.declared()} == BREAKS.keys() | STRUCTURE


@pytest.mark.parametrize("name", BREAKS)
def test_a_violation_is_reported(name):
    world.everything()
    drop_guards()
    uid = "'0'" if connection.vendor == "sqlite" else "gen_random_uuid()"
    statement = BREAKS[name]
    table = next(word for word in statement.split() if "_" in word)
    with connection.cursor() as cursor:
        if OTHER in statement:
            cursor.execute(OTHERS.format(uid=uid))
        without_constraints(table)
        cursor.execute(statement.format(true="1" if connection.vendor == "sqlite" else "true"))
        assert cursor.rowcount > 0
    invariant = next(one for one in invariants.declared() if one.name == name)
    assert list(invariant.violations(connection))


def test_a_missing_guard_is_reported():
    guards.drop(connection)
    verdict = next(v for v in invariants.verify(connection) if v.invariant.name == "guards_present")
    assert verdict.count == len(guards.declared(connection.vendor))


def test_a_missing_constraint_is_reported():
    without_constraints("booking_move")
    verdict = next(v for v in invariants.verify(connection) if v.invariant.name == "constraints_present")
    assert {"table": "booking_move", "constraint": "one_waiting_move"} in verdict.rows


def test_the_command_says_one_line_per_invariant(capsys):
    world.everything()
    call_command("verify_invariants")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(invariants.declared())
    assert all(line.startswith("holds ") for line in lines)


def test_the_command_shows_the_rows_and_exits_with_1(capsys):
    made = world.everything()
    drop_guards()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE policies_agreement SET text = 'x' WHERE appointment_id = %s", [made.later.pk])
    with pytest.raises(SystemExit) as left:
        call_command("verify_invariants")
    out = capsys.readouterr().out
    assert left.value.code == 1
    assert "BROKEN  agreement_hash" in out
    assert f"appointment_id={made.later.pk}" in out
