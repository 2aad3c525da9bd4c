"""Tables for spreadsheets: RFC 4180, UTF-8, and no cell that a spreadsheet would run (ASVS 1.2.10)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from policies.rules import money

MARK = "\ufeff"  # tells Excel that it is UTF-8
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


class _Line:
    """What the csv module writes to: it hands the line back."""

    def write(self, line: str) -> str:
        return line


def rows(head: Sequence[str], body: Iterable[Sequence[Any]], *, mark: bool = False) -> Iterator[bytes]:
    """The lines, one by one. Numbers stay numbers; ``mark`` puts the sign before it that Excel wants."""
    writer = csv.writer(_Line(), lineterminator="\r\n")
    if mark:
        yield MARK.encode()
    yield _written(writer, head)
    for row in body:
        yield _written(writer, row)


def _written(writer: Any, row: Sequence[Any]) -> bytes:
    line: str = writer.writerow([safe(cell) for cell in row])
    return line.encode("utf-8", "replace")


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
