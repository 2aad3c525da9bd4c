"""What clients type, and the first look at it. What may be booked is the story's to say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from rest_framework import serializers

from booking import health, proofs, quotes, wishes
from booking.api.fields import LONGEST_NOTE, Email, Line, Phone, Text, e164
from booking.models import Provider, Service
from booking.pages import channels
from booking.templatetags.kept import mode_name
from booking.texts import text_in
from config import formats
from reminders import consents

QUESTION = "question_"
BY = "by_"
CONSENT = "health_consent"
REASONS = {
    "convenience": gettext_lazy("It is hard to get there"),
    "availability": gettext_lazy("The time does not suit me any more"),
    "expectations": gettext_lazy("It is not what I expected"),
    "cost": gettext_lazy("It costs too much"),
    "illness": gettext_lazy("I am ill"),
    "emergency": gettext_lazy("An emergency"),
    "bereavement": gettext_lazy("A death in the family"),
    "transport": gettext_lazy("No way to travel"),
    "other": gettext_lazy("Something else"),
}


ANSWER = {"required": gettext_lazy("Please answer this.")}
CHOOSE = {name: gettext_lazy("Please choose one.") for name in ("required", "invalid_choice")}


class Checked(forms.CharField):
    """What is typed here keeps the same rule as in the API: nothing unseen, one address, no card number."""

    def __init__(self, rule: serializers.Field[Any, Any, Any, Any], **options: Any) -> None:
        super().__init__(**options)
        self.rule = rule

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return text
        try:
            return self.rule.run_validation(text)
        except serializers.ValidationError as error:
            found = error.detail if isinstance(error.detail, list) else [error.detail]
            raise forms.ValidationError([str(one) for one in found]) from None


def text_field(*, label: Any, required: bool) -> Checked:
    """Some lines of text."""
    return Checked(
        Text(max_length=LONGEST_NOTE),
        label=label,
        required=required,
        error_messages=ANSWER,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea({"rows": 3}),
    )


class BookForm(forms.Form):
    """Who is coming, how, and the answers to the provider's questions."""

    start = forms.CharField(widget=forms.HiddenInput, max_length=40)
    picked_mode = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    tz = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    policy_version = forms.CharField(widget=forms.HiddenInput, max_length=100)
    credit = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    proof = forms.CharField(widget=forms.HiddenInput, required=False, max_length=proofs.LONGEST)
    proof_answer = forms.CharField(widget=forms.HiddenInput, required=False, max_length=10)
    mode = forms.ChoiceField(
        label=gettext_lazy("How do you want to meet?"),
        error_messages=CHOOSE,
        widget=forms.RadioSelect,
    )
    name = Checked(
        Line(max_length=200),
        label=gettext_lazy("Name"),
        max_length=200,
        error_messages={"required": gettext_lazy("Please tell us who is coming.")},
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    email = Checked(
        Email(),
        label=gettext_lazy("E-mail"),
        max_length=254,
        help_text=gettext_lazy("The confirmation and the link to change it go here."),
        error_messages={"required": gettext_lazy("Please give an address, else no confirmation can come.")},
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
    )
    phone = Checked(
        Phone(),
        label=gettext_lazy("Phone"),
        max_length=32,
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    agree = forms.BooleanField(
        label=gettext_lazy("I have read the terms and agree to them"),
        error_messages={"required": gettext_lazy("Please tick this. Without your yes nothing is booked.")},
    )

    def __init__(self, *args: Any, service: Service, mode: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.service = service
        self.modes_open = len(service.modes) > 1 and not mode
        self._offer_modes(mode)
        self._ask_phone(mode)
        self._offer_channels()
        self._ask_card()
        for question in service.questions:
            self.fields[QUESTION + question["id"]] = field_for(question, service.provider)
        self._ask_consent()
        self.fields.update(wish_fields(service.modes))

    def _ask_consent(self) -> None:
        """A box of its own beside the answers about health, in the exact words that are recorded."""
        if health.asked(self.service.questions):
            words = health.words(self.service.provider, language=get_language() or "en")
            self.fields[CONSENT] = forms.BooleanField(label=words, required=False)

    def _ask_card(self) -> None:
        """A tick of its own, in the exact words, only where the terms have a fee beyond the deposit."""
        service = self.service
        consent = quotes.card_consent(service, quotes.offer(service), language=get_language() or "en")
        if consent:
            self.fields["save_card"] = forms.BooleanField(label=consent.text, required=False)

    def _offer_modes(self, mode: str) -> None:
        field = self.fields["mode"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one, mode_name(one)) for one in self.service.modes]
        if not self.modes_open:
            field.widget = forms.HiddenInput()
            self.initial.setdefault("mode", mode or self.service.modes[0])

    def _ask_phone(self, mode: str) -> None:
        """Only where somebody will call the client; asked of all when the way is still to be chosen."""
        calls = calls_client(self.service.provider) and "phone" in self.service.modes
        if not calls or (not self.modes_open and (mode or self.service.modes[0]) != "phone"):
            self.fields["phone"].help_text = _("Only for the reminders that you tick below.")
        elif self.modes_open:
            self.fields["phone"].help_text = _("Needed for a phone call only.")
        else:
            self.fields["phone"].required = True

    def _offer_channels(self) -> None:
        """Where the provider writes to clients by text, they may agree to it; else nobody need give a number."""
        kinds = consents.offered(self.service.provider)
        for kind in kinds:
            label = channels.words(kind, self.service.provider.name)
            self.fields[BY + kind] = forms.BooleanField(label=label, required=False)
        if not kinds and self.fields["phone"].help_text == _("Only for the reminders that you tick below."):
            del self.fields["phone"]

    @property
    def phone_for_calls(self) -> bool:
        """Whether the number is for a call alone, so that it need not show before that is chosen."""
        return self.modes_open and not self.channel_fields

    @property
    def channel_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(BY)]

    @property
    def agrees(self) -> dict[str, str]:
        """The channels ticked, with the words beside them."""
        ticked = [name for name in self.fields if name.startswith(BY) and self.cleaned_data.get(name)]
        return {name.removeprefix(BY): str(self.fields[name].label) for name in ticked}

    @property
    def question_fields(self) -> list[forms.BoundField]:
        """In the provider's order, those about health last, with the consent below them."""
        asked = [QUESTION + one for one in health.asked(self.service.questions)]
        others = [name for name in self.fields if name.startswith(QUESTION) and name not in asked]
        return [self[name] for name in (*others, *asked, *([CONSENT] if asked else []))]

    @property
    def wish_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("wish_")]

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by question, as the API takes them; what was left empty is left out."""
        found = {
            name.removeprefix(QUESTION): value
            for name, value in self.cleaned_data.items()
            if name.startswith(QUESTION) and value not in ("", None)
        }
        yes_no = {question["id"] for question in self.service.questions if question["kind"] == "yes_no"}
        return {name: value == "yes" if name in yes_no else value for name, value in found.items()}

    def clean_start(self) -> datetime:
        start = moment_in(self.cleaned_data["start"])
        if start is None:
            raise forms.ValidationError(_("Please pick a time."), code="unknown_time")
        return start

    def clean_phone(self) -> str:
        typed, provider = self.cleaned_data["phone"], self.service.provider
        number = e164(typed, like=provider.phone, zone=provider.timezone) if typed else ""
        if number is None:
            raise forms.ValidationError(_("Please write the number with its country, like +39 02 5555 0101."))
        return number

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not found.get("phone") and any(found.get(name) for name in self.fields if name.startswith(BY)):
            self.add_error("phone", _("We need your number to remind you that way."))
        if found.get("mode") == "phone" and found.get("phone") == "":
            self.add_error("phone", _("We need a number to call you at."))
        if health.answered(self.answers, self.service.questions) and not found.get(CONSENT):
            self.add_error(CONSENT, health.NEEDED)
        return found


def moment_in(text: str) -> datetime | None:
    """A start in an address or a form, aware; None for what is none (or in a year that nobody books)."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo and 2000 < found.year < 2200 else None


def day_in(text: str) -> date | None:
    """A day in an address; None likewise."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 < found.year < 2200 else None


def calls_client(provider: Provider) -> bool:
    return provider.places.get("phone", {}).get("who_calls") == "provider"


def field_for(question: dict[str, Any], provider: Provider) -> forms.Field:
    """The form field of one of the provider's questions."""
    label = text_in(question["label"], fallback=provider.language)
    required = bool(question.get("required"))
    if question["kind"] == "yes_no":
        choices = [("yes", _("Yes")), ("no", _("No"))]
    elif question["kind"] == "choice":
        choices = [(choice, choice.capitalize()) for choice in question["choices"]]
    else:
        return text_field(label=label, required=required)
    return forms.ChoiceField(
        label=label, required=required, choices=choices, error_messages=CHOOSE, widget=forms.RadioSelect
    )


class ReasonForm(forms.Form):
    """Why: asked kindly, and any answer will do."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"),
        choices=list(REASONS.items()),
        error_messages=CHOOSE,
        widget=forms.RadioSelect,
    )
    note = text_field(label=gettext_lazy("Anything you want to add"), required=False)


class ExplainForm(ReasonForm):
    """What happened. Who has said why already (``known``) is not asked again."""

    def __init__(self, *args: Any, known: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].label = _("What happened?")
        if known in REASONS:
            self.fields["reason"].widget = forms.HiddenInput()
            self.initial["reason"] = known


class RefuseForm(forms.Form):
    """None of the proposed times: a word is welcome."""

    note = Checked(
        Text(max_length=1000),
        label=gettext_lazy("What would suit instead?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
    )


DAY_NAMES = {day: number for number, day in enumerate(wishes.DAYS)}
PART_NAMES = {
    "morning": gettext_lazy("Mornings"),
    "afternoon": gettext_lazy("Afternoons"),
    "evening": gettext_lazy("Evenings"),
}


def wish_fields(modes: list[str]) -> dict[str, forms.Field]:
    """Days, parts of the day and ways of meeting to tick; all optional, none means any."""
    choices: dict[str, tuple[str, list[tuple[str, Any]]]] = {
        "days": (_("Days"), [(day, formats.weekday(number)) for day, number in DAY_NAMES.items()]),
        "parts": (_("Parts of the day"), list(PART_NAMES.items())),
        "modes": (_("How to meet"), [(mode, mode_name(mode)) for mode in modes]),
    }
    return {
        f"wish_{kind}": forms.MultipleChoiceField(
            label=label, choices=found, required=False, widget=forms.CheckboxSelectMultiple
        )
        for kind, (label, found) in choices.items()
        if len(found) > 1
    }


def wishes_in(cleaned: dict[str, Any]) -> dict[str, list[str]]:
    return wishes.kept({kind: cleaned.get(f"wish_{kind}") for kind in wishes.KINDS})


class WishesForm(forms.Form):
    """When and how it suits (A10)."""

    def __init__(
        self, *args: Any, modes: list[str], told: dict[str, Any] | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields.update(wish_fields(modes))
        self.initial.update({f"wish_{kind}": words for kind, words in (told or {}).items()})

    @property
    def said(self) -> dict[str, list[str]]:
        return wishes_in(self.cleaned_data)
