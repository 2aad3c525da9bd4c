"""Papers (receipts, credit notes, corrections) and statements: as JSON, and as the files that people keep."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api import desk_shapes, schema_papers
from booking.api.desk_inputs import paper_filters, statement_filters
from booking.api.doors import PRIVATE, DeskDoor
from booking.models import Client
from config.moment import one_moment
from payments.models import Paper
from payments.papers import printing, reading, statements, tables
from payments.papers.statements import Statement

Query = dict[str, Any]


def of_provider(provider: int) -> QuerySet[Paper]:
    rows = Paper.objects.filter(provider_id=provider).annotate(created_at=F("issued_at"))
    names = ("client", "follows", "refund", "payment__deposit__appointment", "payment__charge__appointment")
    return rows.select_related(*names)


class PapersDoor(DeskDoor):
    @schema_papers.papers
    def get(self, request: Request) -> Response:
        asked = paper_filters(request.query_params)
        return self.listed(of_provider(self.access.provider.pk).filter(**asked), desk_shapes.paper)


class PaperDoor(DeskDoor):
    @schema_papers.paper
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002
        return Response(desk_shapes.paper(self.found(id)), headers=PRIVATE)

    def found(self, uid: UUID) -> Paper:
        found = of_provider(self.access.provider.pk).filter(uid=uid).first()
        if found is None:
            raise Http404
        return found


class FileDoor(DeskDoor):
    """Answers with a file, whatever kind of answer was asked for; its refusals are JSON as everywhere."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)

    @property
    def default_response_headers(self) -> dict[str, str]:
        return super().default_response_headers | PRIVATE


class PaperFileDoor(FileDoor, PaperDoor):
    @schema_papers.paper_file
    def get(self, request: Request, id: UUID) -> HttpResponse:  # noqa: A002
        asked = statement_filters(request.query_params)
        found = self.found(id)
        return printing.response(found, language=asked.get("language", ""))


class StatementsDoor(DeskDoor):
    @schema_papers.statements
    def get(self, request: Request) -> Response:
        """Every month since money first moved, the present one first."""
        provider = self.access.provider
        first = statements.first_moved_at(provider)
        zone = ZoneInfo(provider.timezone)
        months = reading.months(first.astimezone(zone).date() if first else None, until=self.today())
        return Response({"results": [{"month": one} for one in months]}, headers=PRIVATE)

    def today(self) -> date:
        return self.at.astimezone(ZoneInfo(self.access.provider.timezone)).date()


class StatementDoor(DeskDoor):
    @schema_papers.statement
    @one_moment()
    def get(self, request: Request, month: str) -> Response:
        """The month in sums; it walks through every movement to make them."""
        statement = self.asked(month, statement_filters(request.query_params))
        for _line in statement.movements():
            pass
        return Response(desk_shapes.statement(statement, month), headers=PRIVATE)

    def asked(self, month: str, said: Query) -> Statement:
        provider = self.access.provider
        client = (
            Client.objects.filter(provider=provider, uid=said["client"]).first() if "client" in said else None
        )
        if "client" in said and client is None:
            raise Http404
        year, number = (int(part) for part in month.split("-"))
        period = statements.month(provider, year, number)
        return statements.of(provider=provider, period=period, client=client)


class StatementTableDoor(FileDoor, StatementDoor):
    @schema_papers.statement_table
    @one_moment()
    def get(self, request: Request, month: str) -> StreamingHttpResponse:
        statement = self.asked(month, statement_filters(request.query_params))
        table = tables.whole(reading.csv(statement))
        return StreamingHttpResponse(table, content_type="text/csv; charset=utf-8")


class StatementFileDoor(FileDoor, StatementDoor):
    @schema_papers.statement_file
    @one_moment()
    def get(self, request: Request, month: str) -> HttpResponse:
        said = statement_filters(request.query_params)
        language = said.get("language", self.access.provider.language)
        body = reading.document(self.asked(month, said), language=language)
        return HttpResponse(body, content_type="application/pdf")
