"""What a provider may say in its own words, and what stands in braces there.

Subject, heading, opening and closing are manner; times, places, money, terms and links between them are
facts and stay ours (rule 12). A text is filled in one go, so that nothing a client typed is looked through
for placeholders again, and a name makes no address out of the words around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Mode
from reminders.wording import safe
from reminders.wording.case import Case
from reminders.wording.letter import CLOSING, OPENING, Block, Link, Note, Prose, Words
from reminders.wording.shared import Draft, how, subject_day

LONGEST_LINE, LONGEST_TEXT = 150, 3_000
ONE_LINE = ("subject", "heading")
_BRACED = re.compile(r"\{([^{}]*)\}")
_JOINS_BEFORE, _JOINS_AFTER = re.compile(r"[\w./:@-]$"), re.compile(r"[\w./:@-]+\w")


@dataclass(frozen=True)
class Placeholder:
    """``words`` says what it becomes; a ``long`` one has no place in a subject or heading, and one
    ``of_appointment`` is left out of letters that are about none."""

    words: str | Promise
    value: Callable[[Case], str | Link]
    long: bool = False
    of_appointment: bool = True


def _where(case: Case) -> str:
    if case.appointment.mode == Mode.IN_PERSON:
        return safe.line(case.place.get("address") or "") or how(case)
    return how(case)


def _when(case: Case) -> str:
    return case.moment(case.appointment.starts_at)


def _page(case: Case) -> Link:
    return Link(_("your appointment's page"), case.manage_url)


PLACEHOLDERS: Mapping[str, Placeholder] = {
    "client": Placeholder(gettext_lazy("The client's name"), lambda case: case.client, of_appointment=False),
    "service": Placeholder(gettext_lazy("What was booked"), lambda case: case.service),
    "when": Placeholder(gettext_lazy("Day and time, on the client's clock"), _when),
    "where": Placeholder(gettext_lazy("The address, or how you meet"), _where),
    "provider": Placeholder(gettext_lazy("Your name"), lambda case: case.provider, of_appointment=False),
    "link": Placeholder(gettext_lazy("A link to the client's page of the appointment"), _page, long=True),
}


# --- Is it right? -----------------------------------------------------------------------------------


def problems(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """What is wrong in each text, by the name of its field; nothing where all is well."""
    found = {name: _problems(text, one_line=name in ONE_LINE) for name, text in texts.items()}
    return {name: wrong for name, wrong in found.items() if wrong}


def _problems(text: str, *, one_line: bool) -> list[str]:
    longest = LONGEST_LINE if one_line else LONGEST_TEXT
    wrong = []
    if len(text) > longest:
        wrong.append(
            _("This is %(length)s characters long; %(longest)s fit.")
            % {"length": len(text), "longest": longest}
        )
    if one_line and safe.has_unseen(text):
        wrong.append(_("This must be one line without characters that cannot be seen."))
    names = dict.fromkeys(name.strip() for name in _BRACED.findall(text))
    wrong += [_unknown(name, one_line) for name in names]
    if one_line and "link" in names:
        wrong.append(_("{link} has no place here: put it into the text."))
    if re.search(r"[{}]", _BRACED.sub("", text)):
        wrong.append(_("A brace has lost its partner: placeholders are written as {client}."))
    return [one for one in wrong if one]


def _unknown(name: str, one_line: bool) -> str:
    """Which placeholder is wrong, and which right one is the nearest."""
    if name in PLACEHOLDERS:
        return ""
    fitting = [known for known, one in PLACEHOLDERS.items() if not (one_line and one.long)]
    shown = "{" + safe.line(name, longest=40) + "}"
    if near := get_close_matches(name.lower(), fitting, n=1, cutoff=0.4):
        return _("%(wrong)s is not a placeholder. Did you mean %(right)s?") % {
            "wrong": shown,
            "right": "{" + near[0] + "}",
        }
    known = ", ".join("{" + one + "}" for one in fitting)
    return _("%(wrong)s is not a placeholder. There are: %(known)s.") % {"wrong": shown, "known": known}


# --- Filled in --------------------------------------------------------------------------------------


def examples(case: Case) -> dict[str, str]:
    """What each becomes in this case."""
    return {name: _plain(one.value(case)) for name, one in PLACEHOLDERS.items()}


def adapted(draft: Draft, texts: Mapping[str, str], case: Case) -> Draft:
    """The draft in the provider's words, wherever it has some."""
    blocks: Sequence[Block | None] = draft.blocks
    if opening := _paragraphs(texts.get("opening", ""), case):
        blocks = _instead(blocks, OPENING, opening, at_end=False)
    if closing := _paragraphs(texts.get("closing", ""), case):
        blocks = _instead(blocks, CLOSING, closing, at_end=True)
    return replace(
        draft,
        subject=_line(texts.get("subject", ""), case, draft.subject),
        heading=_line(texts.get("heading", ""), case, draft.heading),
        blocks=blocks,
    )


def _instead(
    blocks: Sequence[Block | None], part: str, ours: Sequence[Prose], *, at_end: bool
) -> list[Block | None]:
    """``ours`` where the first block of that part stands, and the others of that part gone."""
    free = [n for n, block in enumerate(blocks) if isinstance(block, Words | Note) and block.part == part]
    place = free[0] if free else len(blocks) if at_end else 0
    before, after = blocks[:place], blocks[place:]
    kept = [block for block in after if not (isinstance(block, Words | Note) and block.part == part)]
    return [*before, *ours, *kept]


def _line(text: str, case: Case, otherwise: str) -> str:
    if not text:
        return otherwise
    filled = _filled(text, case, short=True)
    return safe.line("".join(_plain(one) for one in filled), longest=180) or otherwise


def _paragraphs(text: str, case: Case) -> list[Prose]:
    """One for every part between empty lines."""
    parts = [one for one in safe.lines(text, longest=LONGEST_TEXT).split("\n\n") if one.strip()]
    return [Prose(_filled(one, case)) for one in parts]


def _filled(text: str, case: Case, *, short: bool = False) -> list[str | Link]:
    """The text with its placeholders filled in; one that nobody knows stays as it was typed."""
    pieces = _BRACED.split(text)  # by turns: text, name, text
    found: list[str | Link] = []
    for n, piece in enumerate(pieces):
        value = _value(piece.strip(), case, short) if n % 2 else piece
        if n % 2 and piece.strip() == "client" and isinstance(value, str):
            value = _apart(value, pieces[n - 1], pieces[n + 1])
        found.append(value)
    return [one for one in found if one]


def _value(name: str, case: Case, short: bool) -> str | Link:
    known = PLACEHOLDERS.get(name)
    if known is None:
        return "{" + name + "}"
    if known.of_appointment and case.message.appointment is None:
        return ""
    return subject_day(case) if short and name == "when" else known.value(case)


def _apart(typed: str, before: str, after: str) -> str:
    """No mail program reads a name and the words that touch it as one address."""
    first = safe.WORD_JOINER if _JOINS_BEFORE.search(before) else ""
    last = safe.WORD_JOINER if _JOINS_AFTER.match(after) else ""
    return f"{first}{typed}{last}"


def _plain(value: str | Link) -> str:
    return value if isinstance(value, str) else value.url
