import pytest

from config.regions import hour_cycle_of

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("said", "hour_cycle"),
    [
        ("en-US,en;q=0.9", "h12"),
        ("en-CA", "h12"),
        ("en-AU", "h12"),
        ("en-IN", "h12"),
        ("en_US", "h12"),
        ("es-US,es;q=0.9", "h12"),
        ("fr-CA", "h12"),
        ("en-GB,en;q=0.9", "h23"),
        ("en-IE", "h23"),
        ("it-IT,it;q=0.9", "h23"),
        ("th-TH", "h23"),
        ("it", "h23"),
        ("th-Thai-TH", "h23"),
        ("en-JP", "h23"),
    ],
)
def test_the_region_decides_as_cldr_knows_it(said, hour_cycle):
    assert hour_cycle_of(said) == hour_cycle


@pytest.mark.parametrize(
    "said", ["", "en", "en;q=0.5", "*", "en-001", "en-XX", "é", "x" * 5000, "en-US\x00;q=z"]
)
def test_what_names_no_region_says_nothing(said):
    assert hour_cycle_of(said) == ""


@pytest.mark.parametrize(
    ("said", "hour_cycle"),
    [
        pytest.param("it-IT,it;q=0.9,en-US;q=0.8,en;q=0.7", "h23", id="an_italian_who_reads_english_too"),
        pytest.param("en-GB;q=0.5,en-US;q=0.9", "h12", id="by_weight_not_by_place"),
        pytest.param("en,en-AU;q=0.9", "h12", id="plain_english_before_it_says_nothing"),
    ],
)
def test_the_region_that_is_preferred_most_decides(said, hour_cycle):
    assert hour_cycle_of(said) == hour_cycle
