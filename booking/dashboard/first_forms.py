"""What the first run asks, step by step. Every field has a sound default; what was typed is kept as typed."""

from __future__ import annotations

from typing import Any

from babel.numbers import get_currency_name
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import starting
from booking.dashboard.amounts import minor_units
from booking.dashboard.hours_form import minute_of
from booking.dashboard.spoken_fields import HourCycleField
from booking.models import Mode
from booking.pages import zones
from booking.transfer.sections import LARGEST_PRICE
from booking.transfer.values import SLUG
from config import formats
from policies.rules.money import CURRENCIES

HOURS = [f"{hour:02}:{half}" for hour in range(24) for half in ("00", "30")]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MODES = [
    (Mode.IN_PERSON.value, gettext_lazy("Clients come to me")),
    (Mode.VIDEO.value, gettext_lazy("By video call")),
    (Mode.PHONE.value, gettext_lazy("By phone: I call them")),
]


def as_read(clock: str) -> str:
    """A time of the file, as `09:00`, as it is read."""
    return formats.time_of_day(minute_of(clock, end=True) or 0)


class ZoneSelect(forms.Select):
    """The long list of zones is joined once for all."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        box = super().render(name, None, attrs, renderer)
        return SafeString(box.replace("</select>", zones.options(str(value or "UTC")) + "</select>"))


class WhoForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Your name, or that of your practice"),
        help_text=gettext_lazy("Clients see it on your page."),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    slug = forms.CharField(
        label=gettext_lazy("The address of your page"),
        help_text=gettext_lazy("Small letters, digits and hyphens. Left empty, it is made of the name."),
        max_length=starting.LONGEST_SLUG,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )
    timezone = forms.CharField(label=gettext_lazy("Time zone"), widget=ZoneSelect)
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    language = forms.ChoiceField(
        label=gettext_lazy("Language of your clients"),
        choices=[(code, name) for code, name in settings.LANGUAGES],
    )
    hour_cycle = HourCycleField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        found = [
            (one, f"{one} · {get_currency_name(one, locale=formats.locale())}") for one in sorted(CURRENCIES)
        ]
        self.fields["currency"].choices = found  # type: ignore[attr-defined]

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"].lower()
        if slug and not SLUG.fullmatch(slug):
            raise ValidationError(_("Please use small letters, digits and single hyphens: anna-rossi."))
        if slug and not starting.slug_is_free(slug):
            free = starting.slug_for(slug)
            raise ValidationError(_("%(slug)s is taken. %(free)s is free.") % {"slug": slug, "free": free})
        return slug

    def clean_timezone(self) -> str:
        zone: str = self.cleaned_data["timezone"]
        if zone not in zones.ZONES:
            raise ValidationError(_("Please choose a time zone, as Europe/Rome."))
        return zone


class OfferForm(forms.Form):
    trade = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    service = forms.CharField(label=gettext_lazy("What can be booked?"), max_length=200)
    minutes = forms.IntegerField(
        label=gettext_lazy("How many minutes?"),
        min_value=5,
        max_value=720,
        widget=forms.NumberInput({"step": 5}),
    )
    price = forms.CharField(
        max_length=20, required=False, widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
    )
    mode = forms.ChoiceField(label=gettext_lazy("Where?"), choices=MODES, widget=forms.RadioSelect)
    address = forms.CharField(
        label=gettext_lazy("Your address"),
        help_text=gettext_lazy("Where clients come to you."),
        max_length=500,
        required=False,
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )
    link = forms.CharField(
        label=gettext_lazy("Link of your video room"),
        help_text=gettext_lazy("From any service; it is in every reminder."),
        max_length=500,
        required=False,
        widget=forms.URLInput({"placeholder": "https://"}),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.currency = currency
        self.fields["address"].required = self.fields["link"].required = True
        self.fields["price"].label = _("Price, in %(currency)s") % {"currency": currency}
        self.fields["price"].help_text = _("Left empty, it is free.")

    use_required_attribute = False

    def full_clean(self) -> None:
        """Each place is asked for only where its mode is chosen, and shown only there: none is called optional."""
        for name in ("address", "link"):
            self.fields[name].required = False
        super().full_clean()
        for name in ("address", "link"):
            self.fields[name].required = True

    def clean_price(self) -> int:
        text = self.cleaned_data["price"]
        amount = minor_units(text, self.currency) if text else 0
        if amount > LARGEST_PRICE:
            raise ValidationError(_("That is more than can be paid at once."))
        return amount

    def clean_link(self) -> str:
        link: str = self.cleaned_data["link"]
        if link:
            URLValidator(schemes=["https"])(link)
        return link

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("mode") == Mode.IN_PERSON and not found.get("address") and "address" not in self.errors:
            self.add_error("address", _("Where do clients come to?"))
        if found.get("mode") == Mode.VIDEO and not found.get("link") and "link" not in self.errors:
            self.add_error("link", _("Clients need the link of your video room."))
        return found

    @property
    def place(self) -> str:
        found = self.cleaned_data
        return str(found["address"] if found["mode"] == Mode.IN_PERSON else found["link"])


class HoursForm(forms.Form):
    days = forms.MultipleChoiceField(
        label=gettext_lazy("On which days?"), widget=forms.CheckboxSelectMultiple
    )
    opens = forms.ChoiceField(label=gettext_lazy("From"))
    closes = forms.ChoiceField(label=gettext_lazy("To"))
    pause = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        found = [(day, formats.weekday(n)) for n, day in enumerate(WEEKDAYS)]
        self.fields["days"].choices = found  # type: ignore[attr-defined]
        clocks = [(one, as_read(one)) for one in [*HOURS, starting.MIDNIGHT]]
        self.fields["opens"].choices = clocks[:-1]  # type: ignore[attr-defined]
        self.fields["closes"].choices = clocks[1:]  # type: ignore[attr-defined]
        self.fields["pause"].label = _("Closed from %(begin)s to %(end)s") % {
            "begin": as_read(starting.UNTIL_1),
            "end": as_read(starting.AFTER_1),
        }

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if "opens" in found and "closes" in found and found["closes"] <= found["opens"]:
            self.add_error("closes", _("Must be after %(opens)s.") % {"opens": as_read(found["opens"])})
        return found


class TermsForm(forms.Form):
    preset = forms.ChoiceField(label=gettext_lazy("Your terms"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        found = [(one, str(name)) for one, name in starting.PRESET_NAMES.items()]
        self.fields["preset"].choices = found  # type: ignore[attr-defined]
