"""Fields about the languages of the product, and forms that show again what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import HourCycle
from config import formats

MakeField = Callable[..., forms.Field]


def languages(first: str) -> list[str]:
    """Our languages, the provider's own before the others."""
    codes = [code for code, _name in settings.LANGUAGES]
    return sorted(codes, key=lambda code: code != first)


def add_spoken(
    form: forms.Form, name: str, label: str, make: MakeField, *, first: str, **options: Any
) -> None:
    """One field for each language, as ``name_it``; the hint stands at the first."""
    for n, code in enumerate(languages(first)):
        field = make(
            label=_("%(what)s, in %(language)s")
            % {"what": label, "language": formats.locale().languages[code]},
            **options | ({} if not n else {"help_text": "", "required": False}),
        )
        field.widget.attrs["lang"] = code
        form.fields[f"{name}_{code}"] = field


def spoken(name: str, texts: Mapping[str, str]) -> dict[str, str]:
    """The initial values of the fields of these texts."""
    return {f"{name}_{code}": text for code, text in texts.items()}


def texts_of(found: Mapping[str, Any], name: str, *, was: Mapping[str, str], first: str) -> dict[str, str]:
    """What was typed, by language; a language that we do not speak stays as it was."""
    ours = languages(first)
    typed = {code: (found.get(f"{name}_{code}") or "").strip() for code in ours}
    kept = {code: text for code, text in was.items() if code not in ours}
    return {code: text for code, text in typed.items() if text} | kept


def lines(text: Any) -> str:
    """Browsers end lines with two signs, the file with one."""
    return str(text or "").replace("\r\n", "\n").replace("\r", "\n")


class HourCycleField(forms.ChoiceField):
    """How times of the day are written where there are two ways; elsewhere they are on 24 hours."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Times in English"),
            help_text=gettext_lazy("As you read them, and clients whose browser names no region."),
            choices=[(HourCycle.H12, "2:30 pm"), (HourCycle.H23, "14:30")],
            widget=forms.RadioSelect,
            required=False,
        )

    def clean(self, value: Any) -> str:
        return str(super().clean(value) or HourCycle.H23)


class LinesField(forms.CharField):
    """Text of several lines."""

    def __init__(self, *, rows: int = 3, **options: Any) -> None:
        super().__init__(widget=forms.Textarea({"rows": rows}), **options)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(lines(value)))


class TypedForm(forms.Form):
    """A form that can be shown again as it was typed, before anybody asked whether it is right."""

    @classmethod
    def retyped(cls, data: Any, **options: Any) -> Self:
        bound = cls(data, **options)
        initial = {
            name: field.widget.value_from_datadict(data, {}, bound.add_prefix(name))
            for name, field in bound.fields.items()
        }
        return cls(**options | {"initial": initial})

    def drafted(self) -> dict[str, Any]:
        """What is right of what was typed; elsewhere what the form began with."""
        began = {name: self.get_initial_for_field(field, name) for name, field in self.fields.items()}
        if not self.is_bound:
            return {name: self._read(name, value) for name, value in began.items()}
        self.is_valid()
        return {name: self.cleaned_data.get(name, self._read(name, value)) for name, value in began.items()}

    def _read(self, name: str, value: Any) -> Any:
        try:
            return self.fields[name].clean(value)
        except forms.ValidationError:
            return None

    def told(self, problems: Mapping[str, list[str]], field_of: Callable[[str], str | None]) -> None:
        """What the file's rules say, at the field that it is about, else above all."""
        for path, messages in problems.items():
            name = field_of(path)
            for one in messages:
                self.add_error(name if name in self.fields else None, one if name else f"{path}: {one}")
