"""What happens to the demo's clients. Each story is told as it went: it yields the instant at which it
goes on, and what stands after the ``yield`` is done then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from booking import actors, lifecycle
from booking.demo import cast
from booking.demo.plan import DAY, HOUR, MINUTE, Part
from booking.demo.stage import Acts, Stage
from booking.models import Status
from payments import credits
from payments.models import Deposit

Story = Callable[[Stage, Part], Acts]


def minutes(part: Part, least: int, most: int) -> timedelta:
    """A length of time in between, by chance."""
    return timedelta(seconds=part.chance.randrange(least * 60, most * 60))


def _booked(stage: Stage, part: Part) -> Acts:
    """From the page to the confirmation: approved where that is asked, paid where there is a deposit."""
    yield part.booked_at
    stage.book(part)
    if stage.fresh(part).status == Status.REQUESTED:
        yield stage.at + minutes(part, 40, 600)
        lifecycle.approve(appointment=stage.appointment(part), by=stage.owner, at=stage.at)
    if stage.is_held(part):
        yield stage.at + minutes(part, 2, 9)
        stage.pay(part)


def _attended(stage: Stage, part: Part) -> Acts:
    """The day itself, as it mostly goes."""
    start = stage.fresh(part).starts_at
    if part.chance.random() < 0.55:
        yield max(stage.at + HOUR, start - minutes(part, 20 * 60, 40 * 60))
        lifecycle.will_come(appointment=stage.appointment(part), at=stage.at)
    if part.chance.random() < 0.06:
        yield max(stage.at, start - 20 * MINUTE)
        lifecycle.late(appointment=stage.appointment(part), minutes=10, at=stage.at)
        yield stage.at + 4 * MINUTE
        lifecycle.accept_late(appointment=stage.appointment(part), by=stage.owner, at=stage.at)
    yield max(stage.at, start - minutes(part, 0, 6))
    by = actors.CLIENT if part.mode == "video" else stage.owner
    lifecycle.arrive(appointment=stage.appointment(part), by=by, at=stage.at)
    if part.chance.random() < 0.6:  # else the day after does it
        yield stage.fresh(part).ends_at + minutes(part, 1, 90)
        lifecycle.complete(appointment=stage.appointment(part), by=stage.owner, at=stage.at)


def kept(stage: Stage, part: Part) -> Acts:
    yield from _booked(stage, part)
    yield from _attended(stage, part)


def noted(stage: Stage, part: Part) -> Acts:
    """What to bring is written to the client, and after the lesson what to practise; the team has a note of its own."""
    yield from _booked(stage, part)
    yield stage.at + 3 * HOUR
    lifecycle.share_note(
        appointment=stage.appointment(part), text=cast.BRING, tell=True, by=stage.owner, at=stage.at
    )
    yield from _attended(stage, part)
    yield max(stage.at, stage.fresh(part).ends_at) + 2 * HOUR
    lifecycle.share_note(
        appointment=stage.appointment(part), text=cast.PRACTISE, tell=True, by=stage.owner, at=stage.at
    )
    lifecycle.note(
        client=stage.fresh(part).client,
        appointment=stage.appointment(part),
        text=cast.PRIVATELY,
        by=stage.owner,
        at=stage.at,
    )


def moved(stage: Stage, part: Part) -> Acts:
    """In good time, so the deposit follows."""
    yield from _booked(stage, part)
    yield _early(stage, part)
    stage.move(part)
    yield from _attended(stage, part)


def _early(stage: Stage, part: Part) -> datetime:
    """In time for free notice, and never in the future where the start is."""
    early = part.start - 3 * DAY - minutes(part, 0, 36 * 60)
    return max(stage.at + 2 * HOUR, min(early, stage.now - 3 * HOUR))


def mode_changed(stage: Stage, part: Part) -> Acts:
    yield from _booked(stage, part)
    yield part.start - DAY
    part.mode = "video" if part.mode == "in_person" else "in_person"
    lifecycle.change_mode(appointment=stage.appointment(part), mode=part.mode, by=actors.CLIENT, at=stage.at)
    yield from _attended(stage, part)


def late_move(stage: Stage, part: Part) -> Acts:
    """Too late to be free: the new time asks its own deposit, which is paid."""
    yield from _booked(stage, part)
    yield part.start - minutes(part, 16 * 60, 30 * 60)
    stage.move(part)
    yield stage.at + minutes(part, 2, 10)
    stage.pay(part)
    yield from _attended(stage, part)


def late_move_unpaid(stage: Stage, part: Part) -> Acts:
    """The new deposit is not paid, so nothing has moved."""
    yield from _booked(stage, part)
    yield part.start - minutes(part, 16 * 60, 30 * 60)
    stage.move(part)
    yield stage.at + 5 * MINUTE
    stage.open_page(part)
    yield from _attended(stage, part)


def credit_used(stage: Stage, part: Part) -> Acts:
    """Cancelled in time, and booked anew with the credit."""
    yield from _booked(stage, part)
    yield part.start - 3 * DAY - minutes(part, 0, 24 * 60)
    stage.cancel(part, "availability")
    yield stage.at + minutes(part, 30, 300)
    stage.book(part, start=part.other, credit=credits.find(appointment=stage.appointment(part)))
    yield from _attended(stage, part)


def credit_ended(stage: Stage, part: Part) -> Acts:
    """Cancelled in time, and the credit was left to end."""
    yield from _booked(stage, part)
    yield _early(stage, part)
    stage.cancel(part, part.chance.choice(("availability", "convenience", "cost")))


def regretted(stage: Stage, part: Part) -> Acts:
    yield from _booked(stage, part)
    yield stage.at + minutes(part, 10, 40)
    stage.cancel(part, "convenience")


def _late_cancel(stage: Stage, part: Part, reason: str) -> Acts:
    yield from _booked(stage, part)
    latest = stage.now - 5 * HOUR
    yield min(part.start - minutes(part, 4 * 60, 40 * 60), latest)
    stage.cancel(part, reason)


def late_cancel(stage: Stage, part: Part) -> Acts:
    yield from _late_cancel(stage, part, part.chance.choice(("convenience", "availability", "other")))


def late_cancel_excused(stage: Stage, part: Part) -> Acts:
    """Ill; explained, and excused in full within the day."""
    yield from _late_cancel(stage, part, "illness")
    yield stage.at + minutes(part, 10, 120)
    lifecycle.explain(
        appointment=stage.appointment(part), reason="illness", note="A fever since last night.", at=stage.at
    )
    yield stage.at + minutes(part, 60, 600)
    _excuse(stage, part, "illness", "Get well soon.")


def late_cancel_stands(stage: Stage, part: Part) -> Acts:
    """Explained, and the terms apply all the same."""
    yield from _late_cancel(stage, part, "convenience")
    yield stage.at + minutes(part, 10, 120)
    lifecycle.explain(
        appointment=stage.appointment(part), reason="availability", note="Something came up.", at=stage.at
    )
    yield stage.at + minutes(part, 60, 600)
    lifecycle.keep_terms(appointment=stage.appointment(part), by=stage.owner, at=stage.at)


def _excuse(stage: Stage, part: Part, reason: str, note: str, *, as_credit: bool = False) -> None:
    lifecycle.excuse(
        appointment=stage.appointment(part),
        reason=reason,
        note=note,
        as_credit=as_credit,
        by=stage.owner,
        at=stage.at,
    )


def no_show(stage: Stage, part: Part) -> Acts:
    """Nobody came. The workers have written, the provider was asked where the terms say so."""
    yield from _booked(stage, part)
    yield stage.fresh(part).grace_ends_at + minutes(part, 2, 20)
    if stage.fresh(part).status == Status.CONFIRMED:
        lifecycle.mark_no_show(appointment=stage.appointment(part), by=stage.owner, at=stage.at)


def no_show_excused(stage: Stage, part: Part) -> Acts:
    yield from no_show(stage, part)
    yield stage.at + minutes(part, 60, 240)
    lifecycle.explain(
        appointment=stage.appointment(part), reason="transport", note="The train stood still.", at=stage.at
    )
    yield stage.at + minutes(part, 60, 480)
    _excuse(stage, part, "transport", "These things happen.")


def no_show_as_credit(stage: Stage, part: Part) -> Acts:
    yield from no_show(stage, part)
    yield stage.at + minutes(part, 60, 240)
    _excuse(stage, part, "goodwill", "Kept for your next lesson.", as_credit=True)


def no_show_undone(stage: Stage, part: Part) -> Acts:
    """Marked by mistake."""
    yield from no_show(stage, part)
    yield stage.at + minutes(part, 5, 30)
    lifecycle.undo_no_show(appointment=stage.appointment(part), by=stage.owner, at=stage.at)


def missed_just_now(stage: Stage, part: Part) -> Acts:
    """Lately, and with an explanation that waits for a decision."""
    yield from no_show(stage, part)
    yield min(stage.at + minutes(part, 30, 60), stage.now)
    lifecycle.explain(
        appointment=stage.appointment(part), reason="emergency", note="I had to see a doctor.", at=stage.at
    )


def provider_cancels(stage: Stage, part: Part) -> Acts:
    yield from _booked(stage, part)
    yield part.start - minutes(part, 120, 50 * 60)
    lifecycle.cancel(
        appointment=stage.appointment(part), reason="illness", note="", by=stage.owner, at=stage.at
    )


def hold_lapses(stage: Stage, part: Part) -> Acts:
    """Went to the pay page, and left."""
    yield part.booked_at
    stage.book(part)
    yield stage.at + 2 * MINUTE
    stage.open_page(part)


def paid_too_late(stage: Stage, part: Part) -> Acts:
    """The bank's page took too long; the time was still free."""
    yield from hold_lapses(stage, part)
    yield part.booked_at + minutes(part, 17, 40)
    stage.pay(part)
    yield from _attended(stage, part)


def goodwill(stage: Stage, part: Part) -> Acts:
    """The refund desk gives something back afterwards."""
    yield from kept(stage, part)
    yield stage.fresh(part).ends_at + 30 * HOUR
    deposit = Deposit.objects.get(appointment=stage.appointment(part), current=True)
    amount = part.chance.choice((500, 1000, deposit.paid))
    lifecycle.refund(
        deposit=deposit, amount=amount, reason="The piano was out of tune.", by=stage.desk, at=stage.at
    )


def declined(stage: Stage, part: Part) -> Acts:
    yield part.booked_at
    stage.book(part)
    yield stage.at + minutes(part, 60, 900)
    note = "I do not teach this yet; perhaps another time suits us better."
    lifecycle.decline(appointment=stage.appointment(part), note=note, by=stage.owner, at=stage.at)


def asks(stage: Stage, part: Part) -> Acts:
    """Asked, and not answered."""
    yield part.booked_at
    stage.book(part)


def pay_link(stage: Stage, part: Part) -> Acts:
    """Approved a little while ago; the slot waits for its deposit."""
    yield from asks(stage, part)
    yield stage.now - minutes(part, 60, 600)
    lifecycle.approve(appointment=stage.appointment(part), by=stage.owner, at=stage.at)


STORIES: Mapping[str, Story] = {
    story.__name__: story
    for story in (
        kept,
        moved,
        mode_changed,
        noted,
        late_move,
        late_move_unpaid,
        credit_used,
        credit_ended,
        regretted,
        late_cancel,
        late_cancel_excused,
        late_cancel_stands,
        no_show,
        no_show_excused,
        no_show_undone,
        no_show_as_credit,
        missed_just_now,
        provider_cancels,
        hold_lapses,
        paid_too_late,
        goodwill,
        declined,
        asks,
        pay_link,
    )
} | {
    "unanswered": asks,
    "holds_now": hold_lapses,
    "cancels_late_now": late_cancel,
    "credit_now": credit_ended,
}
