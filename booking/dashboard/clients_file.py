"""A list of clients from another tool: any spreadsheet saved as CSV, its columns told by their headings."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from rest_framework import serializers

from booking.api.fields import Email, Line, Text, e164
from booking.models import Provider
from config.refusal import Refusal

MOST_ROWS = 5000
LONGEST_NOTE = 4000
# Headings as the exports of Calendly, Acuity and Square have them, and as people type them; letters alone count.
HEADINGS = {
    "first": ("firstname", "inviteefirstname", "givenname", "first", "nome"),
    "last": ("lastname", "inviteelastname", "familyname", "surname", "last", "cognome"),
    "name": ("name", "fullname", "inviteename", "clientname", "customername", "client", "nomecompleto", "ชื่อ"),
    "email": ("email", "emailaddress", "inviteeemail", "customeremail", "clientemail", "mail", "อีเมล"),
    "phone": (
        "phone",
        "phonenumber",
        "mobile",
        "mobilephone",
        "textremindernumber",
        "telephone",
        "cellphone",
        "telefono",
        "cellulare",
        "โทรศัพท์",
    ),
    "note": ("notes", "note", "memo", "comments", "หมายเหตุ"),
}


class NotAList(Refusal):
    """The file is no list of clients; the words say why."""

    code = "not_a_list"
    status = 400


@dataclass(frozen=True)
class Row:
    """One client; ``line`` is where the file has it, ``wrong`` what is not right, with its column."""

    line: int
    name: str = ""
    email: str = ""
    phone: str = ""
    note: str = ""
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """``columns`` says which heading was taken for what, ``unused`` which for nothing."""

    rows: list[Row]
    columns: dict[str, str]
    unused: list[str]


def decoded(content: bytes) -> str:
    """The text of a file, as spreadsheets save it: UTF-8, UTF-16 with its mark, else Windows' Latin."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read(text: str, *, provider: Provider) -> Found:
    """Every row of the list. What is wrong in a row is said with it and holds no other up. Raises `NotAList`."""
    if "\0" in text:
        raise NotAList(_("This is not a CSV file. Save the list as CSV, with headings in the first line."))
    lines = _lines(text)
    try:
        headings = next(lines)[1]
    except StopIteration:
        raise NotAList(_("The file is empty.")) from None
    known = _known(headings)
    if "email" not in known:
        raise NotAList(
            _("No column is called “E-mail”. Put headings in the first line: name, e-mail, phone, notes.")
        )
    rows: list[Row] = []
    for line, cells in lines:
        if len(rows) == MOST_ROWS:
            raise NotAList(_("At most %(most)d clients at once. Split the file.") % {"most": MOST_ROWS})
        rows.append(
            _row(line, {what: _cell(cells, at) for what, at in known.items()}, headings, known, provider)
        )
    taken = {headings[at].strip(): what for what, at in known.items()}
    return Found(rows, taken, [one.strip() for one in headings if one.strip() and one.strip() not in taken])


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.lstrip().partition("\n")[0]
    comma = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=comma)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error:
        raise NotAList(
            _("Line %(line)d cannot be read. Save the list as CSV once more.") % {"line": reader.line_num + 1}
        ) from None


def _known(headings: list[str]) -> dict[str, int]:
    said = [_letters(one) for one in headings]
    return {
        what: said.index(name) for what, names in HEADINGS.items() for name in reversed(names) if name in said
    }


def _letters(heading: str) -> str:
    plain = unicodedata.normalize("NFC", heading).casefold()
    return "".join(one for one in plain if one.isalpha() or unicodedata.category(one) == "Mn")


def _cell(cells: list[str], at: int) -> str:
    return cells[at].strip() if at < len(cells) else ""


def _row(
    line: int, said: dict[str, str], headings: list[str], known: dict[str, int], provider: Provider
) -> Row:
    name = said.get("name") or f"{said.get('first', '')} {said.get('last', '')}".strip()
    wrong: list[str] = []

    def checked(what: str, value: str, shape: serializers.CharField) -> str:
        try:
            return str(shape.run_validation(value))
        except serializers.ValidationError as no:
            column = headings[known[what]].strip() if what in known else _("Name")
            reason = no.detail[0] if isinstance(no.detail, list) else no.detail
            wrong.append(f"{column}: {reason}")
            return value

    email = checked("email", said["email"], Email()).lower()
    name = checked("name", name or email.partition("@")[0], Line(max_length=200))
    note = checked("note", said.get("note", ""), Text(max_length=LONGEST_NOTE, allow_blank=True))
    phone = said.get("phone", "").lstrip("'")
    number = e164(phone, like=provider.phone, zone=provider.timezone) if phone else ""
    if number is None:
        column = headings[known["phone"]].strip()
        wrong.append(f"{column}: " + _("Write the number with its country, as +39 02 5555 0101."))
    return Row(line, name, email, number or "", note, wrong)
