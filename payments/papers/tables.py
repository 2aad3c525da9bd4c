"""Tables for spreadsheets: RFC 4180, UTF-8, and no cell that a spreadsheet would run (ASVS 1.2.10)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple, cast

from policies.rules import money

MARK = "\ufeff"  # tells Excel that it is UTF-8
IN_MEMORY = 2**20  # bytes
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


class Dialect(NamedTuple):
    """How a spreadsheet wants its table: what stands between cells, before decimals, and before all."""

    between: str = ","
    point: str = "."
    mark: bool = False


PLAIN = Dialect()
# Excel reads a table by the habits of its country: where decimals follow a comma, a semicolon parts the cells.
EXCEL = Dialect(mark=True)
EXCEL_BY_LANGUAGE = {"it": Dialect(";", ",", mark=True)}


class _Line:
    """What the csv module writes to: it hands the line back."""

    def write(self, line: str) -> str:
        return line


def excel(language: str) -> Dialect:
    """That of Excel where this language is spoken."""
    return EXCEL_BY_LANGUAGE.get(language, EXCEL)


def rows(head: Sequence[str], body: Iterable[Sequence[Any]], *, dialect: Dialect = PLAIN) -> Iterator[bytes]:
    """The lines, one by one. Numbers stay numbers."""
    writer = csv.writer(_Line(), delimiter=dialect.between, lineterminator="\r\n")
    if dialect.mark:
        yield MARK.encode()
    yield _written(writer, head, dialect)
    for row in body:
        yield _written(writer, row, dialect)


def whole(lines: Iterable[bytes]) -> IO[bytes]:
    """All the lines at once, to be sent at the pace of whoever reads them: a long table waits on the disk."""
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115, the answer that sends it closes it
    file.writelines(lines)
    file.seek(0)
    return cast(IO[bytes], file)


def _written(writer: Any, row: Sequence[Any], dialect: Dialect) -> bytes:
    line: str = writer.writerow([_cell(one, dialect) for one in row])
    return line.encode("utf-8", "replace")


def _cell(cell: Any, dialect: Dialect) -> Any:
    if isinstance(cell, (Decimal, float)) and dialect.point != ".":
        return str(cell).replace(".", dialect.point)
    return safe(cell)


def safe(cell: Any) -> Any:
    """The cell, and text that begins like a formula behind an apostrophe."""
    if isinstance(cell, str):
        cell = cell.replace("\0", "")
        return f"'{cell}" if cell.startswith(DANGEROUS) else cell
    return cell


def amount(minor: int, currency: str) -> Decimal:
    """An amount with the decimals that people write: 27.00, 2700, 2.700."""
    digits = money.digits(currency)
    if money.coin(currency) > 1:  # ISK, UGX: sent in hundredths, written without
        return Decimal(minor).scaleb(-digits).quantize(Decimal(1))
    return Decimal(minor).scaleb(-digits)
