"""What would happen if is what the quote would say, on both sides of every border."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from policies.rules import cancellation, moves, no_show
from policies.rules.local_time import MICROSECOND
from policies.rules.outcomes import Standing
from policies.rules.terms import PRESETS, Consequence, DepositTerms, Terms, Window
from policies.rules.what_if import Deal, borders, costs

AT = datetime(2027, 3, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
FREE = Consequence(deposit="refund")
# The middle line changes nothing, so it is no border.
SAME_TWICE = Terms(
    deposit=DepositTerms(),
    windows=(
        Window(min_notice=48 * HOUR, cancel=FREE, move=FREE),
        Window(min_notice=24 * HOUR, cancel=FREE, move=FREE),
        Window(min_notice=0 * HOUR, cancel=Consequence(deposit="forfeit"), move=FREE),
    ),
)


def deal(terms: Terms, **over: object) -> Deal:
    facts = {"price": 9000, "deposit": 2700, "currency": "EUR", "zone": "Europe/Rome"}
    return Deal(terms=terms, **{**facts, **over})


@pytest.mark.parametrize(
    ("terms", "hours"),
    [(PRESETS["Gentle"], [24]), (PRESETS["Balanced"], [48]), (PRESETS["Firm"], [72, 24]), (SAME_TWICE, [24])],
    ids=["gentle", "balanced", "firm", "a_line_that_changes_nothing"],
)
def test_the_borders_are_where_a_change_begins_to_cost_something_else(terms, hours):
    terms = replace(terms, carry_days=3)
    assert borders(deal(terms), at=AT) == [n * HOUR for n in hours]


def test_where_nothing_is_at_stake_there_is_no_border():
    assert borders(deal(PRESETS["Balanced"], price=0, deposit=0), at=AT) == []


@pytest.mark.parametrize("preset", list(PRESETS))
@pytest.mark.parametrize(
    "notice",
    [
        timedelta(0),
        MICROSECOND,
        24 * HOUR - MICROSECOND,
        24 * HOUR,
        48 * HOUR - MICROSECOND,
        48 * HOUR,
        72 * HOUR - MICROSECOND,
        72 * HOUR,
        168 * HOUR,
    ],
    ids=str,
)
def test_each_act_costs_what_its_quote_says(preset, notice):
    """The quote asks the rules about a booking of long ago with its deposit paid."""
    terms, start = PRESETS[preset], AT + notice
    booked = Standing(
        terms=terms,
        currency="EUR",
        zone="Europe/Rome",
        price=9000,
        held=2700,
        start=start,
        original_start=start,
        confirmed_at=AT - timedelta(days=30),
    )
    limit = moves.carry_limit(start, terms.carry_days, "Europe/Rome")
    found = costs(deal(terms), notice=notice, at=AT)
    assert found.cancel == cancellation.cancel(booked, at=AT)
    assert found.near == moves.move(booked, to=limit - MICROSECOND, at=AT)
    assert found.far == moves.move(booked, to=limit, at=AT)
    assert found.missed == no_show.no_show(booked, at=start + terms.grace)


def test_the_firm_preset_in_money():
    firm = deal(PRESETS["Firm"])
    said = {
        hours: (found.cancel.cost, found.near.cost, found.far.cost, found.missed.cost)
        for hours in (72, 71, 24, 23)
        for found in [costs(firm, notice=hours * HOUR, at=AT)]
    }
    assert said == {
        72: (0, 0, 2700, 9000),
        71: (2700, 2700, 2700, 9000),
        24: (2700, 2700, 2700, 9000),
        23: (4500, 4500, 4500, 9000),
    }
