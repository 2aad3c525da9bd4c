"""The form in which times are proposed: some that are free and fit, and the provider's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import free_starts, wishes
from booking.dashboard.forms import ActForm, DeclineForm, note_field
from booking.lifecycle.proposing import MOST
from booking.models import Appointment
from config.formats import short_moment

SUGGESTED, OWN = 6, 3
LOCAL = "%Y-%m-%dT%H:%M"


class SomeStarts(forms.MultipleChoiceField):
    """Starts that were free when the page was made; the story says whether they still are."""

    def valid_value(self, value: str) -> bool:
        return start_in(value) is not None


class OwnStart(forms.CharField):
    """A day and a time on the provider's clocks."""

    def __init__(self, *, zone: str, label: str, required: bool = False) -> None:
        super().__init__(
            label=label, required=required, max_length=30, widget=forms.TextInput({"type": "datetime-local"})
        )
        self.zone = zone

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            local = None
        if local is None or local.tzinfo or not 2000 < local.year < 2200:
            raise forms.ValidationError(_("Please write a day and a time, such as 2027-03-01 10:00."))
        found = local.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
        if found.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) != local:
            raise forms.ValidationError(_("This time does not exist on that day, for the clocks change."))
        return found


class TimesForm(ActForm):
    """Up to five times, ticked or written."""

    required = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        zone = self.appointment.provider.timezone
        choices = [(start.isoformat(), short_moment(start, zone)) for start in self.suggested()]
        self.fields["free"] = SomeStarts(
            label=_("Free, and fitting what the client said")
            if wishes.of(self.appointment)
            else _("Free times"),
            choices=choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        if not choices:
            del self.fields["free"]
        for n in range(1, OWN + 1):
            self.fields[f"own_{n}"] = OwnStart(zone=zone, label=_("A time of your own"))
        self.order_fields(["free", *(f"own_{n}" for n in range(1, OWN + 1)), "hours", "note"])

    def suggested(self) -> list[datetime]:
        if self.at is None:
            return []
        return free_starts.offers(
            service=self.appointment.service,
            near=self.appointment.starts_at,
            at=self.at,
            mode=self.appointment.mode,
            wishes=wishes.of(self.appointment),
            count=SUGGESTED,
        )

    @property
    def starts(self) -> list[datetime]:
        ticked = (start_in(one) for one in self.cleaned_data.get("free") or [])
        written = (self.cleaned_data.get(f"own_{n}") for n in range(1, OWN + 1))
        return sorted({one for one in (*ticked, *written) if one})

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if self.errors:
            return found
        if self.required and not self.starts:
            self.add_error(None, _("Please tick or write at least one time."))
        elif len(self.starts) > MOST:
            self.add_error(None, _("Please propose five times at most."))
        return found


def hours_field(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        coerce=int,
        initial=24,
        choices=[
            (4, gettext_lazy("4 hours")),
            (24, gettext_lazy("A day")),
            (48, gettext_lazy("Two days")),
            (72, gettext_lazy("Three days")),
        ],
    )


class ProposeForm(TimesForm):
    note = note_field(gettext_lazy("A word to the client"), gettext_lazy("The client reads this."))
    hours = hours_field(gettext_lazy("How long they are kept"))

    @property
    def said(self) -> dict[str, Any]:
        found = self.cleaned_data
        return {"starts": self.starts, "note": found["note"], "within": timedelta(hours=found["hours"])}


class DeclineWithTimesForm(TimesForm, DeclineForm):
    required = False

    @property
    def said(self) -> dict[str, Any]:
        return {"note": self.cleaned_data["note"], "starts": self.starts}


class UrgentForm(ActForm):
    reason = forms.CharField(
        label=gettext_lazy("Why is it urgent?"),
        help_text=gettext_lazy(
            "A deadline, a decision that is needed. The client reads this before a late cancel."
        ),
        max_length=300,
    )


def start_in(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo and 2000 < found.year < 2200 else None


def when_of(appointment: Appointment, starts: list[datetime]) -> str:
    return "; ".join(short_moment(start, appointment.provider.timezone) for start in starts)
