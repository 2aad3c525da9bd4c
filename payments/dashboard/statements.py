"""Statements: a month, of everybody or of one client, on the page, for spreadsheets and on paper.

Each is read as of one moment: a payment that arrives meanwhile is in the movements, balances and taxes, or in none."""

from __future__ import annotations

import re
from datetime import date
from itertools import islice
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from booking.dashboard.access import at_desk, page
from booking.dashboard.desk import Desk
from booking.models import Client
from booking.texts import text_in
from config import formats
from config.moment import one_moment
from payments.dashboard.tabs import tabs
from payments.papers import reading, statements, tables, ways
from payments.papers.statements import Balances, Movement, Statement

SHOWN = 100
MONTH = re.compile(r"(20\d\d|21\d\d)-(0[1-9]|1[0-2])")
YEARS_BACK = 3


@require_safe
@at_desk()
@one_moment()
def overview(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The month in sums, and its newest movements."""
    statement, asked = _asked(request, desk)
    newest: list[tuple[Movement, Balances]] = []
    for line in statement.movements():
        newest.append(line)
        if len(newest) > 2 * SHOWN:
            del newest[:SHOWN]
    context: dict[str, Any] = {
        "asked": asked,
        "months": _months(desk),
        "clients": desk.clients.filter(erased_at=None).order_by("name", "pk").only("uid", "name")[:500],
        "title": reading.title(statement),
        "sums": reading.sums(statement),
        "ways": ways.rows(statement),
        "taxes": reading.tax_rows(statement),
        "rows": _rows(desk, list(islice(reversed(newest), SHOWN))),
        "shortened": len(newest) > SHOWN,
        "query": f"month={asked['month']}&client={asked['client']}",
        "tabs": tabs("desk_statements"),
    }
    return page(request, desk, "dashboard/money/statements.html", section="money", **context)


@require_safe
@at_desk()
@one_moment()
def csv(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """Every movement, line by line. ``excel`` writes it as Excel reads tables in the reader's language."""
    statement, asked = _asked(request, desk)
    dialect = tables.excel(_spoken()) if "excel" in request.GET else tables.PLAIN
    answer = StreamingHttpResponse(
        tables.whole(reading.csv(statement, dialect=dialect)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{_name(desk, asked)}.csv"'},
    )
    return cast(HttpResponse, answer)


@require_safe
@at_desk()
@one_moment()
def pdf(request: HttpRequest, *, desk: Desk) -> HttpResponse:
    """The same on paper, in the reader's language, or in the client's."""
    statement, asked = _asked(request, desk)
    theirs = statement.client.language if statement.client and "theirs" in request.GET else ""
    return HttpResponse(
        reading.document(statement, language=theirs or _spoken()),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{_name(desk, asked)}.pdf"'},
    )


def _spoken() -> str:
    return (get_language() or "en").split("-")[0]


def _asked(request: HttpRequest, desk: Desk) -> tuple[Statement, dict[str, str]]:
    """The statement of the query; the present month where it names none that could be."""
    said = MONTH.fullmatch(request.GET.get("month", ""))
    today = _today(desk)
    year, month = (int(said[1]), int(said[2])) if said else (today.year, today.month)
    client = _client(desk, request.GET.get("client", ""))
    period = statements.month(desk.provider, year, month)
    asked = {"month": f"{year}-{month:02}", "client": str(client.uid) if client else ""}
    return statements.of(provider=desk.provider, period=period, client=client), asked


def _client(desk: Desk, said: str) -> Client | None:
    if not said:
        return None
    try:
        return get_object_or_404(desk.clients, uid=UUID(said))
    except ValueError:
        raise Http404 from None


def _today(desk: Desk) -> date:
    return desk.at.astimezone(ZoneInfo(desk.zone)).date()


def _months(desk: Desk) -> list[tuple[str, str]]:
    """From this month back."""
    today = _today(desk)
    back = [today.year * 12 + today.month - 1 - n for n in range(12 * YEARS_BACK)]
    return [(f"{n // 12}-{n % 12 + 1:02}", formats.month(date(n // 12, n % 12 + 1, 1))) for n in back]


def _name(desk: Desk, asked: dict[str, str]) -> str:
    return f"{slugify(desk.provider.slug)}-{asked['month']}"


def _rows(desk: Desk, lines: list[tuple[Movement, Balances]]) -> list[dict[str, Any]]:
    numbers = [one.paper for one, _now in lines if one.paper]
    papers = {paper.number: paper for paper in desk.papers.filter(number__in=numbers)}
    return [_row(desk, one, now) | {"paper": papers.get(one.paper)} for one, now in lines]


def _row(desk: Desk, one: Movement, now: Balances) -> dict[str, Any]:
    return {
        "day": formats.short_day(one.at, desk.zone),
        "client": one.client,
        "service": text_in(one.service, fallback=desk.provider.language),
        "appointment": one.appointment,
        "what": reading.words(one.what),
        "amount": one.amount,
        "ahead": now.ahead,
        "owed": now.owed,
    }
