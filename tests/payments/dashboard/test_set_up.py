"""Who a provider is on paper and which tax its prices include, at the desk, in the file and on the page."""

from typing import Any

import pytest
from django.test import Client as Browser

from booking import tokens, transfer
from booking.models import Business, Provider
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, text
from tests.booking.provider_files import BIANCHI, changed, content

pytestmark = pytest.mark.django_db

PATH = "/dashboard/money/papers/set-up/"
ON_PAPER = {
    "legal_name": "Studio Bianchi S.r.l.",
    "address": "Via Roma 1\n20121 Milano",
    "tax_number": "IT01234567890",
    "tax_name": "IVA",
    "receipt_prefix": "SB",
    "note": "Marca da bollo",
    "fees_taxed": True,
}


def said(studio: Provider, rate: str = "22", **over: Any) -> dict[str, Any]:
    taxes = {f"tax_{one.uid.hex}": rate for one in studio.services.all()}
    return ON_PAPER | {"fees_taxed": "on"} | taxes | over


def test_the_owner_says_who_they_are_and_what_tax_is_in_their_prices(desk: Browser, studio: Provider) -> None:
    assert desk.post(PATH, said(studio)).status_code == 302
    assert {name: getattr(Business.objects.get(), name) for name in ON_PAPER} == ON_PAPER
    assert set(studio.services.values_list("tax_rate", flat=True)) == {2200}
    shown = text(desk.get(PATH))
    assert "Studio Bianchi S.r.l." in shown
    assert 'value="22"' in shown


@pytest.mark.parametrize(
    "over, word",
    [
        ({"rate": "much"}, "such as 22 or 5.5"),
        ({"rate": "5.555"}, "such as 22 or 5.5"),
        ({"rate": "100.01"}, "At most 100%"),
        ({"rate": "-1"}, "such as 22 or 5.5"),
        ({"legal_name": ""}, "required"),
        ({"receipt_prefix": "S B/"}, "hyphens only"),
        ({"note": "x" * 501}, "500"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_stays(
    desk: Browser, studio: Provider, over: dict[str, Any], word: str
) -> None:
    answer = desk.post(PATH, said(studio, **{"address": "Via Verdi 9"} | over))
    assert answer.status_code == 400
    assert word in text(answer)
    assert "Via Verdi 9" in text(answer)
    assert not Business.objects.exists()


def test_an_empty_percentage_is_no_tax(desk: Browser, studio: Provider) -> None:
    studio.services.update(tax_rate=2200)
    desk.post(PATH, said(studio, rate=""))
    assert set(studio.services.values_list("tax_rate", flat=True)) == {None}


@pytest.mark.parametrize("role", ["member", "refunds", "read_only"])
def test_only_the_owner_may(studio: Provider, role: str) -> None:
    assert browser(member(studio, role)).post(PATH, said(studio)).status_code == 403


def test_the_file_carries_it_there_and_back(studio: Provider) -> None:
    file = changed(BIANCHI, ("business", ON_PAPER), ("services", 0, "tax_percent", 5.5))
    loaded = transfer.load(file=transfer.read(content(file)), at=stories.EARLY)
    assert transfer.dump(provider=loaded) == file
    again = transfer.load(file=transfer.read(content(BIANCHI)), at=stories.EARLY)
    assert transfer.dump(provider=again)["business"] == ON_PAPER
    assert "tax_percent" not in transfer.dump(provider=again)["services"][0]


@pytest.mark.parametrize(
    "change, path",
    [
        (("business", {"legal_name": ""}), "business.legal_name"),
        (("business", {}), "business.legal_name"),
        (("business", ON_PAPER | {"receipt_prefix": "a b"}), "business.receipt_prefix"),
        (("business", ON_PAPER | {"vat": "1"}), "business.vat"),
        (("services", 0, "tax_percent", 5.555), "services[0].tax_percent"),
        (("services", 0, "tax_percent", 101), "services[0].tax_percent"),
        (("services", 0, "tax_percent", "22"), "services[0].tax_percent"),
        (("services", 0, "tax_percent", True), "services[0].tax_percent"),
    ],
)
def test_a_mistake_in_the_file_is_named_by_its_path(change: tuple[Any, ...], path: str) -> None:
    with pytest.raises(transfer.FileRefused) as refused:
        transfer.read(content(changed(BIANCHI, change)))
    assert path in [where for where, _what in refused.value.problems]


def test_the_tax_stands_beside_the_price(studio: Provider, client: Browser) -> None:
    studio.services.filter(slug="session").update(tax_rate=2200)
    Business.objects.create(provider=studio, **ON_PAPER)
    assert "incl. 22% IVA" in text(client.get(f"/{studio.slug}/session/"))
    assert "incl. 22% IVA" in text(client.get(f"/{studio.slug}/"))
    services = client.get(f"/api/v1/providers/{studio.slug}/").json()["services"]
    (session,) = [one for one in services if one["slug"] == "session"]
    assert session["price"] == {"amount": 9000, "currency": "EUR"}
    assert session["tax"] == {"rate": "22", "name": "IVA", "amount": {"amount": 1623, "currency": "EUR"}}
    assert {one["tax"] for one in services if one["slug"] != "session"} == {None}


@pytest.mark.parametrize("taxed", [True, False])
def test_a_quote_says_whether_what_is_lost_bears_tax(
    studio: Provider, client: Browser, clock: Any, taxed: bool
) -> None:
    studio.services.filter(slug="session").update(tax_rate=2200)
    Business.objects.create(provider=studio, **ON_PAPER | {"fees_taxed": taxed})
    appointment = stories.confirmed(studio)
    clock.move_to(appointment.starts_at - stories.HOUR)
    quote = client.get(
        f"/api/v1/appointments/{tokens.manage_path(appointment).split('/')[2]}/quote/?act=cancel"
    ).json()
    tax = {"rate": "22", "name": "IVA", "amount": {"amount": 487, "currency": "EUR"}}
    assert quote["tax"] == (tax if taxed else None)
    assert ("22% IVA" in quote["text"]) is taxed
