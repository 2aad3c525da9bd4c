"""The provider proposes times of its own: held while the client decides, one of them taken or none."""

from datetime import timedelta
from typing import Any

import pytest

from booking import availability, lifecycle, quotes, sweeping
from booking.models import Appointment, BusyTime, Proposal, Provider
from config import invariants
from config.refusal import Refusal
from payments.models import Deposit, Refund, Settlement
from tests.booking import stories
from tests.booking.stories import HOUR, MINUTE, MONDAY

pytestmark = pytest.mark.django_db

TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2, hours=5)
FAR = MONDAY + timedelta(days=12, hours=6)
BEFORE = MONDAY - 5 * 24 * HOUR
DAY = timedelta(days=1)


@pytest.fixture
def studio(db: None) -> Provider:
    return stories.studio()


@pytest.fixture
def stands(studio: Provider) -> Appointment:
    return stories.confirmed(studio)


def propose(appointment: Appointment, *starts: Any, at: Any = BEFORE, **more: Any) -> Proposal:
    by = stories.owner(appointment.provider)
    return lifecycle.propose(
        appointment=appointment, starts=starts or (TUESDAY, WEDNESDAY), by=by, at=at, **more
    )


def accept(proposal: Proposal, start: Any, at: Any = BEFORE + HOUR, **more: Any) -> Appointment:
    return lifecycle.accept_proposal(proposal=proposal, start=start, at=at, **more)


def held(proposal: Proposal) -> int:
    return BusyTime.objects.filter(appointment=proposal.appointment, kind="proposal").count()


def code(no: Any) -> str:
    refusal = no.value
    assert isinstance(refusal, Refusal)
    errors = refusal.facts.get("errors")
    return next(iter(errors.values()))[0] if errors else refusal.code


def all_hold() -> bool:
    from django.db import connection

    return not [one for one in invariants.verify(connection) if one.count]


def test_the_times_are_held_and_the_old_time_stands(studio: Provider, stands: Appointment) -> None:
    proposal = propose(stands)
    assert held(proposal) == 2
    with pytest.raises(availability.SlotTaken):
        stories.book(studio, start=TUESDAY, at=BEFORE, email="bo@example.com")
    assert stories.fresh(stands).starts_at == MONDAY
    assert stories.kinds(stands) == ["confirmed", "proposal", "reminder"]
    assert all_hold()


def test_a_yes_moves_it_whatever_the_terms(studio: Provider, stands: Appointment) -> None:
    """Twelve days on, which no move of the client's could reach without losing the deposit."""
    proposal = propose(stands, FAR, TUESDAY)
    moved = accept(proposal, FAR)
    assert (moved.pk, moved.starts_at, moved.original_start_at) == (stands.pk, FAR, FAR)
    assert (moved.moves_used, moved.smallest_notice) == (0, None)
    assert Deposit.objects.get().held == 2700
    assert not moved.lapses.exists()
    assert not Settlement.objects.exists()
    assert held(proposal) == 0
    stories.book(studio, start=TUESDAY, at=BEFORE + HOUR, email="bo@example.com")
    assert [one.by for one in moved.moves.all()] == ["provider"]
    assert "moved" in stories.kinds(moved)
    assert "proposal" not in stories.kinds(moved)
    assert all_hold()


def test_the_days_of_a_deposit_count_from_the_start_that_the_provider_chose(stands: Appointment) -> None:
    moved = accept(propose(stands, FAR), FAR)
    quote = quotes.move(stories.fresh(moved), start=FAR + 3 * DAY, at=BEFORE + 2 * HOUR)
    assert (quote.outcome.cost, quote.outcome.follows) == (0, True)


def test_after_a_late_move_of_its_own_the_notice_still_counts(stands: Appointment) -> None:
    """The provider's move counts for nothing, and launders nothing (rule 4)."""
    stands.smallest_notice = 20 * HOUR
    stands.save(update_fields=["smallest_notice"])
    moved = accept(propose(stands, FAR), FAR)
    assert moved.smallest_notice == 20 * HOUR
    assert quotes.cancel(stories.fresh(moved), at=BEFORE + 2 * HOUR).outcome.late


def test_a_no_leaves_everything_as_it_was(stands: Appointment) -> None:
    proposal = propose(stands)
    lifecycle.refuse_proposal(proposal=proposal, note="Both are school days", at=BEFORE + HOUR)
    assert held(proposal) == 0
    assert stories.fresh(stands).status == "confirmed"
    assert stories.kinds(stands, to="provider") == ["booked", "proposal_refused"]
    assert all_hold()


def test_a_no_may_become_a_cancel_with_all_back_and_no_lapse_however_late(stands: Appointment) -> None:
    late = MONDAY - 5 * HOUR
    proposal = propose(stands, TUESDAY, at=late)
    lifecycle.refuse_proposal(proposal=proposal, cancel=True, at=late + HOUR)
    gone = stories.fresh(stands)
    assert (gone.status, gone.lapses.count()) == ("cancelled", 0)
    assert Refund.objects.get().amount == 2700
    assert all_hold()


def cancelled(studio: Provider, *, at: Any = MONDAY - 60 * HOUR) -> Appointment:
    appointment = stories.confirmed(studio)
    stories.cancel(appointment, at=at)
    return stories.fresh(appointment)


def test_after_a_cancel_a_yes_is_a_new_appointment_paid_by_the_credit(studio: Provider) -> None:
    old = cancelled(studio)
    at = MONDAY - 59 * HOUR
    proposal = propose(old, TUESDAY, WEDNESDAY, at=at)
    made = accept(proposal, TUESDAY, at=at + MINUTE)
    assert (made.status, made.starts_at, made.original_start_at) == ("confirmed", TUESDAY, MONDAY)
    assert made.agreement.sha256 == old.agreement.sha256
    deposit = made.deposits.get()
    assert (deposit.held, deposit.carried_in) == (2700, 2700)
    proposal.refresh_from_db()
    assert (proposal.made, proposal.chosen_start_at) == (made, TUESDAY)
    assert "booked" in stories.kinds(made, to="provider")
    assert held(proposal) == 0
    assert all_hold()


def test_a_time_beyond_the_credit_asks_its_deposit_as_any_booking(studio: Provider) -> None:
    old = cancelled(studio)
    at = MONDAY - 59 * HOUR
    made = accept(propose(old, FAR, at=at), FAR, at=at + MINUTE)
    assert made.status == "held"
    assert made.hold_expires_at == at + 16 * MINUTE
    assert stories.pay(made, at=at + 2 * MINUTE).status == "confirmed"
    assert all_hold()


def test_terms_that_changed_want_a_new_yes_and_nothing_is_taken(studio: Provider) -> None:
    old = cancelled(studio)
    at = MONDAY - 59 * HOUR
    proposal = propose(old, TUESDAY, at=at)
    old.service.price = 9900
    old.service.save(update_fields=["price"])
    with pytest.raises(lifecycle.PolicyChanged) as changed:
        accept(proposal, TUESDAY, at=at + MINUTE)
    proposal.refresh_from_db()
    assert (proposal.state, held(proposal)) == ("open", 1)
    made = accept(proposal, TUESDAY, at=at + MINUTE, agreed_version=changed.value.facts["policy_version"])
    assert made.price == 9900


def test_a_request_is_declined_with_times_that_are_held(studio: Provider) -> None:
    asked = stories.book(studio, "first-meeting", email="new@example.com")
    assert asked.status == "requested"
    at = stories.EARLY + HOUR
    offered = lifecycle.decline(
        appointment=asked, note="That day I teach", starts=[TUESDAY], by=stories.owner(studio), at=at
    )
    proposal = Proposal.objects.get()
    assert (offered, held(proposal)) == ([TUESDAY], 1)
    assert "declined" in stories.kinds(asked)
    assert "proposal" not in stories.kinds(asked)  # one mail says both
    made = accept(proposal, TUESDAY, at=at + HOUR)
    assert made.status in ("held", "confirmed")  # the provider has said yes already
    assert all_hold()


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        ([], "count"),
        ([MONDAY + hours * HOUR for hours in range(26, 32)], "count"),
        ([MONDAY], "same_time"),
        ([BEFORE - HOUR], "past"),
        ([BEFORE + 30 * MINUTE], "too_soon"),
        ([MONDAY + timedelta(days=300)], "too_far"),
        ([TUESDAY + timedelta(seconds=1)], "off_grid"),
    ],
    ids=["none", "six", "the_same", "past", "too_soon", "too_far", "no_whole_minute"],
)
def test_what_cannot_be_proposed(stands: Appointment, starts: list[Any], expected: str) -> None:
    with pytest.raises(availability.NotBookable) as no:
        lifecycle.propose(appointment=stands, starts=starts, by=stories.owner(stands.provider), at=BEFORE)
    assert code(no) == expected
    assert not Proposal.objects.exists()


def test_a_time_of_somebody_else_is_refused_and_nothing_is_held(
    studio: Provider, stands: Appointment
) -> None:
    stories.book(studio, start=WEDNESDAY, at=BEFORE, email="bo@example.com")
    with pytest.raises(availability.SlotTaken):
        propose(stands, TUESDAY, WEDNESDAY)
    assert not Proposal.objects.exists()
    assert not BusyTime.objects.filter(kind="proposal").exists()


def test_times_that_share_minutes_with_each_other_and_with_the_old_one_are_held_once(
    stands: Appointment,
) -> None:
    proposal = propose(stands, MONDAY + 30 * MINUTE, TUESDAY, TUESDAY + 30 * MINUTE)
    assert held(proposal) == 2
    assert all_hold()
    assert accept(proposal, MONDAY + 30 * MINUTE).starts_at == MONDAY + 30 * MINUTE
    assert all_hold()


def test_times_outside_the_open_hours_are_the_providers_own_choice(stands: Appointment) -> None:
    sunday_at_six = MONDAY + timedelta(days=6, hours=9)
    assert accept(propose(stands, sunday_at_six), sunday_at_six).starts_at == sunday_at_six


@pytest.mark.parametrize(
    ("at", "ends"),
    [(BEFORE, BEFORE + DAY), (TUESDAY - 20 * HOUR, None)],
    ids=["a_day", "the_last_moment_it_can_be_booked"],
)
def test_it_ends_after_a_day_or_when_the_first_of_them_can_no_longer_be_booked(
    studio: Provider, at: Any, ends: Any
) -> None:
    old = cancelled(studio)
    notice = timedelta(minutes=old.service.min_notice_minutes)
    at = max(at, MONDAY - 59 * HOUR)
    proposal = propose(old, TUESDAY, FAR, at=at)
    assert proposal.expires_at == min(at + DAY, TUESDAY - notice)


def test_one_that_stands_waits_for_its_answer_until_its_old_start_at_most(stands: Appointment) -> None:
    proposal = propose(stands, TUESDAY, at=MONDAY - 3 * HOUR)
    assert proposal.expires_at == MONDAY


def test_exactly_at_its_end_it_is_over(stands: Appointment) -> None:
    proposal = propose(stands)
    with pytest.raises(lifecycle.NotAllowed) as no:
        accept(proposal, TUESDAY, at=proposal.expires_at)
    assert code(no) == "proposal_lapsed"
    assert accept(proposal, TUESDAY, at=proposal.expires_at - timedelta(microseconds=1)).starts_at == TUESDAY


def test_the_sweep_ends_it_once_and_tells_both(stands: Appointment) -> None:
    proposal = propose(stands)
    assert sweeping.run(at=proposal.expires_at - MINUTE)["proposals_lapsed"] == 0
    assert lifecycle.lapse_proposals(at=proposal.expires_at) == 1
    assert lifecycle.lapse_proposals(at=proposal.expires_at) == 0
    assert held(proposal) == 0
    assert "proposal_lapsed" in stories.kinds(stands)
    assert "proposal_lapsed" in stories.kinds(stands, to="provider")
    assert all_hold()


def test_without_the_sweep_its_times_are_free_at_its_end(studio: Provider, stands: Appointment) -> None:
    proposal = propose(stands)
    stories.book(studio, start=TUESDAY, at=proposal.expires_at, email="bo@example.com")
    proposal.refresh_from_db()
    assert (proposal.state, held(proposal)) == ("lapsed", 0)


def test_a_second_tap_gets_the_same_answer_and_another_time_a_no(stands: Appointment) -> None:
    proposal = propose(stands)
    accept(proposal, TUESDAY)
    assert accept(proposal, TUESDAY).starts_at == TUESDAY
    with pytest.raises(lifecycle.NotAllowed) as no:
        accept(proposal, WEDNESDAY)
    assert code(no) == "proposal_accepted"
    assert stands.moves.count() == 1


def test_none_of_the_proposed_times_is_not_taken(stands: Appointment) -> None:
    with pytest.raises(availability.NotBookable) as no:
        accept(propose(stands), FAR)
    assert code(no) == "not_proposed"


def test_what_is_taken_back_can_no_longer_be_accepted(stands: Appointment) -> None:
    proposal = propose(stands)
    lifecycle.withdraw_proposal(appointment=stands, by=stories.owner(stands.provider), at=BEFORE + MINUTE)
    with pytest.raises(lifecycle.NotAllowed) as no:
        accept(proposal, TUESDAY)
    assert code(no) == "proposal_withdrawn"
    assert (held(proposal), "proposal_withdrawn" in stories.kinds(stands)) == (0, True)
    assert "proposal" not in stories.kinds(stands)


def test_a_newer_proposal_takes_the_place_of_the_open_one(stands: Appointment) -> None:
    old = propose(stands, TUESDAY)
    new = propose(stands, TUESDAY, FAR)
    old.refresh_from_db()
    assert (old.state, new.state, held(new)) == ("withdrawn", "open", 2)


def test_a_cancel_or_a_move_of_the_clients_own_ends_what_was_proposed(
    studio: Provider, stands: Appointment
) -> None:
    proposal = propose(stands)
    stories.cancel(stands, at=BEFORE + HOUR)
    proposal.refresh_from_db()
    assert (proposal.state, held(proposal)) == ("refused", 0)
    other = stories.confirmed(studio, start=MONDAY + 7 * DAY, email="bo@example.com")
    second = propose(other)
    stories.move(other, start=MONDAY + 7 * DAY + HOUR, at=BEFORE + HOUR)
    second.refresh_from_db()
    assert (second.state, held(second)) == ("refused", 0)
    assert all_hold()


def test_after_the_start_no_other_time_is_proposed(stands: Appointment) -> None:
    with pytest.raises(lifecycle.NotAllowed) as no:
        propose(stands, TUESDAY, at=MONDAY)
    assert code(no) == "already_started"


def test_after_a_no_show_and_a_mark_taken_back_what_was_proposed_is_over(stands: Appointment) -> None:
    by = stories.owner(stands.provider)
    lifecycle.mark_no_show(appointment=stands, by=by, at=MONDAY + HOUR)
    proposal = propose(stands, FAR, at=MONDAY + 2 * HOUR)
    lifecycle.undo_no_show(appointment=stands, by=by, at=MONDAY + 3 * HOUR)
    proposal.refresh_from_db()
    assert (proposal.state, held(proposal)) == ("withdrawn", 0)
    assert all_hold()


def test_a_deposit_from_a_credit_is_worth_as_much_after_the_providers_move(studio: Provider) -> None:
    old = cancelled(studio)
    at = MONDAY - 59 * HOUR
    made = accept(propose(old, TUESDAY, at=at), TUESDAY, at=at + MINUTE)
    moved = accept(propose(made, FAR, at=at + HOUR), FAR, at=at + 2 * HOUR)
    outcome = quotes.cancel(stories.fresh(moved), at=FAR - 60 * HOUR).outcome
    assert (outcome.carry, outcome.cost) == (2700, 0)


def test_urgent_is_marked_with_a_reason_and_taken_back(stands: Appointment) -> None:
    by = stories.owner(stands.provider)
    with pytest.raises(Refusal):
        lifecycle.mark_urgent(appointment=stands, reason="  ", by=by, at=BEFORE)
    marked = lifecycle.mark_urgent(appointment=stands, reason="The filing ends on Friday", by=by, at=BEFORE)
    assert marked.urgent_at == BEFORE
    assert "not_urgent" in lifecycle.allowed(marked, at=BEFORE)
    plain = lifecycle.not_urgent(appointment=stands, by=by, at=BEFORE + HOUR)
    assert (plain.urgent_reason, plain.urgent_at) == ("", None)
