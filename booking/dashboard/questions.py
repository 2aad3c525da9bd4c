"""The questions that a service asks before it is booked, as rows of a form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.dashboard.spoken_fields import LinesField, TypedForm, add_spoken, languages, spoken, texts_of

MOST = 20
COUNT = "questions"
KINDS = (
    ("text", gettext_lazy("Text, in their own words")),
    ("choice", gettext_lazy("One of several choices")),
    ("yes_no", gettext_lazy("Yes or no")),
)


class QuestionForm(TypedForm):
    """One question. ``first`` is the provider's language; ``was`` what stood there before."""

    id = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=gettext_lazy("Answer"), choices=KINDS)
    choices = LinesField(
        label=gettext_lazy("Choices"),
        help_text=gettext_lazy("One per line, two at least. Only where one of several is chosen."),
        required=False,
        max_length=50 * 201,
    )
    required = forms.BooleanField(label=gettext_lazy("Must be answered"), required=False)
    health = forms.BooleanField(
        label=gettext_lazy("Asks about health"),
        help_text=gettext_lazy(
            "Then clients tick their consent beside it, as the law asks, and can take it back: the answer is then erased."
        ),
        required=False,
    )

    def __init__(self, *args: Any, first: str, was: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.first, self.was = first, was or {}
        add_spoken(self, "label", _("Question"), forms.CharField, first=first, required=False, max_length=300)

    @property
    def labels(self) -> list[forms.BoundField]:
        return [self[f"label_{code}"] for code in languages(self.first)]

    @property
    def is_empty(self) -> bool:
        """Added and left alone."""
        found = self.cleaned_data
        return not (found["id"] or found["choices"].strip() or self._label(found))

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        asked = found.get("choices", "").strip()
        if (asked or found.get("id")) and not self._label(found):
            self.add_error(f"label_{self.first}", _("What do you ask? Please write the question."))
        if found.get("kind") == "choice" and "choices" not in self.errors and (asked or self._label(found)):
            self._check_choices(self._choices(found))
        return found

    def _check_choices(self, choices: list[str]) -> None:
        if len(choices) < 2:
            self.add_error("choices", _("Please write two choices at least, one per line."))
        elif len(set(choices)) < len(choices):
            self.add_error("choices", _("Each choice is needed once only."))

    def part(self) -> dict[str, Any]:
        """As the file has it, with an empty id where it is new."""
        found = self.cleaned_data
        part = {"id": found["id"], "label": self._label(found), "kind": found["kind"]}
        chosen = {"choices": self._choices(found)} if found["kind"] == "choice" else {}
        about_health = {"health": True} if found["health"] else {}
        return part | chosen | {"required": found["required"]} | about_health

    def _label(self, found: Mapping[str, Any]) -> dict[str, str]:
        return texts_of(found, "label", was=self.was.get("label", {}), first=self.first)

    @staticmethod
    def _choices(found: Mapping[str, Any]) -> list[str]:
        return [line.strip() for line in found["choices"].splitlines() if line.strip()]


class Questions:
    """The rows in their order, as they were kept or as they were typed."""

    def __init__(self, rows: list[QuestionForm]) -> None:
        self.rows = rows

    @classmethod
    def kept(cls, parts: Iterable[Mapping[str, Any]], *, first: str) -> Questions:
        return cls(
            [
                QuestionForm(prefix=f"q{n}", initial=_initial(part), first=first, was=part)
                for n, part in enumerate(parts)
            ]
        )

    @classmethod
    def typed(cls, data: Any, *, first: str, parts: Iterable[Mapping[str, Any]]) -> Questions:
        return cls(
            [QuestionForm(data, prefix=f"q{n}", first=first, was=was) for n, was in _told(data, parts)]
        )

    @classmethod
    def rearranged(cls, data: Any, do: str, *, first: str, parts: Iterable[Mapping[str, Any]]) -> Questions:
        """After *add*, *up-2*, *down-2* or *remove-2*; whatever was typed goes along."""
        rows: list[Any] = [
            (QuestionForm.retyped(data, prefix=f"q{n}", first=first, was=was).initial, was)
            for n, was in _told(data, parts)
        ]
        what, _dash, number = do.partition("-")
        at = int(number) if number.isdecimal() and int(number) < len(rows) else None
        if what == "add" and len(rows) < MOST:
            rows.append(({}, {}))
        elif what == "remove" and at is not None:
            del rows[at]
        elif what in ("up", "down") and at is not None:
            to = at - 1 if what == "up" else at + 1
            if 0 <= to < len(rows):
                rows[at], rows[to] = rows[to], rows[at]
        return cls(
            [
                QuestionForm(prefix=f"q{n}", initial=initial, first=first, was=was)
                for n, (initial, was) in enumerate(rows)
            ]
        )

    def are_valid(self) -> bool:
        return not [row for row in self.rows if not row.is_valid()]

    def parts(self) -> list[dict[str, Any]]:
        parts = [row.part() for row in self.rows if not row.is_empty]
        taken = {part["id"] for part in parts}
        for part in parts:
            part["id"] = part["id"] or free_name(part["label"], taken, otherwise="question")
            taken.add(part["id"])
        return parts

    @property
    def most(self) -> bool:
        return len(self.rows) >= MOST

    def told(self, problems: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """Puts what the file says of a question to its row; answers with the rest."""
        asked = [row for row in self.rows if not row.is_empty]
        rest = {}
        for path, messages in problems.items():
            at = re.match(r"questions\[(\d+)\]\.?(label\.)?(\w*)", path)
            if at is None or int(at[1]) >= len(asked):
                rest[path] = messages
                continue
            row, field = asked[int(at[1])], f"label_{at[3]}" if at[2] else at[3]
            for one in messages:
                row.add_error(field if field in row.fields else None, one)
        return rest


def _told(data: Any, parts: Iterable[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    """The numbers of the rows that were sent, each with what is kept under its id."""
    known = {part["id"]: part for part in parts}
    said = str(data.get(COUNT, ""))
    count = min(int(said), MOST) if said.isdecimal() and len(said) < 4 else 0
    return [(n, known.get(data.get(f"q{n}-id", ""), {})) for n in range(count)]


def _initial(part: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: part.get(name) for name in ("id", "kind", "required", "health")}
    return plain | {"choices": "\n".join(part.get("choices", []))} | spoken("label", part["label"])


def free_name(texts: Mapping[str, str], taken: Iterable[str], *, otherwise: str) -> str:
    """A name for addresses and files, made of what people read, that nobody else has."""
    made = (re.sub("[^a-z0-9]+", "-", slugify(text)).strip("-")[:50].strip("-") for text in texts.values())
    name = next((one for one in made if one), otherwise)
    found, n = name, 1
    while found in set(taken):
        n += 1
        found = f"{name}-{n}"
    return found
