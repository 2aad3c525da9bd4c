"""Papers and statements at the desk, and the client's own."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from booking import tokens
from booking.models import Appointment, Provider
from payments.models import Paper
from tests.booking import stories
from tests.booking.dashboard.people import browser, member, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(studio: Provider) -> Appointment:
    return stories.confirmed(studio)


def is_pdf(answer: object) -> bool:
    return answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF-")  # type: ignore[index, attr-defined]


def test_papers_are_listed_found_and_opened(desk: Browser, paid: Appointment) -> None:
    paper = Paper.objects.get()
    assert paper.number in text(desk.get("/dashboard/money/papers/"))
    assert paper.number in text(desk.get("/dashboard/money/papers/?q=ada&kind=receipt"))
    assert "Nothing found" in text(desk.get("/dashboard/money/papers/?kind=credit_note"))
    answer = desk.get(f"/dashboard/money/papers/{paper.uid}.pdf")
    assert is_pdf(answer)
    assert answer["Content-Disposition"] == f'inline; filename="{paper.number}.pdf"'
    assert is_pdf(desk.get(f"/dashboard/money/papers/{paper.uid}.pdf?language=th"))
    assert paper.number in text(desk.get(f"/dashboard/money/{paid.deposits.get().uid}/"))


def test_before_there_are_any_the_page_says_what_will_stand_there(desk: Browser) -> None:
    assert "No papers yet" in text(desk.get("/dashboard/money/papers/"))


def test_another_s_paper_is_not_there(studio: Provider, paid: Appointment) -> None:
    other = browser(member(stories.school(), "owner", "other@example.org"))
    uid = Paper.objects.get().uid
    assert other.get(f"/dashboard/money/papers/{uid}.pdf").status_code == 404
    assert str(uid) not in text(other.get("/dashboard/money/papers/"))
    for kind in ("csv", "pdf"):
        path = f"/dashboard/money/statements/statement.{kind}?client={paid.client.uid}"
        assert other.get(path).status_code == 404


def test_the_client_finds_the_receipt_on_the_appointment_s_page(client: Browser, paid: Appointment) -> None:
    paper, path = Paper.objects.get(), tokens.manage_path(paid)
    assert f"Receipt {paper.number}" in text(client.get(path))
    answer = client.get(f"{path}papers/{paper.uid}.pdf")
    assert is_pdf(answer)
    assert answer["Cache-Control"] == "no-store"


def test_a_client_sees_no_paper_of_another_appointment(
    client: Browser, studio: Provider, paid: Appointment
) -> None:
    later = stories.MONDAY + 7 * 24 * stories.HOUR
    other = stories.confirmed(studio, email="b@example.com", start=later)
    uid = Paper.objects.get(client=other.client).uid
    assert client.get(f"{tokens.manage_path(paid)}papers/{uid}.pdf").status_code == 404


def test_a_statement_is_shown_and_taken_away_as_csv_and_pdf(desk: Browser, paid: Appointment) -> None:
    month = f"month={paid.created_at:%Y-%m}"
    shown = text(desk.get(f"/dashboard/money/statements/?{month}"))
    assert "At the end" in shown
    assert "€27.00" in shown
    answer = desk.get(f"/dashboard/money/statements/statement.csv?{month}&excel")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("\ufeffdate,time,client")
    assert len(lines) == 1 + 1 + 1 + 1
    assert is_pdf(desk.get(f"/dashboard/money/statements/statement.pdf?{month}"))
    assert is_pdf(
        desk.get(f"/dashboard/money/statements/statement.pdf?{month}&client={paid.client.uid}&theirs")
    )


@pytest.mark.parametrize("month", ["", "2027-13", "x", "9999-01"])
def test_a_month_that_is_none_is_the_present_one(desk: Browser, paid: Appointment, month: str) -> None:
    assert "Statement, February 2027" in text(desk.get(f"/dashboard/money/statements/?month={month}"))


@pytest.mark.parametrize("client", ["x", "00000000-0000-0000-0000-000000000000"])
def test_a_client_who_is_nobody_is_not_found(desk: Browser, client: str) -> None:
    assert desk.get(f"/dashboard/money/statements/?client={client}").status_code == 404
