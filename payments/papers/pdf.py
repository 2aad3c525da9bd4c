"""A sheet of paper as PDF: headings, lines, tables, page numbers, in Latin, Greek, Cyrillic and Thai.

The same facts give the same bytes: nothing in it comes from the clock or from chance. What no font
of ours can write (an emoji, a script that we lack) is shown as a question mark."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import Align, WrapMode
from fpdf.prefs import ViewerPreferences

from payments.papers import fonts

logging.getLogger("fpdf").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)

INK = (22, 33, 30)
SOFT = (81, 96, 91)
LINE = (217, 224, 220)
ACCENT = (11, 106, 87)
BAND = (237, 241, 238)
MARGIN = 18.0
FOOT = 20.0
SIZES = {1: 18.0, 2: 12.5, 3: 10.5}
BODY = 9.5
CELL = 9.0
SMALL = 8.0
SMALLEST = 6.0
LEADING = 1.5  # Thai vowels and tone marks stand above and below the line
UNKNOWN = "?"
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200c-\u200f\u2028-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
THAI_WORD = re.compile("[\u0e00-\u0e7f]{12,}")
# A vowel that is written before its consonant begins a syllable: a line may end before it.
THAI_START = re.compile("(?<=[\u0e00-\u0e3f\u0e45-\u0e7f])(?=[\u0e40-\u0e44])")
MAY_BREAK = "\u200b"


class Column(NamedTuple):
    """A column of a table; ``width`` is its share of the page."""

    title: str
    width: float = 1.0
    right: bool = False


class Sheet:
    """One document, written from top to bottom and closed by ``bytes``."""

    def __init__(
        self, *, title: str, language: str, made_at: datetime, author: str = "", foot: str = ""
    ) -> None:
        self.title, self.language, self.foot = title, language, foot
        self._made_at, self._author = made_at, author
        self._steps: list[Callable[[FPDF], None]] = []
        self._letters: set[str] = set(title + foot + "0123456789…" + UNKNOWN)

    # --- What may stand on it ---

    def heading(self, text: str, *, level: int = 1, colour: str = "") -> None:
        """A heading, also listed in the document's outline; the first one may have a ``colour``, as #0b6a57."""
        self._add(_heading, _clean(text), level, _read(colour) if colour else ACCENT)

    def picture(self, content: bytes, *, width: float, height: float, words: str) -> None:
        """A picture at the beginning of the line, ``width`` and ``height`` in mm."""
        self._steps.append(
            partial(_picture, content=content, width=width, height=height, words=_clean(words))
        )

    def text(self, text: str, *, soft: bool = False, strong: bool = False, small: bool = False) -> None:
        """A paragraph; line breaks in it stay."""
        self._add(_text, _clean(text), soft, strong, small)

    def pairs(self, rows: Iterable[tuple[str, str]], *, label_width: float = 0.34) -> None:
        """Labels and their values, one below the other."""
        self._add(_pairs, [(_clean(label), _clean(value)) for label, value in rows], label_width)

    def sides(self, left: Sequence[str], right: Sequence[str]) -> None:
        """Two addresses beside each other; the first line of each stands out."""
        self._add(_sides, [_clean(line) for line in left], [_clean(line) for line in right])

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Sequence[str]],
        *,
        totals: Iterable[Sequence[str]] = (),
    ) -> None:
        """Rows under a head that is repeated on each page; ``totals`` stand out at the end."""
        head = [Column(_clean(one.title), one.width, one.right) for one in columns]
        body = [[_clean(cell) for cell in row] for row in rows]
        last = [[_clean(cell) for cell in row] for row in totals]
        self._add(_table, head, body, last)

    def gap(self, mm: float = 4.0) -> None:
        self._add(_gap, mm)

    def bytes(self) -> bytes:
        """The document."""
        pdf = self._opened()
        for step in self._steps:
            step(pdf)
        self._number(pdf)
        return bytes(pdf.output())

    # --- How it is made ---

    def _add(self, step: Callable[..., None], *words: Any) -> None:
        _collect(self._letters, words)
        self._steps.append(partial(_apply, step, words))

    def _opened(self) -> FPDF:
        pdf = FPDF(unit="mm", format="A4")
        pdf.set_margins(MARGIN, MARGIN, MARGIN)
        pdf.set_auto_page_break(True, margin=FOOT)
        pdf.set_title(_clean(self.title))
        pdf.set_author(self._author)
        pdf.set_creator("Kept")
        pdf.set_producer("Kept")
        pdf.set_lang(self.language)
        pdf.set_creation_date(self._made_at)
        pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        with translation.override(self.language):
            letters = "".join(self._letters) + _page_of(0, 0)
        found = fonts.needed(letters)
        for family in found:
            for style, file in family.files.items():
                pdf.add_font(family.name, style, file)
        pdf.set_fallback_fonts([family.name for family in found[1:]], exact_match=True)
        pdf.set_text_shaping(True)
        pdf.add_page()
        _pen(pdf)
        return pdf

    def _number(self, pdf: FPDF) -> None:
        """The foot of each page, when it is known how many there are."""
        pdf.set_auto_page_break(False)
        pages = pdf.pages_count
        for page in range(1, pages + 1):
            pdf.page = page
            pdf.set_xy(MARGIN, pdf.h - 14)
            _pen(pdf, size=SMALL, colour=SOFT)
            _cell(pdf, pdf.epw * 0.7, 5, _clean(self.foot))
            with translation.override(self.language):
                _cell(pdf, pdf.epw * 0.3, 5, _page_of(page, pages), right=True)


def _page_of(page: int, pages: int) -> str:
    return _("Page %(page)s of %(pages)s") % {"page": page, "pages": pages}


def _apply(step: Callable[..., None], words: Sequence[Any], pdf: FPDF) -> None:
    step(pdf, *words)


def _collect(letters: set[str], words: Any) -> None:
    if isinstance(words, str):
        letters.update(words)
    elif isinstance(words, (list, tuple)):
        for word in words:
            _collect(letters, word)


def _clean(text: str) -> str:
    """Composed, without what cannot be seen, each letter one that we can write."""
    seen = UNSEEN.sub("", unicodedata.normalize("NFC", str(text)).replace("\r\n", "\n"))
    known = fonts.letters()
    written = "".join(one if ord(one) in known or one == "\n" else "\x00" for one in seen)
    written = re.sub("\\x00+", UNKNOWN, written)
    return THAI_WORD.sub(lambda found: THAI_START.sub(MAY_BREAK, found[0]), written)


def _pen(pdf: FPDF, *, size: float = BODY, strong: bool = False, colour: tuple[int, int, int] = INK) -> float:
    """Takes the pen; returns how high a line is."""
    pdf.set_font(fonts.FIRST, "B" if strong else "", size)
    pdf.set_text_color(*colour)
    return size * 0.3528 * LEADING


def _room(pdf: FPDF, height: float) -> None:
    """A new page where ``height`` does not fit any more."""
    if pdf.get_y() + height > pdf.h - FOOT:
        pdf.add_page()


def _cell(
    pdf: FPDF, width: float, line: float, text: str, *, right: bool = False, fill: bool = False
) -> None:
    """One line of one cell. In a context of its own: a letter from another font would leave that font in
    the page's state, and what comes next would be written with the wrong letters."""
    with pdf.local_context():
        pdf.cell(width, line, text, align=Align.R if right else Align.L, fill=fill)


def _write(pdf: FPDF, line: float, text: str) -> None:
    """A paragraph over the whole width, line by line."""
    for words in _lines(pdf, pdf.epw, text):
        _room(pdf, line)
        _cell(pdf, pdf.epw, line, words)
        pdf.ln(line)


def _read(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def _picture(pdf: FPDF, *, content: bytes, width: float, height: float, words: str) -> None:
    pdf.image(content, x=MARGIN, y=pdf.get_y(), w=width, h=height, alt_text=words)
    pdf.set_y(pdf.get_y() + height + 5)


def _heading(pdf: FPDF, text: str, level: int, colour: tuple[int, int, int]) -> None:
    pdf.ln(0 if level == 1 else 4)
    line = _pen(pdf, size=SIZES[level], strong=True, colour=colour if level == 1 else INK)
    _room(pdf, line * 2 + 6)
    pdf.start_section(text, level - 1, strict=False)
    line = _pen(pdf, size=SIZES[level], strong=True, colour=colour if level == 1 else INK)
    _write(pdf, line, text)
    pdf.ln(1.5)


def _text(pdf: FPDF, text: str, soft: bool, strong: bool, small: bool) -> None:
    line = _pen(pdf, size=SMALL if small else BODY, strong=strong, colour=SOFT if soft else INK)
    _write(pdf, line, text)
    pdf.ln(1)


def _gap(pdf: FPDF, mm: float) -> None:
    pdf.ln(mm)


def _lines(pdf: FPDF, width: float, text: str) -> list[str]:
    found = pdf.multi_cell(width, 5, text, dry_run=True, output="LINES", wrapmode=WrapMode.WORD)
    return list(found) or [""]  # type: ignore[arg-type]


def _pairs(pdf: FPDF, rows: list[tuple[str, str]], share: float) -> None:
    for label, value in rows:
        line = _pen(pdf)
        left, right = pdf.epw * share, pdf.epw * (1 - share)
        labels, values = _lines(pdf, left, label), _lines(pdf, right, value)
        for n in range(max(len(labels), len(values))):
            _room(pdf, line)
            _pen(pdf, colour=SOFT)
            _cell(pdf, left, line, labels[n] if n < len(labels) else "")
            _pen(pdf)
            _cell(pdf, right, line, values[n] if n < len(values) else "")
            pdf.ln(line)
        pdf.ln(0.6)
    pdf.ln(2)


def _sides(pdf: FPDF, left: list[str], right: list[str]) -> None:
    half = pdf.epw / 2 - 4
    line = _pen(pdf)
    columns = []
    for side in (left, right):
        lines: list[tuple[str, bool]] = []
        for n, words in enumerate(side):
            _pen(pdf, strong=n == 0)
            lines += [(one, n == 0) for one in _lines(pdf, half, words)]
        columns.append(lines)
    for n in range(max(map(len, columns), default=0)):
        _room(pdf, line)
        for side_lines in columns:
            words, strong = side_lines[n] if n < len(side_lines) else ("", False)
            _pen(pdf, strong=strong)
            _cell(pdf, half + 8, line, words)
        pdf.ln(line)
    pdf.ln(3)


def _table(pdf: FPDF, columns: list[Column], rows: list[list[str]], totals: list[list[str]]) -> None:
    whole = sum(one.width for one in columns)
    widths = [pdf.epw * one.width / whole for one in columns]
    titles = [one.title for one in columns]

    def head() -> None:
        _row(pdf, columns, widths, titles, strong=True, band=True)

    size = _fitting(pdf, columns, widths, [*rows, *totals])
    _room(pdf, 16)
    head()
    for row in rows:
        _row(pdf, columns, widths, row, size=size, again=head)
    for row in totals:
        _row(pdf, columns, widths, row, size=size, strong=True, again=head)
    pdf.ln(3)


def _fitting(pdf: FPDF, columns: list[Column], widths: list[float], rows: list[list[str]]) -> float:
    """The size at which no amount is broken over two lines, as far as people can read it."""
    _pen(pdf, size=CELL, strong=True)
    need = 1.0
    for n, column in enumerate(columns):
        longest = max((row[n] for row in rows), key=len, default="") if column.right else ""
        need = max(need, pdf.get_string_width(longest) / (widths[n] - 2 * pdf.c_margin))
    return max(SMALLEST, CELL / need)


def _row(
    pdf: FPDF,
    columns: list[Column],
    widths: list[float],
    row: Sequence[str],
    *,
    size: float = SMALL,
    strong: bool = False,
    band: bool = False,
    again: Any = None,
) -> None:
    line = _pen(pdf, size=size, strong=strong)
    cells = [_lines(pdf, width, cell) for width, cell in zip(widths, row, strict=True)]
    lines = max(map(len, cells))
    if pdf.get_y() + line * min(lines, 12) + 2 > pdf.h - FOOT:
        pdf.add_page()
        if again:
            again()
    for n in range(lines):
        if pdf.get_y() + line > pdf.h - FOOT:
            pdf.add_page()
        _pen(pdf, size=size, strong=strong, colour=SOFT if band else INK)
        pdf.set_fill_color(*BAND)
        for column, width, cell in zip(columns, widths, cells, strict=True):
            words = cell[n] if n < len(cell) else ""
            _cell(pdf, width, line + 0.6, words, right=column.right, fill=band)
        pdf.ln(line + 0.6)
    if not band:
        pdf.set_draw_color(*LINE)
        pdf.line(MARGIN, pdf.get_y() + 0.2, MARGIN + pdf.epw, pdf.get_y() + 0.2)
        pdf.ln(0.8)
