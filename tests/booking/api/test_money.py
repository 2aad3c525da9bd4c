"""Money beyond the deposit, by bearer token: what is owed, paid by hand and taken back, papers, statements."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from booking import lifecycle
from booking.models import Appointment, Business, Membership, Provider
from payments.models import Charge, Paper, Payment
from tests.booking import stories
from tests.booking.api.calls import Api, token
from tests.booking.api.test_schema import held_against
from tests.booking.stories import HOUR

CASH = {"method": "cash"}


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def owed(studio: Provider, paid: Appointment, clock: time_machine.Traveller) -> Charge:
    """The rest of the price of an appointment that was kept, by a provider whose prices include 22 %."""
    studio.services.update(tax_rate=2200)
    Business.objects.create(provider=studio, legal_name="Bianchi S.r.l.", tax_name="IVA")
    kept = stories.fresh(paid)
    lifecycle.complete(appointment=kept, by=stories.owner(studio), at=kept.ends_at)
    clock.move_to(kept.ends_at + HOUR)
    return lifecycle.ask_balance(appointment=stories.fresh(paid), by=stories.owner(studio), at=kept.ends_at)


def by_hand(desk: Api, charge: Charge, **over: Any) -> Any:
    return desk.post(f"charges/{charge.uid}/paid-by-hand/", CASH | over)


@pytest.fixture
def schema(db: None) -> Any:
    return Api().get("schema/", Accept="application/json").body


def test_what_is_owed_is_paid_by_hand_in_parts_and_a_mistake_is_taken_back(
    schema: Any, owed: Charge, desk: Api
) -> None:
    part = by_hand(desk, owed, amount=euros(1000), reference="Envelope")
    [payment] = part.body["payments"]
    assert (part.body["owed"], payment["reference"]) == (euros(owed.amount - 1000), "Envelope")
    rest = by_hand(desk, owed)
    assert (rest.status, rest.body["state"]) == (200, "paid")
    undo = desk.post(f"payments/{payment['id']}/undo/")
    held_against(schema, "payments/{id}/undo/", "post", undo)
    assert (undo.body["state"], undo.body["charge"]) == ("undone", str(owed.uid))
    again = desk.get(f"charges/{owed.uid}/").body
    assert (again["state"], again["owed"]) == ("owed", euros(1000))


def test_what_cannot_be_taken_back_says_so(owed: Charge, desk: Api) -> None:
    by_card = Payment.objects.get(deposit__isnull=False)
    assert desk.post(f"payments/{by_card.uid}/undo/").code == "cannot_be_undone"
    by_hand(desk, owed)
    payment = Payment.objects.get(charge=owed)
    assert [desk.post(f"payments/{payment.uid}/undo/").status for _ in range(2)] == [200, 409]
    assert Paper.objects.filter(payment=payment, kind="credit_note").count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "method"),
        ({"method": "shells"}, "method"),
        (CASH | {"amount": euros(0)}, "amount"),
        (CASH | {"amount": {"amount": 100, "currency": "USD"}}, "amount"),
        (CASH | {"amount": euros(10**9)}, "amount"),
        (CASH | {"received_on": "yesterday"}, "received_on"),
    ],
)
def test_a_wrong_payment_by_hand_is_a_400_by_field(
    owed: Charge, desk: Api, body: dict[str, Any], field: str
) -> None:
    answer = desk.post(f"charges/{owed.uid}/paid-by-hand/", body)
    assert (answer.status, list(answer.errors)) == (400, [field])
    assert not owed.payments.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "fee"}, "kind"),
        ({"kind": "other", "amount": euros(500)}, "description"),
        ({"kind": "other", "description": "Scores"}, "amount"),
        ({"kind": "other", "description": "Scores", "amount": euros(-1)}, "amount"),
    ],
)
def test_a_wrong_charge_is_a_400_by_field(
    paid: Appointment, desk: Api, body: dict[str, Any], field: str
) -> None:
    answer = desk.post(f"appointments/{paid.uid}/charge/", body)
    assert (answer.status, list(answer.errors)) == (400, [field])
    assert not Charge.objects.exists()


def test_what_was_paid_of_a_charge_goes_back_with_the_scope_for_it(
    studio: Provider, owed: Charge, desk: Api
) -> None:
    by_hand(desk, owed)
    asked = {"amount": euros(500), "reason": "We ended early"}
    address = f"charges/{owed.uid}/refund/"
    assert Api(token(studio, "read", "write")).post(address, asked).status == 403
    answer = desk.post(address, asked)
    assert (answer.status, answer.body["refunds"][0]["amount"]) == (200, euros(500))
    Membership.objects.update(refund_limit=600)
    assert desk.post(address, asked).status == 202


ACTS = [
    "charges/{owed}/waive/",
    "charges/{owed}/paid-by-hand/",
    "charges/{owed}/refund/",
    "payments/{paid}/undo/",
]
FILES = ["charges/{owed}/", "papers/{paper}/", "papers/{paper}/pdf/"]


def address_of(path: str, owed: Charge) -> str:
    payment, paper = Payment.objects.earliest("pk"), Paper.objects.earliest("pk")
    return path.format(owed=owed.uid, paid=payment.uid, paper=paper.uid)


@pytest.mark.parametrize("path", [*ACTS, *FILES])
def test_another_provider_and_nobody_at_all_find_nothing(owed: Charge, school: Provider, path: str) -> None:
    other = Api(token(school, "read", "write", "refunds"))
    asked = CASH | {"amount": euros(100), "reason": "x"}
    at = address_of(path, owed)
    for address in (at, at.replace(at.split("/")[1], str(uuid4()))):
        answer = other.post(address, asked) if path in ACTS else other.get(address)
        assert (answer.status, answer.code) == (404, "not_found")
    assert (Api().post(at, asked) if path in ACTS else Api().get(at)).status == 401
    assert stories.fresh(owed.appointment).status == "completed"
    assert Charge.objects.get().state == "owed"


@pytest.mark.parametrize("path", ACTS)
def test_reading_alone_moves_no_money(studio: Provider, owed: Charge, path: str) -> None:
    asked = CASH | {"amount": euros(100), "reason": "x"}
    assert Api(token(studio, "read")).post(address_of(path, owed), asked).status == 403
    assert Charge.objects.get().state == "owed"


def test_papers_are_listed_found_and_handed_out(schema: Any, owed: Charge, desk: Api) -> None:
    by_hand(desk, owed)
    listed = desk.get("papers/", {"kind": "receipt"})
    held_against(schema, "papers/", "get", listed)
    newest = listed.body["results"][0]
    assert [one["kind"] for one in listed.body["results"]] == ["receipt", "receipt"]
    assert newest["tax"] == {"rate": "22", "name": "IVA", "amount": euros(newest["tax"]["amount"]["amount"])}
    one = desk.get(f"papers/{newest['id']}/")
    held_against(schema, "papers/{id}/", "get", one)
    assert one.body == newest
    assert desk.get("papers/", {"number": newest["number"]}).body["results"] == [newest]
    assert desk.get("papers/", {"client": str(uuid4())}).body["results"] == []
    assert list(desk.get("papers/", {"kind": "poem", "client": "x"}).errors) == ["kind", "client"]


def file_of(desk: Api, path: str, query: dict[str, str] | None = None, **headers: str) -> Any:
    return desk.client.get(f"/api/v1/{path}", query, headers=desk.headers | headers)


@pytest.mark.once
def test_a_paper_is_a_pdf_in_the_clients_language_or_in_another(owed: Charge, desk: Api) -> None:
    path = f"papers/{Paper.objects.earliest('pk').uid}/pdf/"
    for query, language in ({}, b"en"), ({"language": "it"}, b"it"):
        answer = file_of(desk, path, query, Accept="application/pdf")
        assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "no-store")
        assert b"/Lang (" + language + b")" in answer.content
    assert list(desk.get(path, {"language": "xx"}).errors) == ["language"]


def test_a_month_is_told_in_sums_as_a_table_and_on_paper(schema: Any, owed: Charge, desk: Api) -> None:
    months = desk.get("statements/")
    held_against(schema, "statements/", "get", months)
    assert [one["month"] for one in months.body["results"]] == ["2027-03", "2027-02"]
    answer = desk.get("statements/2027-03/")
    held_against(schema, "statements/{month}/", "get", answer)
    assert answer.body["opening"] == {"paid_ahead": euros(2700), "owed": euros(0)}
    assert answer.body["closing"] == {"paid_ahead": euros(0), "owed": euros(owed.amount)}
    assert answer.body["sums"] == {"applied": euros(2700), "charged": euros(owed.amount)}
    table = file_of(desk, "statements/2027-02/csv/", Accept="text/csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(table.streaming_content).decode())))
    assert (rows[1]["what"], rows[1]["paper"]) == ("paid", Paper.objects.earliest("pk").number)
    paper = file_of(desk, "statements/2027-02/pdf/", {"client": str(owed.appointment.client.uid)})
    assert paper.content.startswith(b"%PDF-")
    assert (table["Cache-Control"], paper["Cache-Control"]) == ("no-store", "no-store")


@pytest.mark.parametrize("path", ["", "csv/", "pdf/"])
def test_a_statement_of_anothers_client_or_of_no_month_is_not_there(
    owed: Charge, school: Provider, desk: Api, path: str
) -> None:
    other = Api(token(school, "read"))
    client = {"client": str(owed.appointment.client.uid)}
    assert other.get(f"statements/2027-02/{path}", client).code == "not_found"
    assert desk.get(f"statements/2027-13/{path}").code == "not_found"
    assert list(desk.get(f"statements/2027-02/{path}", {"client": "x"}).errors) == ["client"]
