"""The PDF that all papers are printed on."""

import re
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from payments.papers import fonts
from payments.papers.pdf import Column, Sheet

pytestmark = pytest.mark.pure

MADE_AT = datetime(2027, 3, 5, 8, 30, tzinfo=UTC)


def sheet(*, language="en", title="Receipt R-2027-0001", rows=1, words="Consultation") -> Sheet:
    made = Sheet(title=title, language=language, made_at=MADE_AT, author="Studio Nove", foot="R-2027-0001")
    made.heading(title)
    made.sides(["Studio Nove", "Via Roma 1"], ["Anna Bianchi"])
    made.pairs([("Paid on", "5 March 2027")])
    made.table(
        [Column("What", 3), Column("Amount", right=True)],
        [[words, "€40.00"] for _ in range(rows)],
        totals=[["Total", "€40.00"]],
    )
    made.text("Thank you.", soft=True)
    return made


def pages(document: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", document))


def font_names(document: bytes) -> set[str]:
    return {name.decode() for name in re.findall(rb"/BaseFont /[A-Z]+\+([A-Za-z-]+)", document)}


@pytest.mark.parametrize("amount", ["€40.00", "฿12,345,678.00", "IDR 1.234.567.890,00"])
def test_an_amount_stands_on_one_line_however_long(amount: str) -> None:
    def made(cells: int) -> bytes:
        one = Sheet(title="Statement", language="en", made_at=MADE_AT)
        columns = [Column("What", 2), *(Column("Amount", 1, right=True) for _ in range(5))]
        one.table(columns, [["Paid", *[amount] * cells, *["0"] * (5 - cells)]] * 38)
        return one.bytes()

    assert pages(made(5)) == pages(made(0)) == 1


def test_the_same_facts_give_the_same_bytes():
    assert sheet().bytes() == sheet().bytes()
    assert sheet().bytes() != sheet(words="Another consultation").bytes()


def test_a_document_says_its_language_title_and_author():
    document = sheet(language="th", title="Ricevuta").bytes()
    assert document.startswith(b"%PDF-")
    assert b"/Lang (th)" in document
    assert b"/Title (Ricevuta)" in document
    assert b"/Author (Studio Nove)" in document
    assert b"/DisplayDocTitle true" in document


def test_only_the_fonts_that_a_document_needs_are_in_it():
    assert {name.split("-")[0] for name in font_names(sheet().bytes())} == {"Inter"}
    thai = font_names(sheet(words="ค่านัดหมาย ที่ปรึกษา").bytes())
    assert any("NotoSansThai" in name for name in thai)


@pytest.mark.parametrize("rows, expected", [(1, 1), (30, 1), (70, 2)])
def test_a_long_table_goes_on_over_pages(rows, expected):
    assert pages(sheet(rows=rows).bytes()) == expected


@pytest.mark.parametrize(
    "words",
    [
        "",
        "\x00\x07",
        "محمد",
        "👩‍👩‍👧",
        "e" + "\u0301" * 100,
        "x" * 400,
        "ก" * 400,
        "a\r\nb\u2028c",
        "{nb} **x** \\",
    ],
    ids=["nothing", "control", "arabic", "emoji", "marks", "long_word", "long_thai", "lines", "markup"],
)
def test_anything_may_be_written(words):
    assert sheet(words=words, title=f"T {words}").bytes().startswith(b"%PDF-")


def test_every_letter_of_our_languages_and_currencies_can_be_written():
    found = fonts.letters()
    assert all(ord(letter) in found for letter in "aÀžŁ€฿₫₩Ωжệ–…’ที่กำ")


def test_fonts_are_made_once_and_kept(tmp_path, settings, monkeypatch):
    settings.VAR_DIR = tmp_path
    pattern = fonts.FAMILIES["thai"]
    first = fonts._file(pattern, 400)
    stamp = first.stat().st_mtime_ns
    assert first.parent == tmp_path / "fonts"
    assert fonts._file(pattern, 400).stat().st_mtime_ns == stamp
    assert [one.suffix for one in Path(tmp_path / "fonts").iterdir()] == [".ttf"]


def test_a_machine_without_the_fonts_is_told_what_to_do(monkeypatch, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    monkeypatch.setattr(fonts.finders, "find", lambda name: None)
    with pytest.raises(fonts.FontsMissing, match=r"python -m config\.assets npm"):
        fonts._file(fonts.FAMILIES["inter"], 400)


def test_a_letter_of_another_font_leaves_the_next_cell_alone():
    made = Sheet(title="T", language="th", made_at=MADE_AT)
    made.table([Column("A"), Column("B")], [], totals=[["ชำระแล้ว", "16.50"], ["abc ชำระ", "17"]])
    made.text("ชำระแล้ว and\nmore ชำระ\nplain")
    page = zlib.decompress(re.findall(rb"stream\n(x.*?)\nendstream", made.bytes(), re.S)[0]).decode("latin-1")
    depth = 0
    for word in re.findall(r"(?<!\S)(q|Q|/F\d+)(?!\S)", page):
        depth += {"q": 1, "Q": -1}.get(word, 0)
        # Only the pen's own two weights are ever chosen where they stay chosen.
        assert depth > 0 or word in ("Q", "/F1", "/F2")
    assert depth == 0
