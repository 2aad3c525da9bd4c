"""What holds for every policy, appointment and moment, not only for those of the tables."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policies.rules import money
from policies.rules.cancellation import cancel, provider_cancel
from policies.rules.moves import move
from policies.rules.no_show import grace_ends_at, no_show
from policies.rules.terms import Consequence, Terms, Window
from policies.rules.windows import severity
from tests.policies.chains import play
from tests.policies.standings import CARRY, MICROSECOND, REFUND, START, before, hours, standing, terms

pytestmark = pytest.mark.pure
some_examples = settings(max_examples=50, deadline=None)

consequences = st.one_of(
    st.sampled_from([REFUND, CARRY]),
    st.builds(Consequence, deposit=st.just("forfeit"), fee_percent=st.sampled_from([0, 20, 50, 100])),
)
currencies = st.sampled_from(["EUR", "JPY", "KWD", "ISK"])
lengths = st.sampled_from([0.5, 1, 2, 12, 20, 24, 36, 48, 49, 60, 72, 100]).map(hours)


@st.composite
def policies(draw, *, monotone=False):
    """Any policy; a monotone one never gets kinder as the start comes nearer."""
    notices = sorted(draw(st.sets(st.sampled_from([6, 24, 36, 48, 72]), max_size=3)), reverse=True)
    cancels = [draw(consequences) for _ in [*notices, 0]]
    if monotone:
        cancels.sort(key=severity)
    return Terms(
        deposit=terms().deposit,
        windows=tuple(
            Window(min_notice=hours(number), cancel=on_cancel, move=draw(consequences))
            for number, on_cancel in zip([*notices, 0], cancels, strict=True)
        ),
        carry_days=draw(st.integers(0, 5)),
        carry_unused=draw(st.sampled_from(["forfeit", "refund"])),
        max_moves=draw(st.integers(0, 3)),
        regret=draw(st.sampled_from([0, 1, 24])) * hours(1),
        no_show=draw(consequences),
    )


@st.composite
def standings(draw):
    held = draw(st.integers(0, 20000))
    start = START + draw(st.sampled_from([0, 0, 24, 100, 1000])) * hours(1)
    return standing(
        terms=draw(policies()),
        currency=draw(currencies),
        price=draw(st.integers(0, 20000)),
        held=held,
        carried_in=draw(st.sampled_from([0, 0, held // 2, held])),
        credit_until=draw(st.sampled_from([None, START + hours(60), START + hours(2000)])),
        start=start,
        confirmed_at=draw(st.one_of(st.none(), st.integers(1, 200).map(before))),
        moves_used=draw(st.integers(0, 3)),
        smallest_notice=draw(st.one_of(st.none(), lengths)),
        forgivable=draw(st.booleans()),
    )


moments = st.builds(
    lambda left, off: before(left) + off * MICROSECOND, st.integers(-30, 120), st.integers(-1, 1)
)
starts = st.integers(-50, 2500).map(lambda number: START + hours(number))


@some_examples
@given(standings(), moments, starts)
def test_refund_carry_and_forfeit_are_always_what_is_held(some, at, to):
    outcomes = [
        cancel(some, at=at),
        move(some, to=to, at=at),
        no_show(some, at=grace_ends_at(some.start, some.terms)),
        provider_cancel(some, at=at),
        provider_cancel(some, as_credit=True, at=at),
    ]
    for outcome in outcomes:
        parts = (outcome.refund, outcome.carry, outcome.forfeit)
        assert sum(parts) == (some.held if outcome.allowed else 0)
        assert min(*parts, outcome.fee) >= 0
        assert outcome.forfeit + outcome.fee <= max(some.held, some.price)


@some_examples
@given(standings(), moments, starts)
def test_a_move_never_costs_more_than_a_cancel_with_its_credit_unused(some, at, to):
    moved, cancelled = move(some, to=to, at=at), cancel(some, at=at)
    unused = cancelled.carry if some.terms.carry_unused == "forfeit" else 0
    assert moved.cost <= cancelled.cost + unused
    assert (moved.cheaper == "cancel") is (cancelled.cost < moved.cost)


@some_examples
@given(standings(), moments, starts)
def test_an_outcome_holds_to_the_instant_that_it_names_and_no_longer(some, at, to):
    for ask in (lambda t: cancel(some, at=t), lambda t: move(some, to=to, at=t)):
        now = ask(at)
        if not now.allowed:
            continue
        assert at <= now.valid_until <= some.start
        assert ask(now.valid_until).substance == now.substance
        assert ask(now.valid_until + MICROSECOND).substance != now.substance
        halfway = at + (now.valid_until - at) / 2
        assert ask(halfway).substance == now.substance


@some_examples
@given(standings(), moments, starts)
def test_what_is_free_stays_free_until_the_instant_that_it_names(some, at, to):
    for ask in (lambda t: cancel(some, at=t), lambda t: move(some, to=to, at=t)):
        until = ask(at).free_until
        if until is None:
            continue
        assert until >= at
        assert all(ask(t).allowed and ask(t).cost == 0 for t in (at, at + (until - at) / 2, until))


@some_examples
@given(standings(), st.integers(0, 100))
def test_the_client_loses_the_larger_of_deposit_and_fee(some, percent):
    all_lost = Consequence(deposit="forfeit", fee_percent=percent)
    some = replace(
        some, confirmed_at=before(3000), forgivable=False, terms=replace(some.terms, no_show=all_lost)
    )
    outcome = no_show(some, at=grace_ends_at(some.start, some.terms))
    fee = min(money.percent_of(some.price, percent, some.currency), some.price)
    assert outcome.forfeit + outcome.fee == max(some.held, fee)


acts = st.lists(
    st.tuples(
        st.sampled_from(["move", "move", "cancel", "rebook"]),
        lengths,
        st.sampled_from([1, 10, 30, 47, 48, 60, 73, 100, 500]).map(hours),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=100, deadline=None)
@given(policies(monotone=True), acts, st.sampled_from([0, 1, 30, 200]), st.sampled_from([100, 60, 48, 20, 5]))
def test_no_chain_of_acts_returns_more_than_a_direct_cancel_at_its_first(some, chain, ago, left):
    """Rule 4 and rule 5: neither moving on nor cancelling and booking anew makes a deposit worth more."""
    first = START - hours(left)
    whole = standing(terms=some, confirmed_at=first - hours(ago))
    act, _, far = chain[0]
    assume(act != "rebook")
    direct = cancel(whole, at=first)
    played = play(whole, [(act, timedelta(0), far), *chain[1:], ("cancel", timedelta(0), None)], first)
    assert played.returned + played.forfeited + played.held == whole.held
    assert played.returned <= direct.refund + direct.carry


def without_refunds(some):
    """The policy with a carry wherever a cancel would refund, starting with one, and unused ones lost."""
    rows = [replace(row, cancel=CARRY) if row.cancel == REFUND else row for row in some.windows]
    first = Window(min_notice=hours(90), cancel=CARRY, move=rows[0].move)
    return replace(some, carry_unused="forfeit", windows=(first, *rows))


@some_examples
@given(policies(monotone=True).map(without_refunds), acts)
def test_no_chain_turns_a_credit_into_money(some, chain):
    whole = standing(terms=some, confirmed_at=before(2000))
    direct = cancel(whole, at=before(100))
    played = play(whole, [("cancel", timedelta(0), None), *chain], before(100))
    assert played.refunded == 0
    assert not played.credit or played.credit_until == direct.carry_until


CARRYING = terms(windows=(Window(min_notice=hours(24), cancel=CARRY, move=CARRY), terms().windows[-1]))


@some_examples
@given(acts, st.integers(0, 5), st.integers(0, 5), st.sampled_from([0, 1, 24]))
def test_a_credit_never_pays_for_a_start_after_its_deadline(chain, days, moves, regret):
    some = replace(CARRYING, carry_days=days, max_moves=moves, regret=hours(regret))
    whole = standing(terms=some, confirmed_at=before(2000))
    limit = cancel(whole, at=before(100)).carry_until
    played = play(whole, [("cancel", timedelta(0), None), *chain], before(100))
    assert played.standing is None or played.standing.start < limit
