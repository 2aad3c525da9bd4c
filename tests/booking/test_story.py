"""The story of an appointment, act by act, on the rows that are there afterwards."""

from datetime import timedelta

import pytest

from booking import lifecycle, quotes
from booking.actors import SYSTEM
from booking.models import Appointment, BusyTime, Lapse, Service
from booking.telling import at_sending
from config.refusal import Refusal
from payments import credits, ledger
from payments.models import Charge, Refund, Settlement
from tests.booking.stories import (
    EARLY,
    HOUR,
    MINUTE,
    MONDAY,
    book,
    cancel,
    confirmed,
    fresh,
    kinds,
    move,
    owner,
    pay,
    school,
    studio,
)

pytestmark = pytest.mark.django_db

TWO_DAYS = timedelta(days=2)


def amounts(appointment: Appointment) -> dict[str, int]:
    return {bucket: amount for bucket, amount in ledger.amounts(appointment).items() if amount}


# --- Booking ---


def test_a_booking_with_a_deposit_is_held_for_fifteen_minutes() -> None:
    appointment = book(studio())
    assert appointment.status == "held"
    assert appointment.hold_expires_at == EARLY + 15 * MINUTE
    assert appointment.deposit_amount == 2700
    assert kinds(appointment) == []


def test_the_deposit_confirms_and_plans_the_reminder_at_eight_in_the_evening_before_free_notice_ends() -> (
    None
):
    appointment = confirmed(studio())
    assert appointment.status == "confirmed"
    assert amounts(appointment) == {"held": 2700}
    assert kinds(appointment) == ["confirmed", "reminder"]
    assert kinds(appointment, to="provider") == ["booked"]
    assert appointment.messages.get(kind="reminder").due_at == MONDAY - 56 * HOUR  # 54 h before is 22:00


def test_what_the_client_agreed_to_is_kept_word_for_word() -> None:
    appointment = book(studio())
    agreement = appointment.agreement
    assert (agreement.language, str(agreement.ip_address), agreement.user_agent) == (
        "en",
        "203.0.113.7",
        "a test",
    )
    assert len(agreement.sha256) == 64
    assert "€27.00" in agreement.text


def test_a_hold_that_is_over_frees_the_time_without_any_sweep() -> None:
    provider = studio()
    first = book(provider)
    second = book(provider, at=EARLY + 15 * MINUTE, email="grace@example.com")
    assert fresh(first).status == "expired"
    assert second.status == "held"


def test_a_microsecond_before_the_hold_is_over_the_time_is_taken() -> None:
    provider = studio()
    book(provider)
    with pytest.raises(Refusal) as refused:
        book(provider, at=EARLY + 15 * MINUTE - timedelta(microseconds=1), email="grace@example.com")
    assert refused.value.code == "slot_taken"
    assert len(refused.value.facts["alternatives"]) == 3


def test_money_that_comes_late_gets_the_slot_when_it_is_still_free() -> None:
    appointment = book(studio())
    assert lifecycle.lapse_holds(at=EARLY + 16 * MINUTE) == 1
    assert pay(appointment, at=EARLY + 20 * MINUTE).status == "confirmed"
    assert amounts(appointment) == {"held": 2700}


def test_money_that_comes_too_late_goes_back_with_three_times() -> None:
    provider = studio()
    late = book(provider)
    book(provider, at=EARLY + 16 * MINUTE, email="grace@example.com")
    assert pay(late, at=EARLY + 20 * MINUTE).status == "expired"
    assert amounts(late) == {"refunded": 2700}
    assert Refund.objects.get().amount == 2700
    assert len(late.messages.get(kind="paid_too_late").facts["offers"]) == 3


def test_money_that_is_told_twice_counts_once() -> None:
    appointment = book(studio())
    payment = appointment.deposits.get().payments.get()
    for minutes in (1, 2):
        lifecycle.deposit_paid(payment=payment, intent_id="pi_1", amount=2700, at=EARLY + minutes * MINUTE)
    assert amounts(appointment) == {"held": 2700}
    assert kinds(appointment) == ["confirmed", "reminder"]


def test_a_service_with_approval_asks_no_money_and_waits_two_days() -> None:
    appointment = book(studio(), "first-meeting", answers={"reason": "sleep"})
    assert (appointment.status, appointment.hold_expires_at) == ("requested", EARLY + 48 * HOUR)
    assert not appointment.deposits.exists()
    assert kinds(appointment) == ["requested"]
    assert kinds(appointment, to="provider") == ["approval_needed"]


def test_no_request_waits_past_the_last_moment_to_book() -> None:
    at = MONDAY - 30 * HOUR
    appointment = book(studio(), "first-meeting", at=at)
    assert appointment.hold_expires_at == MONDAY - 24 * HOUR


def test_a_declined_client_is_offered_other_times() -> None:
    provider = studio()
    appointment = book(provider, "first-meeting")
    offered = lifecycle.decline(appointment=appointment, note="Sorry.", by=owner(provider), at=EARLY + HOUR)
    assert len(offered) == 3
    assert fresh(appointment).status == "declined"
    assert not BusyTime.objects.exists()


def test_terms_that_changed_since_the_page_was_opened_are_shown_again() -> None:
    with pytest.raises(lifecycle.PolicyChanged) as refused:
        book(studio(), agreed_version="1-old")
    assert refused.value.facts["deposit"] == {"amount": 2700, "currency": "EUR"}


@pytest.mark.parametrize(
    ("start", "code"),
    [
        pytest.param(EARLY - HOUR, "past", id="past"),
        pytest.param(EARLY + 11 * HOUR, "too_soon", id="too_soon"),
        pytest.param(MONDAY + timedelta(days=91), "too_far", id="too_far"),
        pytest.param(MONDAY + 7 * MINUTE, "off_grid", id="off_grid"),
        pytest.param(MONDAY + timedelta(hours=3, minutes=30), "not_open", id="not_open"),
    ],
)
def test_a_start_that_nobody_could_click_is_refused_by_code(start, code) -> None:
    with pytest.raises(Refusal) as refused:
        book(studio(), start=start)
    assert refused.value.facts["errors"] == {"start": [code]}


# --- Cancel ---


def test_a_cancel_in_time_carries_the_deposit_and_offers_three_times() -> None:
    appointment = confirmed(studio())
    done = cancel(appointment, at=MONDAY - 48 * HOUR)
    assert amounts(appointment) == {"carried": 2700}
    assert len(done.offers) == 3
    assert not Lapse.objects.exists()
    credit = credits.find(appointment=appointment)
    assert credit.expires_at.isoformat() == "2027-03-04T23:00:00+00:00"
    assert kinds(appointment) == ["cancelled", "credit_ends"]


def test_a_late_cancel_waits_a_day_and_is_then_kept() -> None:
    appointment = confirmed(studio())
    at = MONDAY - 48 * HOUR + timedelta(microseconds=1)
    cancel(appointment, at=at)
    assert amounts(appointment) == {"held": 2700}
    assert lifecycle.settle(at=at + 24 * HOUR - timedelta(microseconds=1)) == 0
    assert lifecycle.settle(at=at + 24 * HOUR) == 1
    assert lifecycle.settle(at=at + 25 * HOUR) == 0
    assert amounts(appointment) == {"forfeited": 2700}
    assert Lapse.objects.get().kind == "late_cancel"


def test_an_exception_within_the_day_gives_all_back_and_leaves_no_lapse() -> None:
    provider = studio()
    appointment = confirmed(provider)
    cancel(appointment, at=MONDAY - 47 * HOUR)
    lifecycle.excuse(
        appointment=appointment, reason="illness", note="", by=owner(provider), at=MONDAY - 40 * HOUR
    )
    assert lifecycle.settle(at=MONDAY) == 0
    assert amounts(appointment) == {"refunded": 2700}
    assert not Lapse.objects.counting().exists()


def test_a_partial_exception_leaves_the_rest_to_the_terms() -> None:
    provider = studio()
    appointment = confirmed(provider)
    cancel(appointment, at=MONDAY - 47 * HOUR)
    lifecycle.excuse(
        appointment=appointment,
        reason="goodwill",
        note="",
        amount=1000,
        by=owner(provider),
        at=MONDAY - 40 * HOUR,
    )
    lifecycle.settle(at=MONDAY)
    assert amounts(appointment) == {"refunded": 1000, "forfeited": 1700}
    assert Lapse.objects.counting().count() == 1


def test_after_the_settlement_an_exception_is_a_refund() -> None:
    provider = studio()
    appointment = confirmed(provider)
    cancel(appointment, at=MONDAY - 47 * HOUR)
    lifecycle.settle(at=MONDAY)
    lifecycle.excuse(
        appointment=appointment,
        reason="illness",
        note="",
        as_credit=True,
        by=owner(provider),
        at=MONDAY + HOUR,
    )
    assert amounts(appointment) == {"carried": 2700}
    assert credits.find(appointment=appointment).expires_at is None


def test_a_cancel_within_an_hour_of_booking_gives_all_back() -> None:
    at = MONDAY - 20 * HOUR
    appointment = confirmed(studio(), at=at)
    cancel(appointment, at=at + MINUTE + 60 * MINUTE)
    assert amounts(appointment) == {"refunded": 2700}
    assert not Lapse.objects.exists()


def test_a_cancel_needs_the_quote_that_holds_now() -> None:
    appointment = confirmed(studio())
    before = quotes.cancel(appointment, at=MONDAY - 48 * HOUR)
    with pytest.raises(lifecycle.QuoteChanged) as refused:
        cancel(appointment, at=MONDAY - 47 * HOUR, quote=before.token)
    assert refused.value.facts["quote"]["deposit"]["forfeit"] == {"amount": 2700, "currency": "EUR"}
    assert fresh(appointment).status == "confirmed"


def test_the_provider_cancels_and_all_goes_back_whatever_the_notice() -> None:
    provider = studio()
    appointment = confirmed(provider)
    done = lifecycle.cancel(appointment=appointment, reason="illness", by=owner(provider), at=MONDAY - HOUR)
    assert amounts(appointment) == {"refunded": 2700}
    assert len(done.offers) == 3
    assert not Lapse.objects.exists()


def test_a_fee_beyond_the_deposit_is_owed_after_the_settlement() -> None:
    provider = school()
    start = MONDAY.replace(day=2, hour=10)  # Tuesday, 17:00 in Bangkok
    appointment = confirmed(provider, slug="lesson-60", start=start, at=start - timedelta(days=20))
    assert appointment.deposit_amount == 30000
    cancel(appointment, at=start - 2 * HOUR)
    lifecycle.settle(at=start + 23 * HOUR)
    assert amounts(appointment) == {"forfeited": 30000}
    assert not Charge.objects.exists()  # the fee of 50 % is the deposit already


# --- Credit ---


def test_a_credit_pays_for_the_next_appointment_and_keeps_its_history() -> None:
    provider = studio()
    first = confirmed(provider)
    cancel(first, at=MONDAY - 50 * HOUR)
    second = book(
        provider,
        start=MONDAY + TWO_DAYS + 5 * HOUR,
        at=MONDAY - 49 * HOUR,
        credit=credits.find(appointment=first),
    )
    assert second.status == "confirmed"
    assert second.original_start_at == MONDAY
    assert second.smallest_notice == 50 * HOUR
    assert amounts(second) == {"held": 2700}
    assert credits.find(appointment=first) is None


def test_a_booking_without_the_credit_is_told_of_it_and_never_silently_given_it() -> None:
    provider = studio()
    first = confirmed(provider)
    cancel(first, at=MONDAY - 50 * HOUR)
    second = book(provider, start=MONDAY + timedelta(days=2, hours=5), at=MONDAY - 49 * HOUR)
    assert second.status == "held"
    assert kinds(second) == ["already_has_credit"]
    assert f"?credit_for={second.uid}" in at_sending.facts(second, "already_has_credit", MONDAY)["credit_url"]
    paid = pay(
        second, at=MONDAY - 49 * HOUR + MINUTE
    )  # before the mail has left: it still tells of the credit
    assert at_sending.facts(paid, "already_has_credit", MONDAY)["credit"]["amount"] == 2700


def test_a_request_waits_for_its_answer_before_a_credit_is_used() -> None:
    provider = studio()
    first = confirmed(provider)
    cancel(first, at=MONDAY - 50 * HOUR)
    Service.objects.filter(slug="session").update(approval=True)
    start = MONDAY + TWO_DAYS + 5 * HOUR
    second = book(provider, start=start, at=MONDAY - 49 * HOUR, credit=credits.find(appointment=first))
    assert (second.status, second.original_start_at) == ("requested", start)
    lifecycle.approve(appointment=second, by=owner(provider), at=MONDAY - 48 * HOUR)
    assert fresh(second).status == "held"
    assert kinds(second) == ["already_has_credit", "pay_link", "requested"]
    assert credits.find(appointment=first).left == 2700


def test_a_credit_that_nobody_used_ends_as_the_terms_say() -> None:
    appointment = confirmed(studio())
    cancel(appointment, at=MONDAY - 50 * HOUR)
    until = credits.find(appointment=appointment).expires_at
    assert lifecycle.end_credits(at=until - timedelta(microseconds=1)) == 0
    assert lifecycle.end_credits(at=until) == 1
    assert amounts(appointment) == {"forfeited": 2700}


def test_a_credit_of_a_hold_that_lapsed_can_be_used_again() -> None:
    provider = studio()
    first = confirmed(provider)
    cancel(first, at=MONDAY - 50 * HOUR)
    credit = credits.find(appointment=first)
    start = MONDAY + TWO_DAYS + 5 * HOUR
    couple = book(provider, "couple", start=start, at=MONDAY - 49 * HOUR, credit=credit)
    assert couple.status == "held"
    lifecycle.lapse_holds(at=MONDAY - 48 * HOUR)
    assert credits.find(appointment=first).left == 2700


# --- Move ---


def test_a_move_in_time_takes_the_deposit_along() -> None:
    appointment = confirmed(studio())
    start = MONDAY + TWO_DAYS + 5 * HOUR
    move(appointment, start=start, at=MONDAY - 60 * HOUR)
    moved = fresh(appointment)
    assert (moved.starts_at, moved.original_start_at, moved.moves_used) == (start, MONDAY, 1)
    assert amounts(moved) == {"held": 2700}
    assert moved.messages.get(kind="reminder", state="waiting").start_at == start
    assert moved.messages.get(kind="reminder", state="dropped").start_at == MONDAY
    assert BusyTime.objects.get().blocked_from == start


def test_a_move_too_far_names_the_cheaper_way() -> None:
    appointment = confirmed(studio())
    quote = quotes.move(appointment, start=MONDAY + timedelta(days=10), at=MONDAY - 60 * HOUR)
    said = quote.as_json()
    assert said["deposit"]["forfeit"]["amount"] == 2700
    assert (said["new_deposit"], said["cheaper"]) == (True, "cancel")


def test_a_move_that_asks_its_own_deposit_moves_nothing_until_it_is_paid() -> None:
    provider = studio()
    appointment = confirmed(provider)
    start = MONDAY + timedelta(days=7)
    moved = move(appointment, start=start, at=MONDAY - 60 * HOUR)
    assert fresh(appointment).starts_at == MONDAY
    assert moved.deposit.asked == 2700
    with pytest.raises(Refusal):  # the new time is held meanwhile
        book(provider, start=start, at=MONDAY - 60 * HOUR, email="grace@example.com")
    after = pay(appointment, at=MONDAY - 60 * HOUR + 5 * MINUTE)
    assert after.starts_at == start
    assert amounts(after) == {"held": 5400}
    assert Settlement.objects.get().forfeit == 2700
    lifecycle.settle(at=MONDAY)
    assert amounts(after) == {"held": 2700, "forfeited": 2700}


def test_a_deposit_of_its_own_counts_its_days_from_its_own_start() -> None:
    appointment = confirmed(studio())
    start = MONDAY + timedelta(days=7)
    move(appointment, start=start, at=MONDAY - 60 * HOUR)
    moved = pay(appointment, at=MONDAY - 60 * HOUR + 5 * MINUTE)
    assert moved.original_start_at == MONDAY
    quote = quotes.move(moved, start=start + TWO_DAYS + 5 * HOUR, at=start - 72 * HOUR)
    assert (quote.outcome.follows, moved.moves_used, moved.smallest_notice) == (True, 0, None)


def test_a_credit_that_was_used_up_does_not_announce_its_end() -> None:
    provider = studio()
    first = confirmed(provider)
    cancel(first, at=MONDAY - 50 * HOUR)
    assert at_sending.facts(first, "credit_ends", MONDAY)["credit"]["amount"] == 2700
    credit = credits.find(appointment=first)
    book(provider, start=MONDAY + TWO_DAYS + 5 * HOUR, at=MONDAY - 49 * HOUR, credit=credit)
    assert at_sending.facts(first, "credit_ends", MONDAY)["holds"] is False


def test_a_booking_that_waits_can_be_paid_with_a_credit_after_all() -> None:
    provider = studio()
    first = confirmed(provider)
    cancel(first, at=MONDAY - 50 * HOUR)
    second = book(provider, start=MONDAY + TWO_DAYS + 5 * HOUR, at=MONDAY - 49 * HOUR)
    credit = credits.find(appointment=first)
    done = lifecycle.apply_credit(appointment=second, credit=credit, at=MONDAY - 49 * HOUR + MINUTE)
    assert (done.status, done.original_start_at) == ("confirmed", MONDAY)
    assert amounts(second) == {"held": 2700}


def test_a_held_move_that_nobody_pays_leaves_everything_as_it_was() -> None:
    provider = studio()
    appointment = confirmed(provider)
    start = MONDAY + timedelta(days=7)
    move(appointment, start=start, at=MONDAY - 60 * HOUR)
    assert lifecycle.lapse_holds(at=MONDAY - 60 * HOUR + 15 * MINUTE) == 1
    assert fresh(appointment).starts_at == MONDAY
    assert amounts(appointment) == {"held": 2700}
    assert not Settlement.objects.exists()
    assert book(provider, start=start, at=MONDAY - 59 * HOUR, email="grace@example.com").status == "held"


def test_a_held_move_paid_after_it_lapsed_gets_the_time_if_it_is_free() -> None:
    appointment = confirmed(studio())
    start = MONDAY + timedelta(days=7)
    move(appointment, start=start, at=MONDAY - 60 * HOUR)
    lifecycle.lapse_holds(at=MONDAY - 59 * HOUR)
    assert pay(appointment, at=MONDAY - 58 * HOUR).starts_at == start


def test_a_held_move_paid_too_late_gives_the_money_back() -> None:
    provider = studio()
    appointment = confirmed(provider)
    start = MONDAY + timedelta(days=7)
    move(appointment, start=start, at=MONDAY - 60 * HOUR)
    book(provider, start=start, at=MONDAY - 59 * HOUR, email="grace@example.com")
    assert pay(appointment, at=MONDAY - 59 * HOUR + MINUTE).starts_at == MONDAY
    assert amounts(appointment) == {"held": 2700, "refunded": 2700}


def test_a_move_by_half_an_hour_may_overlap_its_own_old_time() -> None:
    appointment = confirmed(studio())
    move(appointment, start=MONDAY + 30 * MINUTE, at=MONDAY - 60 * HOUR)
    assert fresh(appointment).starts_at == MONDAY + 30 * MINUTE


def test_a_move_to_a_taken_time_changes_nothing() -> None:
    provider = studio()
    appointment = confirmed(provider)
    confirmed(provider, start=MONDAY + TWO_DAYS + 5 * HOUR, email="grace@example.com")
    with pytest.raises(Refusal) as refused:
        move(appointment, start=MONDAY + TWO_DAYS + 5 * HOUR, at=MONDAY - 60 * HOUR)
    assert refused.value.code == "slot_taken"
    assert fresh(appointment).starts_at == MONDAY


# --- The day itself ---


def test_an_unseen_client_by_video_is_written_to_after_five_minutes() -> None:
    appointment = confirmed(studio())
    assert lifecycle.start_contacts(at=MONDAY + 5 * MINUTE - timedelta(microseconds=1)) == 0
    assert lifecycle.start_contacts(at=MONDAY + 5 * MINUTE) == 1
    assert lifecycle.start_contacts(at=MONDAY + 6 * MINUTE) == 0
    assert appointment.messages.get(kind="contact").facts["waits_until"] == "2027-03-01T09:15:00Z"


def test_in_person_the_provider_is_asked_first() -> None:
    appointment = confirmed(studio(), mode="in_person")
    lifecycle.start_contacts(at=MONDAY + 5 * MINUTE)
    assert "contact" not in kinds(appointment)
    assert "is_client_there" in kinds(appointment, to="provider")


def test_at_the_end_of_grace_the_provider_is_asked() -> None:
    appointment = confirmed(studio())
    assert lifecycle.ask_or_mark_no_shows(at=MONDAY + 15 * MINUTE) == 0
    assert fresh(appointment).status == "confirmed"
    assert "decision_no_show" in kinds(appointment, to="provider")


def test_where_the_terms_say_so_a_no_show_is_marked_by_itself() -> None:
    start = MONDAY.replace(day=2, hour=10)
    appointment = confirmed(school(), slug="lesson-60", start=start, at=start - timedelta(days=20))
    assert lifecycle.ask_or_mark_no_shows(at=start + 10 * MINUTE - timedelta(microseconds=1)) == 0
    assert lifecycle.ask_or_mark_no_shows(at=start + 10 * MINUTE) == 1
    assert fresh(appointment).status == "no_show"
    assert len(appointment.messages.get(kind="no_show").facts["offers"]) == 3
    lifecycle.settle(at=start + 25 * HOUR)
    assert Charge.objects.get().amount == 30000
    assert "fee_owed" in kinds(appointment)


def test_who_came_is_no_no_show() -> None:
    provider = studio()
    appointment = confirmed(provider)
    lifecycle.arrive(appointment=appointment, by=owner(provider), at=MONDAY + MINUTE)
    assert lifecycle.start_contacts(at=MONDAY + 6 * MINUTE) == 0
    with pytest.raises(Refusal) as refused:
        lifecycle.mark_no_show(appointment=appointment, by=owner(provider), at=MONDAY + HOUR)
    assert refused.value.code == "already_arrived"


def test_an_accepted_delay_lengthens_grace_by_its_minutes() -> None:
    provider = studio()
    appointment = confirmed(provider)
    lifecycle.late(appointment=appointment, minutes=10, at=MONDAY)
    lifecycle.accept_late(appointment=appointment, by=owner(provider), at=MONDAY + MINUTE)
    with pytest.raises(lifecycle.TooEarly):
        lifecycle.mark_no_show(appointment=appointment, by=owner(provider), at=MONDAY + 24 * MINUTE)
    lifecycle.mark_no_show(appointment=appointment, by=owner(provider), at=MONDAY + 25 * MINUTE)
    assert fresh(appointment).status == "no_show"


def test_a_wrong_mark_is_undone_and_the_money_stays() -> None:
    provider = studio()
    appointment = confirmed(provider)
    lifecycle.mark_no_show(appointment=appointment, by=owner(provider), at=MONDAY + HOUR)
    lifecycle.undo_no_show(appointment=appointment, by=owner(provider), at=MONDAY + 2 * HOUR)
    assert fresh(appointment).status == "confirmed"
    assert amounts(appointment) == {"held": 2700}
    assert not Lapse.objects.counting().exists()
    assert "no_show" not in kinds(appointment)
    assert "no_show_undone" in kinds(appointment)
    assert lifecycle.settle(at=MONDAY + timedelta(days=3)) == 0


def test_an_undone_mark_is_not_made_again_by_itself_but_may_be_by_the_provider() -> None:
    start = MONDAY.replace(day=2, hour=10)
    provider = school()
    appointment = confirmed(provider, slug="lesson-60", start=start, at=start - timedelta(days=20))
    lifecycle.ask_or_mark_no_shows(at=start + 10 * MINUTE)
    lifecycle.undo_no_show(appointment=appointment, by=owner(provider), at=start + 12 * MINUTE)
    assert lifecycle.ask_or_mark_no_shows(at=start + 13 * MINUTE) == 0
    lifecycle.mark_no_show(appointment=appointment, by=owner(provider), at=start + 14 * MINUTE)
    assert fresh(appointment).status == "no_show"
    assert Lapse.objects.counting().count() == 1


def test_an_explanation_asks_for_a_decision_and_decides_nothing() -> None:
    provider = studio()
    appointment = confirmed(provider)
    lifecycle.mark_no_show(appointment=appointment, by=owner(provider), at=MONDAY + HOUR)
    lifecycle.explain(appointment=appointment, reason="illness", note="Fever.", at=MONDAY + 2 * HOUR)
    assert "explained" in kinds(appointment, to="provider")
    assert lifecycle.settle(at=MONDAY + 25 * HOUR) == 1


def test_what_was_not_marked_otherwise_was_kept() -> None:
    appointment = confirmed(studio())
    end = MONDAY + 50 * MINUTE
    assert lifecycle.complete_kept(at=end + 24 * HOUR - timedelta(microseconds=1)) == 0
    assert lifecycle.complete_kept(at=end + 24 * HOUR) == 1
    assert fresh(appointment).status == "completed"
    assert amounts(appointment) == {"applied": 2700}


def test_an_exception_takes_off_the_fee_before_it_gives_money_back() -> None:
    provider = school()
    start = MONDAY.replace(day=2, hour=10)
    appointment = confirmed(provider, slug="lesson-60", start=start, at=start - timedelta(days=20))
    lifecycle.mark_no_show(
        appointment=appointment, by=owner(provider), at=start + HOUR
    )  # 300 forfeit, 300 fee
    lifecycle.excuse(
        appointment=appointment,
        reason="transport",
        note="",
        amount=40000,
        by=owner(provider),
        at=start + 2 * HOUR,
    )
    assert amounts(appointment) == {"held": 20000, "refunded": 10000}
    lifecycle.settle(at=start + 26 * HOUR)
    assert not Charge.objects.exists()
    assert amounts(appointment) == {"forfeited": 20000, "refunded": 10000}


def test_an_exception_after_a_carrying_cancel_frees_the_credit_of_its_deadline() -> None:
    provider = studio()
    appointment = confirmed(provider)
    cancel(appointment, at=MONDAY - 50 * HOUR)
    Lapse.objects.create(appointment=appointment, client=appointment.client, kind="late_cancel", at=MONDAY)
    lifecycle.excuse(
        appointment=appointment, reason="illness", note="", as_credit=True, by=owner(provider), at=MONDAY
    )
    assert [(c.left, c.expires_at) for c in credits.of(appointment=appointment)] == [(2700, None)]


# --- Refunds by staff ---


def test_staff_refund_a_part_and_no_more_than_there_is() -> None:
    provider = studio()
    appointment = confirmed(provider)
    deposit = appointment.deposits.get()
    lifecycle.refund(deposit=deposit, amount=700, reason="goodwill", by=owner(provider), at=EARLY + HOUR)
    assert amounts(appointment) == {"held": 2000, "refunded": 700}
    with pytest.raises(Refusal):
        lifecycle.refund(deposit=deposit, amount=2001, reason="more", by=owner(provider), at=EARLY + HOUR)


def test_a_refund_leaves_the_settlement_no_more_than_there_is() -> None:
    provider = studio()
    appointment = confirmed(provider)
    cancel(appointment, at=MONDAY - 47 * HOUR)
    deposit = appointment.deposits.get()
    lifecycle.refund(
        deposit=deposit, amount=1000, reason="goodwill", by=owner(provider), at=MONDAY - 46 * HOUR
    )
    assert Settlement.objects.get().forfeit == 1700
    lifecycle.settle(at=MONDAY)
    assert amounts(appointment) == {"refunded": 1000, "forfeited": 1700}


def test_every_act_that_is_allowed_can_be_done_and_no_other() -> None:
    appointment = confirmed(studio())
    assert lifecycle.allowed(appointment, at=MONDAY - 60 * HOUR) == {
        "cancel",
        "move",
        "mode",
        "confirm",
        "propose",
        "refund",
        "test",
        "urgent",
    }
    assert lifecycle.allowed(appointment, at=MONDAY + 20 * MINUTE) == {
        "arrive",
        "contact",
        "complete",
        "no_show",
        "refund",
        "test",
    }


def test_the_system_never_completes_what_was_cancelled() -> None:
    appointment = confirmed(studio())
    cancel(appointment, at=MONDAY - 50 * HOUR)
    with pytest.raises(Refusal):
        lifecycle.complete(appointment=appointment, by=SYSTEM, at=MONDAY + 40 * HOUR)
