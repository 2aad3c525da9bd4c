"""A policy as a form: what is typed becomes the part of the provider's file that an import would read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.dashboard import amounts
from booking.dashboard.spoken_fields import LinesField, TypedForm, add_spoken, languages, spoken, texts_of
from booking.models import Provider
from policies.dashboard import terms_words
from policies.rules import terms
from policies.rules.terms import LONGEST_NOTICE_HOURS

Part = dict[str, Any]
COUNT = "windows"
MOST = 12
# Where what the file calls so is typed.
FIELDS = {
    "deposit.kind": "deposit_kind",
    "deposit.amount": "deposit_amount",
    "deposit.percent": "deposit_percent",
    "deposit.hours": "deposit_hours",
    "deposit": "deposit_kind",
    "no_show": "no_show",
    "no_show.deposit": "no_show",
    "no_show.fee_percent": "no_show_fee",
    "forgive.lapses": "forgive_lapses",
    "forgive.months": "forgive_months",
}
ROW_FIELDS = {
    "min_notice_hours": "hours",
    "cancel.deposit": "cancel",
    "cancel.fee_percent": "cancel_fee",
    "move.deposit": "move",
    "move.fee_percent": "move_fee",
}


def _words(found: terms_words.Words) -> list[tuple[str, Any]]:
    return list(found.items())


def _whole(label: Any, most: int, help_text: Any = "", *, least: int = 0) -> forms.IntegerField:
    widget = forms.NumberInput({"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(
        label=label, help_text=help_text, min_value=least, max_value=most, widget=widget
    )


def _hours(label: Any, most: int, help_text: Any = "", *, required: bool = True) -> forms.DecimalField:
    widget = forms.NumberInput({"inputmode": "decimal", "step": "any", "autocomplete": "off"})
    return forms.DecimalField(
        label=label, help_text=help_text, min_value=0, max_value=most, required=required, widget=widget
    )


class WindowForm(TypedForm):
    """What a change does from some notice on; the last window has no minimum."""

    hours = _hours(gettext_lazy("Hours before the start, at least"), LONGEST_NOTICE_HOURS)
    cancel = forms.ChoiceField(label=gettext_lazy("Cancelling"), choices=_words(terms_words.CANCEL))
    cancel_fee = _whole(gettext_lazy("Fee for it, in percent of the price"), 100)
    move = forms.ChoiceField(label=gettext_lazy("Moving"), choices=_words(terms_words.MOVE))
    move_fee = _whole(gettext_lazy("Fee for it, in percent of the price"), 100)

    def __init__(self, *args: Any, last: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.last = last
        if last:
            del self.fields["hours"]

    def part(self) -> Part:
        found = self.cleaned_data
        return {
            "min_notice_hours": 0 if self.last else plain(found["hours"]),
            "cancel": {"deposit": found["cancel"], "fee_percent": found["cancel_fee"]},
            "move": {"deposit": found["move"], "fee_percent": found["move_fee"]},
        }


class Windows:
    """The rows, longest notice first, as they were kept or as they were typed."""

    def __init__(self, rows: list[WindowForm]) -> None:
        self.rows = rows

    @classmethod
    def kept(cls, parts: list[Part]) -> Windows:
        return cls._of([_row(part) for part in parts])

    @classmethod
    def typed(cls, data: Any) -> Windows:
        count = _count(data)
        return cls([WindowForm(data, prefix=f"w{n}", last=n == count - 1) for n in range(count)])

    @classmethod
    def rearranged(cls, data: Any, do: str) -> Windows:
        """After *add* or *remove-1*; whatever was typed goes along."""
        count = _count(data)
        rows = [
            dict(WindowForm.retyped(data, prefix=f"w{n}", last=n == count - 1).initial) for n in range(count)
        ]
        what, _dash, number = do.partition("-")
        if what == "add" and count < MOST:
            rows.insert(count - 1, rows[-1] | {"hours": ""})
        elif what == "remove" and number.isdecimal() and int(number) < count - 1:
            del rows[int(number)]
        return cls._of(rows)

    @classmethod
    def _of(cls, rows: list[Part]) -> Windows:
        last = len(rows) - 1
        return cls([WindowForm(prefix=f"w{n}", initial=row, last=n == last) for n, row in enumerate(rows)])

    @property
    def most(self) -> bool:
        return len(self.rows) >= MOST

    def are_valid(self) -> bool:
        return not [row for row in self.rows if not row.is_valid()]

    @property
    def in_order(self) -> list[WindowForm]:
        """Longest notice first, in whichever order they were typed."""
        return sorted(self.rows, key=lambda row: (row.last, -row.cleaned_data.get("hours", 0)))

    def parts(self) -> list[Part]:
        return [row.part() for row in self.in_order]

    def told(self, problems: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """Puts what the file says of a window to its row; answers with the rest."""
        rest = {}
        for path, messages in problems.items():
            at = re.fullmatch(r"windows\[(\d+)\]\.?(.*)", path)
            if at is None or int(at[1]) >= len(self.rows):
                rest[path] = messages
                continue
            row = self.in_order[int(at[1])]
            field = ROW_FIELDS.get(at[2], "cancel")
            for one in messages:
                row.add_error(field if field in row.fields else None, one)
        return rest


class TermsForm(TypedForm):
    """``part`` is the policy as the file has it."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("For you, to choose it by; clients read the text, not the name."),
        max_length=100,
    )
    deposit_kind = forms.ChoiceField(
        label=gettext_lazy("Deposit"),
        help_text=gettext_lazy("What is paid ahead. It counts towards the price and is never more than it."),
        choices=_words(terms_words.DEPOSITS),
        widget=forms.RadioSelect,
    )
    deposit_percent = _hours(gettext_lazy("Percent of the price"), 100, required=False)
    deposit_hours = _hours(
        gettext_lazy("Hours of your rate"),
        100,
        gettext_lazy("The rate stands in your profile."),
        required=False,
    )
    carry_days = _whole(
        gettext_lazy("Days that a carried deposit keeps its worth"),
        366,
        gettext_lazy(
            "Counted from the day of the first date. It works for a new time until the end of the last of them."
        ),
    )
    carry_unused = forms.ChoiceField(
        label=gettext_lazy("A credit that is not used by then"), choices=_words(terms_words.UNUSED)
    )
    max_moves = _whole(
        gettext_lazy("Moves that one deposit may follow"), 100, gettext_lazy("0: a deposit never goes along.")
    )
    regret_minutes = _whole(
        gettext_lazy("Time to change one's mind, in minutes"),
        10_080,
        gettext_lazy("For so long after booking a cancellation is free, and a first move, too."),
    )
    grace_minutes = _whole(
        gettext_lazy("How long you wait, in minutes"),
        1_440,
        gettext_lazy("The client is written to after five minutes and told until when you wait."),
    )
    no_show = forms.ChoiceField(label=gettext_lazy("Not coming"), choices=_words(terms_words.CANCEL))
    no_show_fee = _whole(gettext_lazy("Fee for it, in percent of the price"), 100)
    auto_no_show = forms.ChoiceField(
        label=gettext_lazy("When nobody said anything by then"), choices=_words(terms_words.AFTER_GRACE)
    )
    settle_after_hours = _hours(
        gettext_lazy("Time to explain, in hours"),
        720,
        gettext_lazy("Before any money is kept, so that you can make an exception."),
    )
    forgive_lapses = _whole(
        gettext_lazy("Forgiven without being asked"),
        100,
        gettext_lazy("So many late cancellations, late moves or missed appointments cost nothing."),
    )
    forgive_months = _whole(gettext_lazy("within so many months"), 120, least=1)

    def __init__(self, *args: Any, provider: Provider, part: Mapping[str, Any], **options: Any) -> None:
        options["initial"] = options.get("initial") or initial(part, provider)
        super().__init__(*args, **options)
        self.provider, self.part = provider, part
        self.fields["deposit_amount"] = amounts.AmountField(
            label=_("The amount, in %(currency)s") % {"currency": provider.currency},
            currency=provider.currency,
            most=99_999_999,
            required=False,
        )
        add_spoken(
            self, "note", _("A word of your own"), LinesField, first=provider.language, required=False,
            max_length=5000, help_text=_("Stands beside the text, which is written from the terms."),
        )  # fmt: skip

    @property
    def notes(self) -> list[forms.BoundField]:
        return [self[f"note_{code}"] for code in languages(self.provider.language)]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        field = {"percent": "deposit_percent", "fixed": "deposit_amount", "hours": "deposit_hours"}.get(
            found.get("deposit_kind", "")
        )
        if field and field not in self.errors and not found.get(field):
            self.add_error(field, _("How much? It must be more than 0."))
        return found

    def said(self, windows: Windows) -> Part:
        """The policy as the file has it."""
        found = self.cleaned_data
        plainly = (
            "carry_days",
            "carry_unused",
            "max_moves",
            "regret_minutes",
            "grace_minutes",
            "auto_no_show",
        )
        note = texts_of(found, "note", was=self.part.get("note", {}), first=self.provider.language)
        part: Part = {
            "name": found["name"],
            "deposit": self._deposit(found),
            "windows": windows.parts(),
            **{name: found[name] for name in plainly},
            "no_show": {"deposit": found["no_show"], "fee_percent": found["no_show_fee"]},
            "settle_after_hours": plain(found["settle_after_hours"]),
            "forgive": {"lapses": found["forgive_lapses"], "months": found["forgive_months"]},
        }
        return part | ({"note": note} if note else {})

    @staticmethod
    def _deposit(found: Mapping[str, Any]) -> Part:
        kind = found["deposit_kind"]
        if kind == "fixed":
            return {"kind": kind, "amount": found["deposit_amount"]}
        if kind == "none":
            return {"kind": kind}
        return {"kind": kind, kind: plain(found[f"deposit_{kind}"])}

    def field_of(self, path: str) -> str | None:
        """The field of a path within the part of the file."""
        if path.startswith("note"):
            return f"note_{path.partition('.')[2] or self.provider.language}"
        return FIELDS.get(path, path if path in self.fields else None)


def initial(part: Mapping[str, Any], provider: Provider) -> dict[str, Any]:
    """What stands in the fields for a policy as the file has it."""
    asked = part["deposit"]
    fixed = {"deposit_amount": amounts.typed(asked["amount"], provider.currency)} if "amount" in asked else {}
    return {
        **{name: value for name, value in part.items() if not isinstance(value, dict | list)},
        "deposit_kind": asked["kind"],
        "deposit_percent": asked.get("percent"),
        "deposit_hours": asked.get("hours"),
        **fixed,
        "no_show": part["no_show"]["deposit"],
        "no_show_fee": part["no_show"]["fee_percent"],
        "forgive_lapses": part["forgive"]["lapses"],
        "forgive_months": part["forgive"]["months"],
        **spoken("note", part.get("note", {})),
    }


def preset(name: str) -> Part:
    """A policy to begin with, as the file has it."""
    return {"name": name} | terms.write(terms.PRESETS[name])


def plain(number: Decimal) -> int | float:
    return int(number) if number == int(number) else float(number)


def _row(part: Part) -> Part:
    return {
        "hours": part["min_notice_hours"],
        "cancel": part["cancel"]["deposit"],
        "cancel_fee": part["cancel"]["fee_percent"],
        "move": part["move"]["deposit"],
        "move_fee": part["move"]["fee_percent"],
    }


def _count(data: Any) -> int:
    said = str(data.get(COUNT, ""))
    return min(max(int(said), 1), MOST) if said.isdecimal() and len(said) < 4 else 1
