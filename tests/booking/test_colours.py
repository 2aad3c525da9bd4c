"""Whatever colour a provider chooses, what is written in it can be read by day and by night."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking import colours

pytestmark = pytest.mark.pure
ANY = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@settings(max_examples=60, deadline=None)
@given(ANY)
def test_every_shade_can_be_read_where_it_stands(colour: str) -> None:
    for grounds, shades in (
        (colours.LIGHT_GROUNDS, colours.light(colour)),
        (colours.DARK_GROUNDS, colours.dark(colour)),
    ):
        for text in (shades.accent, shades.strong):
            assert min(colours.contrast(text, one) for one in (*grounds, shades.soft, shades.on)) >= 4.5


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#0b6a57", "#0b6a57", 1)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert colours.contrast(one, other) == pytest.approx(ratio, abs=0.01)


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert colours.light("#0b6a57").accent == "#0b6a57"
    assert colours.light("#ffd400").accent != "#ffd400"


@pytest.mark.parametrize("typed", ["", "green", "#fff", "#0b6a5", "#0b6a57;}", "0b6a57"])
def test_what_is_no_colour_is_none(typed: str) -> None:
    assert colours.read(typed) == ""
