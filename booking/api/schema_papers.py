"""The words of the OpenAPI schema for papers and statements."""

from __future__ import annotations

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from booking.api import desk_outputs as outputs
from booking.api.schema import LANGUAGE, Decorator, answers, described, query
from booking.api.schema_desk import ID, READS, listed, one
from payments.models import Paper

SPOKEN = [code for code, _name in settings.LANGUAGES]
MONTH = OpenApiParameter(
    "month", str, OpenApiParameter.PATH, description="A month of the provider's calendar, as 2027-03."
)
CLIENT = query("client", OpenApiTypes.UUID, "The `id` of a client; all of them when left out.")


def file(summary: str, kind: str, *parameters: OpenApiParameter) -> Decorator:
    """An answer that is no JSON."""
    no = {code: said for code, said in answers(None, no=READS).items() if code != 200}
    made = OpenApiResponse(OpenApiTypes.BINARY, "The file.")
    return extend_schema(
        summary=summary,
        responses={(200, kind): made} | no,
        parameters=[*parameters, LANGUAGE],
        tags=["money"],
    )


def language(otherwise: str) -> OpenApiParameter:
    return query("language", str, f"{otherwise} when left out.", enum=SPOKEN)


papers = listed(
    "Receipts, credit notes and corrections, newest first.",
    outputs.PaperOutput,
    "money",
    "papers_list",
    query("kind", str, "", enum=Paper.Kind.values),
    query("client", OpenApiTypes.UUID, "The `id` of a client."),
    query("number", str, "As it is printed."),
)
paper = one("One paper.", outputs.PaperOutput, "money")
paper_file = file("A paper as PDF.", "application/pdf", ID, language("That of its client"))
statements = described(
    "The months that have a statement, the present one first.",
    outputs.StatementsOutput,
    no=READS,
    tag="money",
    id="statements_list",
)
statement = described(
    "A month in sums: what was paid ahead and owed before and after it, and the tax in what was received.",
    outputs.StatementOutput,
    no=READS,
    parameters=(MONTH, CLIENT),
    tag="money",
)
statement_table = file("Every movement of a month as CSV.", "text/csv", MONTH, CLIENT)
statement_file = file(
    "A month as PDF.", "application/pdf", MONTH, CLIENT, language("The provider's language")
)
