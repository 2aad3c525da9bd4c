"""Statements: opening plus movements is closing, and every sum is what SQL of its own finds in the ledger."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from booking import lifecycle
from booking.actors import SYSTEM
from booking.models import Appointment, Business, Client, Provider
from payments import charges, ledger, refunds
from payments.models import Charge, Deposit, LedgerEntry, Paper, Refund
from payments.papers import reading, statements, tables, taxes
from payments.papers.statements import Period, Statement
from tests.booking import stories
from tests.booking.stories import EARLY, HOUR, MONDAY

pytestmark = pytest.mark.django_db
ALL_TIME = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


@pytest.fixture
def studio() -> Provider:
    found = stories.studio()
    found.services.update(tax_rate=2200)
    Business.objects.create(provider=found, legal_name="Bianchi S.r.l.", tax_name="IVA")
    return Provider.objects.get(pk=found.pk)


def sql(statement: str, *facts: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return int(cursor.fetchone()[0] or 0)


def charge(appointment: Appointment, amount: int, *, at: datetime) -> Charge:
    return Charge.objects.create(
        appointment=appointment,
        kind="other",
        description="Materials",
        amount=amount,
        currency=appointment.currency,
        created_at=at,
    )


def busy(studio: Provider) -> list[Appointment]:
    """A kept one, one missed and forfeited, one cancelled with money on its way back; something is owed."""
    days = [EARLY, EARLY + HOUR, EARLY + 2 * HOUR]
    kept, missed, cancelled = [
        stories.confirmed(studio, at=at, email=f"{n}@example.com", start=MONDAY + n * timedelta(days=7))
        for n, at in enumerate(days)
    ]
    lifecycle.complete(appointment=kept, by=stories.owner(studio), at=kept.ends_at)
    late = missed.starts_at + 20 * stories.MINUTE
    lifecycle.mark_no_show(appointment=missed, by=stories.owner(studio), at=late)
    lifecycle.settle(at=late + timedelta(days=2))
    deposit = cancelled.deposits.get()
    for refund in refunds.give_back(
        deposit=deposit, amount=1200, reason="staff", by=SYSTEM, at=EARLY + 3 * HOUR
    ):
        refunds.record_result(refund=refund, state=Refund.State.DONE, at=EARLY + 4 * HOUR)
    owed = charge(kept, 1000, at=kept.ends_at)
    charges.take_off(charge=owed, amount=300, at=kept.ends_at + HOUR)
    ledger.post(
        charge=owed,
        source="outside",
        target="applied",
        amount=400,
        reason="paid",
        by=SYSTEM,
        at=kept.ends_at + 2 * HOUR,
    )
    return [kept, missed, cancelled]


def whole(statement: Statement) -> list[Any]:
    return list(statement.movements())


def test_the_sums_are_those_of_the_ledger_by_sql_of_its_own(studio: Provider) -> None:
    busy(studio)
    statement = statements.of(provider=studio, period=ALL_TIME)
    rows = whole(statement)
    assert (statement.opening.ahead, statement.opening.owed) == (0, 0)
    assert statement.closing.ahead == sql("SELECT SUM(held + carried - carried_in) FROM payments_deposit")
    assert statement.closing.owed == sql("SELECT SUM(amount - waived - paid) FROM payments_charge") == 300
    for what, where in {
        "paid": "source = 'outside' AND reason <> 'carried_in'",
        "given_back": "target = 'refunded'",
        "applied": "target = 'applied' AND source <> 'outside'",
        "kept": "target = 'forfeited'",
    }.items():
        assert statement.sums.get(what, 0) == sql(
            f"SELECT SUM(amount) FROM payments_ledgerentry WHERE {where}"
        ), what
    assert len(rows) == sql("SELECT count(*) FROM payments_ledgerentry") + 2
    assert [row.at for row, _now in rows] == sorted(row.at for row, _now in rows)


def reckoned(at: datetime, client: Client | None = None) -> tuple[int, int]:
    """The balances before ``at``, added up from the first movement on."""
    theirs = {"appointment__client": client} if client else {}
    ahead = 0
    for one in LedgerEntry.objects.filter(deposit__in=Deposit.objects.filter(**theirs), at__lt=at):
        if one.reason != "carried_in":
            places = ("held", "carried")
            ahead += one.amount * ((one.target in places) - (one.source in places))
    owed = 0
    for asked in Charge.objects.filter(created_at__lt=at, **theirs):
        left = asked.amount - sum(one.amount for one in asked.waivers.filter(at__lt=at))
        for one in asked.entries.filter(at__lt=at):
            left -= one.amount * ((one.source == "outside") - (one.target == "outside"))
        owed += max(left, 0)
    return ahead, owed


def test_at_every_moment_the_balances_are_all_that_was_before_it(studio: Provider) -> None:
    kept, _missed, _cancelled = busy(studio)
    charge(kept, 500, at=kept.ends_at + 3 * HOUR)
    later = {kept.ends_at, kept.ends_at + HOUR, kept.ends_at + 3 * HOUR}
    moments = later | set(LedgerEntry.objects.values_list("at", flat=True))
    for at in sorted(one + by for one in moments for by in (timedelta(), timedelta(microseconds=1))):
        for client in (None, kept.client):
            found = statements.balances(provider=studio, client=client, at=at)
            assert (found.ahead, found.owed) == reckoned(at, client)


def test_each_month_begins_where_the_one_before_ended(studio: Provider) -> None:
    busy(studio)
    before = None
    for year, month in [(2027, 1), (2027, 2), (2027, 3), (2027, 4)]:
        statement = statements.of(provider=studio, period=statements.month(studio, year, month))
        whole(statement)
        if before:
            assert statement.opening == before
        before = statement.closing
    assert before == statements.balances(provider=studio, at=ALL_TIME.until)


def test_clients_add_up_to_their_provider(studio: Provider) -> None:
    busy(studio)
    every = statements.of(provider=studio, period=ALL_TIME)
    count = len(whole(every))
    parts = [statements.of(provider=studio, period=ALL_TIME, client=one) for one in Client.objects.all()]
    assert sum(len(whole(part)) for part in parts) == count
    assert sum(part.closing.ahead for part in parts) == every.closing.ahead
    assert sum(part.closing.owed for part in parts) == every.closing.owed


def test_nothing_of_another_provider_is_in_it(studio: Provider) -> None:
    busy(studio)
    other = statements.of(provider=stories.school(), period=ALL_TIME)
    assert whole(other) == []
    assert (other.closing.ahead, other.closing.owed) == (0, 0)


def test_a_charge_that_was_paid_too_much_owes_nothing_and_never_less(studio: Provider) -> None:
    owed = charge(stories.confirmed(studio), 1000, at=EARLY)
    for amount in (700, 700):
        ledger.post(
            charge=owed,
            source="outside",
            target="applied",
            amount=amount,
            reason="paid",
            by=SYSTEM,
            at=EARLY + HOUR,
        )
    ledger.post(
        charge=owed,
        source="applied",
        target="refunded",
        amount=400,
        reason="overpaid",
        by=SYSTEM,
        at=EARLY + 2 * HOUR,
    )
    statement = statements.of(provider=studio, period=ALL_TIME)
    assert [now.owed for row, now in whole(statement) if row.rank == 0 or row.owed] == [1000, 300, 0]
    assert statements.balances(provider=studio, at=ALL_TIME.until).owed == 0


def test_a_month_is_that_of_the_provider_s_calendar(studio: Provider) -> None:
    period = statements.month(studio, 2027, 3)
    assert period.since == datetime(2027, 2, 28, 23, 0, tzinfo=UTC)
    assert period.until == datetime(2027, 3, 31, 22, 0, tzinfo=UTC)  # summer time by then
    assert statements.month(studio, 2027, 12).until == datetime(2027, 12, 31, 23, 0, tzinfo=UTC)


def test_tax_by_rate_is_what_the_papers_say_less_what_was_kept_without_tax(studio: Provider) -> None:
    busy(studio)
    lines = taxes.summary(provider=studio, period=Period(ALL_TIME.since, datetime(2100, 1, 1, tzinfo=UTC)))
    assert [(line.rate, line.gross) for line in lines] == [(2200, 3 * 2700 - 1200 - 2700), (None, 2700)]
    receipts = sum(one.tax for one in Paper.objects.filter(kind="receipt"))
    notes = sum(one.tax for one in Paper.objects.filter(kind="credit_note"))
    assert lines[0].tax == receipts - notes - 487
    Business.objects.update(fees_taxed=True)
    lines = taxes.summary(provider=studio, period=Period(ALL_TIME.since, datetime(2100, 1, 1, tzinfo=UTC)))
    assert [(line.rate, line.gross, line.tax) for line in lines] == [
        (2200, 3 * 2700 - 1200, receipts - notes)
    ]


def test_statements_ask_few_questions_however_many_rows(
    studio: Provider, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    busy(studio)
    with django_assert_max_num_queries(17):  # five of them for each five hundred movements
        statement = statements.of(provider=studio, period=ALL_TIME)
        whole(statement)
        taxes.summary(provider=studio, period=ALL_TIME)


def test_the_csv_adds_up_and_has_its_balances(studio: Provider) -> None:
    busy(studio)
    statement = statements.of(provider=studio, period=ALL_TIME)
    lines = list(csv.DictReader(io.StringIO(b"".join(reading.csv(statement)).decode())))
    assert tuple(lines[0]) == reading.COLUMNS
    opening, *moves, closing = lines
    assert (opening["what"], closing["what"]) == ("opening", "closing")
    for column in ("paid_ahead", "owed"):
        changes = sum(Decimal(line[f"{column}_change"]) for line in moves)
        assert Decimal(opening[column]) + changes == Decimal(closing[column])
    assert {line["currency"] for line in lines} == {"EUR"}
    assert moves[0]["amount"] == "27.00"
    assert (moves[0]["tax_percent"], moves[0]["tax"], opening["tax"]) == ("22", "4.87", "")
    of_kind = {
        kind: sum(Decimal(line["tax"]) for line in moves if line["what"] == what and line["tax"])
        for kind, what in (("receipt", "paid"), ("credit_note", "given_back"))
    }
    for kind, tax in of_kind.items():
        assert tax * 100 == sum(Paper.objects.filter(kind=kind).values_list("tax", flat=True)), kind


def test_what_happened_by_kind_adds_up_to_either_balance(studio: Provider) -> None:
    busy(studio)
    statement = statements.of(provider=studio, period=statements.month(studio, 2027, 3))
    whole(statement)
    changes = statement.changes.values()
    assert statement.opening.ahead + sum(one.ahead for one in changes) == statement.closing.ahead
    assert statement.opening.owed + sum(one.owed for one in changes) == statement.closing.owed
    first, *_moves, last = reading.sums(statement)
    assert (first[0], last[0]) == ("At the beginning", "At the end")
    assert {len(row) for row in reading.sums(statement)} == {4}
    *_rates, together = reading.tax_rows(statement)
    assert together[0] == "Together"
    assert all("€" in one for one in together[1:])


def test_no_cell_is_a_formula(studio: Provider) -> None:
    appointment = stories.confirmed(studio)
    Client.objects.update(name='=HYPERLINK("https://example.org")')
    charge(appointment, 1000, at=EARLY)
    made = b"".join(reading.csv(statements.of(provider=studio, period=ALL_TIME))).decode()
    rows = list(csv.reader(io.StringIO(made)))
    assert rows[2][2] == '\'=HYPERLINK("https://example.org")'
    assert made.count("\r\n") == len(rows)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+39 02", "'+39 02"),
        ("-1", "'-1"),
        ("@a", "'@a"),
        ("\tx", "'\tx"),
        ("＝1", "'＝1"),
        ("Ada", "Ada"),
        ("a\0b", "ab"),
        (Decimal("-1.50"), Decimal("-1.50")),
    ],
)
def test_what_a_spreadsheet_would_run_is_text(cell: Any, expected: Any) -> None:
    assert tables.safe(cell) == expected


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (2700, "EUR", "27.00"),
        (2700, "JPY", "2700"),
        (2700, "KWD", "2.700"),
        (270000, "ISK", "2700"),
        (-5, "EUR", "-0.05"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(minor: int, currency: str, expected: str) -> None:
    assert str(tables.amount(minor, currency)) == expected


def test_excel_is_told_that_it_is_utf_8() -> None:
    assert b"".join(tables.rows(["a"], [["ก"]], dialect=tables.EXCEL)) == "\ufeffa\r\nก\r\n".encode()
    assert b"".join(tables.rows(["a"], [['x"y,z']])) == b'a\r\n"x""y,z"\r\n'


def test_excel_in_italian_gets_semicolons_and_numbers_with_a_comma() -> None:
    row = ["a;b", "=1", Decimal("-1234.50"), 3]
    made = b"".join(tables.rows(["a", "b", "c", "d"], [row], dialect=tables.excel("it"))).decode()
    assert made == '\ufeffa;b;c;d\r\n"a;b";\'=1;-1234,50;3\r\n'
    assert tables.excel("th") == tables.excel("en") == tables.Dialect(",", ".", mark=True)


@pytest.mark.parametrize("language", ["en", "it", "th"])
def test_a_statement_can_be_printed_and_is_the_same_each_time(studio: Provider, language: str) -> None:
    client = busy(studio)[0].client
    for one in (None, client):
        made = [
            reading.document(statements.of(provider=studio, period=ALL_TIME, client=one), language=language)
            for _ in range(2)
        ]
        assert made[0] == made[1]
        assert f"/Lang ({language})".encode() in made[0]


def test_too_many_to_print_are_only_summed(studio: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    busy(studio)
    monkeypatch.setattr(reading, "MOST_PRINTED", 3)
    assert reading.document(statements.of(provider=studio, period=ALL_TIME), language="en").startswith(
        b"%PDF-"
    )


def test_what_is_said_of_a_movement_is_in_words() -> None:
    assert set(statements.WHATS) == set(reading.WORDS)
    assert reading.words("kept") == "Kept, as the terms say"
