import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from config import formats
from policies import wording
from policies.rules.cancellation import cancel
from policies.rules.moves import move
from policies.rules.no_show import no_show
from policies.rules.terms import PRESETS
from tests.policies.standings import CARRY, REFUND, START, before, fee, hours, standing, terms, window
from tests.policies.test_terms import any_terms

pytestmark = pytest.mark.pure

FAR = START + hours(24 * 30)


def policy(some, *, price=9000, deposit=2700, currency="EUR", language="en"):
    return wording.policy_text(
        some, price=price, deposit=deposit, currency=currency, zone="Europe/Rome", language=language
    )


def lines(some, deposit=2700, price=9000):
    return wording.policy_lines(
        some, price=price, deposit=deposit, currency="EUR", zone="Europe/Rome", language="en"
    )


def quote(outcome, *, language="en", zone="Europe/Rome", **more):
    return wording.quote_text(outcome, currency="EUR", zone=zone, language=language, **more)


class TestThePolicy:
    @pytest.mark.parametrize(
        "says",
        [
            "You pay a deposit of €27.00 ahead.",
            "the price of €90.00; the remaining €63.00 is due later",
            "Within 1 hour of the confirmation",
            "72 hours or more before the start:\n- If you cancel, your deposit of €27.00 is kept for you as a credit.",
            "Less than 72 hours, but at least 24 hours before the start:\n- If you cancel, we keep your deposit",
            "Less than 24 hours before the start:\n- If you cancel, it costs 50% of the price, which is €45.00",
            "€18.00 is still to be paid",
            "exactly on the line is in time",
            "no later than 3 days after the day of your original appointment (whole days, Rome time)",
            "on 2 moves",
            "What is not used by then, we keep.",
            "wait 15 minutes from the start",
            "If you miss it, it costs 100% of the price, which is €90.00",
            "€63.00 is still to be paid",
            "you have 24 hours to tell us what happened",
            "charged to your saved card if you agreed",
            "If we have to cancel, your whole deposit comes back",
        ],
    )
    def test_firm_says_all_that_can_cost_a_client_something(self, says):
        assert says in policy(PRESETS["Firm"])

    def test_forgiveness_is_said_where_there_is_any(self):
        assert "Once within 12 months we forgive" in policy(PRESETS["Gentle"])
        assert "forgive" not in policy(PRESETS["Balanced"])

    def test_one_and_three_of_a_thing(self):
        few = policy(terms(carry_days=1, max_moves=1, forgive_lapses=3, forgive_months=1))
        assert "no later than 1 day after" in few
        assert "on 1 move." in few
        assert "3 times within 1 month we" in few

    def test_without_carrying_no_days_are_named(self):
        assert "original appointment" not in policy(terms(windows=(window(0, REFUND),)))

    def test_without_money_no_money_is_named(self):
        free = policy(terms(windows=(window(0, REFUND),), no_show=REFUND), price=0, deposit=0)
        assert "€" not in free
        assert "keep or charge" not in free

    def test_a_move_is_said_to_cost_what_a_cancel_would_never_more(self):
        kind = policy(terms(windows=(window(24, REFUND, fee(50)), window(0, fee(20), fee(50)))))
        assert "If you move, your deposit of €27.00 goes along, whatever the new date." in kind
        assert "50%" not in kind
        far = policy(terms(windows=(window(24, CARRY), window(0, fee(50), CARRY))))
        assert "A move to any other time costs €45.00" in far

    def test_the_whole_price_ahead(self):
        assert "You pay the whole price of €90.00 ahead" in policy(PRESETS["Balanced"], deposit=9000)

    def test_the_language_asked_for_counts_and_not_the_active_one(self):
        with translation.override("th"):
            english = policy(PRESETS["Firm"])
        assert english == policy(PRESETS["Firm"])
        assert "27,00\u00a0€" in policy(PRESETS["Firm"], language="it")
        assert "โรม" in policy(PRESETS["Firm"], language="th")

    def test_its_hash_is_that_of_its_bytes(self):
        abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        assert wording.sha256_of("abc") == abc
        assert wording.sha256_of("ครูนก") == hashlib.sha256("ครูนก".encode()).hexdigest()


@settings(max_examples=60, deadline=None)
@given(any_terms, st.integers(0, 10000), st.integers(0, 10000))
def test_every_loss_is_named_with_its_amount(some, price, deposit):
    deposit = min(deposit, price)
    text = policy(some, price=price, deposit=deposit)
    standings = replace(standing(), terms=some, price=price, held=deposit)
    for row in some.windows:
        outcome = cancel(standings, at=START - row.min_notice)
        if outcome.fee:
            assert formats.money(outcome.fee + outcome.forfeit, "EUR") in text
            assert formats.money(outcome.fee, "EUR") in text
        if outcome.forfeit:
            assert formats.money(outcome.forfeit, "EUR") in text
    missed = no_show(standings, at=START + timedelta(days=1))
    if missed.cost:
        assert formats.money(missed.cost, "EUR") in text
        assert ("what happened" in text) is True
    assert "%(" not in text
    assert policy(some, price=price, deposit=deposit) == text


@pytest.mark.parametrize(
    ("some", "deposit", "expected"),
    [
        pytest.param(
            PRESETS["Balanced"],
            2700,
            [
                "You pay a deposit of €27.00 ahead. It counts towards the price of €90.00; "
                "the remaining €63.00 is due later.",
                "Until 48 hours before the start you can cancel and keep the deposit as a credit.",
                "Cancelling at the last minute, or not coming, costs €27.00.",
            ],
            id="balanced",
        ),
        pytest.param(
            PRESETS["Firm"],
            0,
            [
                "You pay nothing ahead. The price is €90.00.",
                "Until 72 hours before the start you can cancel free of charge.",
                "Cancelling at the last minute costs €45.00, not coming €90.00.",
            ],
            id="firm_without_deposit",
        ),
        pytest.param(
            terms(windows=(window(0, REFUND),), no_show=REFUND),
            2700,
            [
                "You pay a deposit of €27.00 ahead. It counts towards the price of €90.00; "
                "the remaining €63.00 is due later.",
                "Until the start you can cancel free of charge.",
                "If you cannot come, it costs you nothing; please tell us in time.",
            ],
            id="nothing_to_lose",
        ),
    ],
)
def test_three_short_lines(some, deposit, expected):
    assert lines(some, deposit=deposit) == expected


class TestAQuote:
    def test_a_free_cancel(self):
        assert quote(cancel(standing("Gentle"), at=before(60))) == (
            "Cancelling now costs you nothing. €27.00 of your deposit comes back to you. "
            "This holds until Wednesday 9 June 2027, 10:00 (Rome time)."
        )

    def test_a_credit_with_its_last_day(self):
        assert "as a credit for a new time up to the end of Sunday 13 June 2027." in quote(
            cancel(standing(), at=before(60))
        )

    def test_the_last_day_is_exact_for_a_reader_elsewhere(self):
        text = quote(cancel(standing(), at=before(60)), zone="America/New_York")
        assert "as a credit for a new time before Sunday 13 June 2027, 18:00." in text

    def test_a_late_cancel_with_a_fee(self):
        assert quote(cancel(standing("Firm"), at=before(5))) == (
            "Cancelling now costs you €45.00. We keep €27.00 of your deposit. €18.00 is still to be paid. "
            "It counts as a late cancellation. This holds until Thursday 10 June 2027, 10:00 (Rome time)."
        )

    def test_a_forgiven_one(self):
        text = quote(cancel(standing(forgivable=True), at=before(5)))
        assert text.startswith(
            "Cancelling now costs you nothing. €27.00 of your deposit comes back to you. It is late"
        )

    def test_a_move_names_the_new_time_and_the_cheaper_way(self):
        text = quote(move(standing(), to=FAR, at=before(60)), new_start=FAR)
        assert text.startswith("Moving to Saturday 10 July 2027, 10:00 costs you €27.00.")
        assert "your old time stays yours until it is paid" in text
        assert (
            "Cancelling instead is cheaper: it costs you nothing. €27.00 is kept for you as a credit" in text
        )

    def test_a_move_that_is_free_names_no_other_way(self):
        text = quote(move(standing(), to=START + hours(24), at=before(60)))
        assert text.startswith("Moving now costs you nothing. Your deposit of €27.00 goes along. This holds")

    def test_after_the_start(self):
        assert quote(cancel(standing(), at=START + hours(1))) == (
            "The appointment has started, so it can no longer be cancelled or moved."
        )

    def test_thai_years_are_buddhist(self):
        assert "2570" in quote(cancel(standing(), at=before(60)), language="th")
        assert "2027" not in quote(cancel(standing(), at=before(60)), language="th")


class TestTheLinesOfOneStart:
    """By the calendar, on the clocks of the reader; what is over is not promised."""

    def lines(self, some, notice, *, deposit=2700, price=9000, zone="Europe/Rome", language="en"):
        return wording.dated_lines(
            some,
            price=price,
            deposit=deposit,
            currency="EUR",
            zone=zone,
            language=language,
            start=START,
            notice=notice,
        )

    def test_until_when_is_a_day_and_a_time(self):
        ahead, best, worst = self.lines(PRESETS["Balanced"], hours(100))
        assert (ahead, worst) == (lines(PRESETS["Balanced"])[0], lines(PRESETS["Balanced"])[2])
        assert best == (
            "Until Tuesday 8 June 2027, 10:00 (Rome time) you can cancel and keep the deposit as a credit."
        )

    def test_without_a_deposit_it_is_free_of_charge(self):
        said = self.lines(PRESETS["Balanced"], hours(100), deposit=0, zone="America/New_York")[1]
        assert said == "Until Tuesday 8 June 2027, 04:00 (New York time) you can cancel free of charge."

    @pytest.mark.parametrize(
        ("notice", "day"),
        [(hours(48), "8 June"), (hours(48) - timedelta(microseconds=1), "")],
        ids=["exactly_48h", "a_microsecond_under"],
    )
    def test_exactly_on_the_line_it_is_still_promised(self, notice, day):
        said = self.lines(PRESETS["Balanced"], notice)[1]
        assert (
            (day in said)
            if day
            else said.startswith("The start is near: cancelling costs €27.00, but nothing")
        )

    def test_once_it_is_over_the_last_line_speaks_of_not_coming_alone(self):
        assert self.lines(PRESETS["Balanced"], hours(10))[2] == "Not coming costs €27.00."

    @pytest.mark.parametrize("preset", PRESETS)
    @pytest.mark.parametrize("notice", [1, 30, 60, 200])
    def test_the_promise_agrees_with_the_quote(self, preset, notice):
        said = self.lines(PRESETS[preset], hours(notice))[1]
        now = cancel(standing(preset, confirmed_at=before(3000)), at=before(notice))
        if said.startswith("Until"):
            assert now.cost == 0
            assert (formats.moment(now.free_until, "Europe/Rome") in said) != ("the start" in said)
        else:
            assert formats.money(now.cost, "EUR") in said
