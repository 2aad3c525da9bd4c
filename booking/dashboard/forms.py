"""What is typed at the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.dashboard.amounts import AmountField, typed
from booking.dashboard.consequences import Stake
from booking.models import Appointment
from booking.telling.spoken import CANCEL_REASONS, EXCEPTION_REASONS

LONGEST_NOTE = 1000
CHOOSE = ("", gettext_lazy("Please choose"))


def note_field(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea({"rows": 3}),
    )


class ActForm(forms.Form):
    """An act that needs no words. Each form knows its appointment and the money at stake."""

    def __init__(
        self,
        *args: Any,
        appointment: Appointment,
        stake: Stake,
        at: datetime | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.appointment, self.stake, self.at = appointment, stake, at

    @property
    def said(self) -> dict[str, Any]:
        """What was typed, as the story takes it."""
        return self.cleaned_data


class DeclineForm(ActForm):
    note = note_field(
        gettext_lazy("A kind word"),
        gettext_lazy("The client reads this. What would suit instead? Whom else could they ask?"),
    )


class ReachForm(ActForm):
    way = forms.ChoiceField(
        choices=[
            ("call", gettext_lazy("Call")),
            ("text", gettext_lazy("Text")),
            ("mail", gettext_lazy("Mail")),
        ]
    )


class KeepForm(ActForm):
    note = note_field(gettext_lazy("A kind word"), gettext_lazy("The client reads this. It may stay empty."))


class CancelForm(ActForm):
    reason = forms.ChoiceField(label=gettext_lazy("Why?"), choices=[CHOOSE, *CANCEL_REASONS.items()])
    note = note_field(gettext_lazy("A word to the client"), gettext_lazy("The client reads this."))
    back = forms.ChoiceField(
        label=gettext_lazy("The deposit"),
        widget=forms.RadioSelect,
        initial="refund",
        choices=[
            ("refund", gettext_lazy("goes back to the card")),
            ("credit", gettext_lazy("waits as a credit without an end, as the client wishes")),
        ],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.stake.held:
            del self.fields["back"]

    @property
    def said(self) -> dict[str, Any]:
        found = self.cleaned_data
        return {
            "reason": found["reason"],
            "note": found["note"],
            "as_credit": found.get("back") == "credit",
        }


class ExcuseForm(ActForm):
    reason = forms.ChoiceField(label=gettext_lazy("Why?"), choices=[CHOOSE, *EXCEPTION_REASONS.items()])
    note = note_field(gettext_lazy("Note"), gettext_lazy("Stays with you."))
    share = forms.ChoiceField(
        label=gettext_lazy("How much?"),
        widget=forms.RadioSelect,
        initial="all",
        choices=[("all", ""), ("part", gettext_lazy("A part of it"))],
    )
    back = forms.ChoiceField(
        label=gettext_lazy("What goes back"),
        widget=forms.RadioSelect,
        initial="refund",
        choices=[
            ("refund", gettext_lazy("goes back to the card")),
            ("credit", gettext_lazy("waits as a credit without an end")),
        ],
    )

    field_order = ("reason", "note", "share", "amount", "back")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.stake.lost:
            del self.fields["share"], self.fields["back"]
            return
        currency = self.appointment.currency
        share = self.fields["share"]
        assert isinstance(share, forms.ChoiceField)
        whole = _("All of it: %(amount)s") % {"amount": typed(self.stake.lost, currency) + f" {currency}"}
        share.choices = [("all", whole), ("part", _("A part of it"))]
        self.fields["amount"] = AmountField(
            label=_("The part, in %(currency)s") % {"currency": currency},
            currency=currency,
            most=self.stake.lost,
            required=False,
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("share") == "part" and found.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", _("Which part? Please write an amount."))
        return found

    @property
    def said(self) -> dict[str, Any]:
        found = self.cleaned_data
        return {
            "reason": found["reason"],
            "note": found["note"],
            "amount": found["amount"] if found.get("share") == "part" else None,
            "as_credit": found.get("back") == "credit",
        }
