"""Profile and places as a form: what is typed becomes two parts of the provider's file."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.api.fields import e164
from booking.dashboard import amounts
from booking.dashboard.spoken_fields import (
    HourCycleField,
    LinesField,
    TypedForm,
    add_spoken,
    languages,
    spoken,
    texts_of,
)
from booking.models import HourCycle, Mode, Provider
from booking.templatetags.kept import MODE_NAMES
from booking.texts import text_in
from booking.transfer.sections import HOLD_MINUTES, LARGEST_PRICE, LONGEST_ABOUT
from booking.transfer.values import zones
from config import formats
from policies.rules import money

Content = dict[str, Any]
# Where what the file calls so is typed; names that are the same stand for themselves.
FIELDS = {
    "places.in_person": "in_person",
    "places.in_person.address": "address",
    "places.video": "video",
    "places.video.url": "video_url",
    "places.video.test_url": "video_test_url",
    "places.phone": "by_phone",
    "places.phone.who_calls": "who_calls",
    "places.phone.number": "phone_number",
}
TICKS = {Mode.IN_PERSON: "in_person", Mode.VIDEO: "video", Mode.PHONE: "by_phone"}
WHO_CALLS = (
    ("provider", gettext_lazy("You call the client")),
    ("client", gettext_lazy("The client calls you")),
)


def _tick(mode: Mode) -> forms.BooleanField:
    label: Any = MODE_NAMES[str(mode)]
    return forms.BooleanField(label=label, required=False)


def _line(label: Any, help_text: Any = "", most: int = 500, **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, max_length=most, widget=forms.TextInput(attrs)
    )


class ProfileForm(TypedForm):
    """``content`` is the provider's whole file; ``settled`` says that there is money in its currency."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("As clients know you or your studio."),
        max_length=200,
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        help_text=gettext_lazy("Clients’ answers and your news go there."),
        max_length=254,
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        help_text=gettext_lazy("Clients see it once they booked, and where they are to call you."),
        required=False,
        max_length=40,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )
    timezone = forms.CharField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("On whose clocks your hours stand, such as Europe/Rome."),
        max_length=64,
        widget=forms.TextInput({"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )
    zone_agreed = forms.BooleanField(
        label=gettext_lazy("Yes, my hours stand on the clocks of the new zone"), required=False
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Your language"),
        help_text=gettext_lazy("What is not written in a client’s language is shown in this one."),
        choices=settings.LANGUAGES,
    )
    hour_cycle = HourCycleField()
    listed = forms.BooleanField(
        label=gettext_lazy("Shown on our first page"),
        help_text=gettext_lazy("Otherwise only those find you who have your link."),
        required=False,
    )
    hold_minutes = forms.IntegerField(
        label=gettext_lazy("How long a time waits for its deposit, in minutes"),
        help_text=gettext_lazy("Unpaid by then, it is free for others."),
        min_value=5,
        max_value=1440,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )
    in_person = _tick(Mode.IN_PERSON)
    address = _line(gettext_lazy("Address"), gettext_lazy("In one line, as a map finds it."))
    video = _tick(Mode.VIDEO)
    video_url = _line(
        gettext_lazy("Link of the meeting"),
        gettext_lazy("{room} in it becomes a name that nobody can guess, another for each appointment."),
        inputmode="url",
        spellcheck="false",
    )
    video_test_url = _line(
        gettext_lazy("Link to test it"),
        gettext_lazy("A page of your meeting service where camera and sound can be tried."),
        inputmode="url",
        spellcheck="false",
    )
    by_phone = _tick(Mode.PHONE)
    who_calls = forms.ChoiceField(
        label=gettext_lazy("Who calls whom?"), choices=WHO_CALLS, required=False, widget=forms.RadioSelect
    )
    phone_number = forms.CharField(
        label=gettext_lazy("Number to call"),
        help_text=gettext_lazy("Only where it is another than the one above."),
        required=False,
        max_length=40,
        widget=forms.TextInput({"type": "tel"}),
    )

    def __init__(
        self, *args: Any, provider: Provider, content: Content, settled: bool, busy: bool, **options: Any
    ) -> None:
        options["initial"] = options.get("initial") or initial(content, provider.currency)
        super().__init__(*args, **options)
        self.provider, self.content, self.busy, first = provider, content, busy, provider.language
        add_spoken(
            self, "about", _("About you"), LinesField, first=first, required=False, max_length=LONGEST_ABOUT,
            help_text=_("Two or three sentences at the top of your booking page."),
        )  # fmt: skip
        add_spoken(
            self, "note", _("How to get in"), LinesField, first=first, required=False, max_length=1000,
            help_text=_("The bell, the floor, where to park."),
        )  # fmt: skip
        self.fields["hourly_rate"] = amounts.AmountField(
            label=_("Your rate for an hour, in %(currency)s") % {"currency": provider.currency},
            help_text=_("For deposits that are counted in hours. Clients do not see it."),
            currency=provider.currency,
            most=LARGEST_PRICE,
            required=False,
        )
        if not settled:
            self.fields["currency"] = forms.ChoiceField(
                label=_("Currency"),
                help_text=_(
                    "Figures stay as they are written: 90.00 EUR becomes 90.00 CHF. Please look at your prices afterwards."
                ),
                choices=[(code, code) for code in sorted(money.CURRENCIES)],
            )

    @property
    def abouts(self) -> list[forms.BoundField]:
        return [self[f"about_{code}"] for code in languages(self.provider.language)]

    @property
    def notes(self) -> list[forms.BoundField]:
        return [self[f"note_{code}"] for code in languages(self.provider.language)]

    @property
    def other_zone(self) -> bool:
        """Another zone was typed, and what that means waits for a yes."""
        return "zone_agreed" in self.errors

    def clean_phone(self) -> str:
        return self._number("phone")

    def clean_phone_number(self) -> str:
        return self._number("phone_number")

    def _number(self, name: str) -> str:
        typed = str(self.cleaned_data[name]).strip()
        if typed == self.get_initial_for_field(self.fields[name], name):
            return typed
        if not typed:
            return ""
        found = e164(typed, like=self.provider.phone, zone=self.provider.timezone)
        if found is None:
            raise forms.ValidationError(
                _("Please write the number with its country, such as +39 02 5555 0101.")
            )
        return found

    def clean_timezone(self) -> str:
        zone = str(self.cleaned_data["timezone"]).strip().replace(" ", "_")
        if zone not in zones():
            raise forms.ValidationError(_("Please choose one of the list, such as Europe/Rome."))
        return zone

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        zone = found.get("timezone")
        if self.busy and zone and zone != self.provider.timezone and not found.get("zone_agreed"):
            self.add_error("zone_agreed", self.about_zone(zone))
        needed = {"in_person": "address", "video": "video_url", "by_phone": "who_calls"}
        for tick, name in needed.items():
            if found.get(tick) and name not in self.errors and not found.get(name):
                self.add_error(name, _("Please say it, so that clients find you."))
        return found

    def about_zone(self, zone: str) -> str:
        return _(
            "Your weekly hours stay as they are written, and hold on the clocks of %(new)s from now on. What is "
            "booked stays at its instant: you will read it %(new)s time instead of %(old)s time."
        ) % {"new": formats.zone_city(zone), "old": formats.zone_city(self.provider.timezone)}

    def put(self, content: Content) -> str:
        """Writes what was typed into the provider's file."""
        found, first = self.cleaned_data, self.provider.language
        profile = content["provider"]
        plainly = ("name", "email", "timezone", "language", "hour_cycle", "listed")
        profile |= {name: found[name] for name in plainly}
        about = texts_of(found, "about", was=profile.get("about", {}), first=first)
        optional = {
            "phone": found["phone"],
            "hourly_rate": found["hourly_rate"],
            "about": about,
            "hold_minutes": found["hold_minutes"] if found["hold_minutes"] != HOLD_MINUTES else None,
        }
        for name, value in optional.items():
            profile.pop(name, None)
            profile |= {name: value} if value else {}
        content["places"] = self._places(content["places"])
        if found.get("currency", profile["currency"]) != profile["currency"]:
            rewrite(content, found["currency"])
        return ""

    def _places(self, was: Content) -> Content:
        found, first = self.cleaned_data, self.provider.language
        note = texts_of(found, "note", was=was.get("in_person", {}).get("note", {}), first=first)
        said: dict[str, dict[str, Any]] = {
            "in_person": {"address": found["address"], "note": note},
            "video": {"url": found["video_url"], "test_url": found["video_test_url"]},
            "phone": {"who_calls": found["who_calls"], "number": found["phone_number"]},
        }
        return {
            str(mode): {
                name: value for name, value in (was.get(str(mode), {}) | said[str(mode)]).items() if value
            }
            for mode, tick in TICKS.items()
            if found[tick]
        }

    def field_of(self, path: str) -> str | None:
        """The field of a path in the file."""
        path = path.removeprefix("provider.")
        if path.startswith(("about", "places.in_person.note")):
            code = path.rpartition(".")[2]
            stem = "about" if path.startswith("about") else "note"
            return f"{stem}_{code}" if f"{stem}_{code}" in self.fields else f"{stem}_{self.provider.language}"
        return FIELDS.get(path, path if path in self.fields else None)


def initial(content: Content, currency: str) -> dict[str, Any]:
    """What stands in the fields for a provider as its file has it."""
    profile, places = content["provider"], content["places"]
    venue, meeting, call = (places.get(mode, {}) for mode in ("in_person", "video", "phone"))
    rate = profile.get("hourly_rate")
    return {
        **{name: value for name, value in profile.items() if name not in ("about", "hourly_rate")},
        "hourly_rate": amounts.typed(rate, currency) if rate else "",
        "hold_minutes": profile.get("hold_minutes", HOLD_MINUTES),
        "hour_cycle": profile.get("hour_cycle", HourCycle.H23),
        **spoken("about", profile.get("about", {})),
        **{tick: str(mode) in places for mode, tick in TICKS.items()},
        "address": venue.get("address", ""),
        **spoken("note", venue.get("note", {})),
        "video_url": meeting.get("url", ""),
        "video_test_url": meeting.get("test_url", ""),
        "who_calls": call.get("who_calls", "provider"),
        "phone_number": call.get("number", ""),
    }


def rewrite(content: Content, currency: str) -> None:
    """The same figures in another currency, with as many decimals as that one has."""
    profile = content["provider"]
    by = money.digits(currency) - money.digits(profile["currency"])

    def same(amount: int) -> int:
        return money.to_step(Decimal(amount).scaleb(by), currency)

    for service in content["services"]:
        service["price"] = same(service["price"])
    for policy in content["policies"]:
        if policy["deposit"]["kind"] == "fixed":
            policy["deposit"]["amount"] = same(policy["deposit"]["amount"])
    if profile.get("hourly_rate"):
        profile["hourly_rate"] = same(profile["hourly_rate"])
    profile["currency"] = currency


def needed_by(problems: Mapping[str, list[str]], content: Content, language: str) -> dict[str, list[str]]:
    """A place that was taken away while services are still met there: said at its tick, by their names."""
    found: dict[str, list[str]] = {}
    for path, said in problems.items():
        parts = path.replace("]", "").replace("[", ".").split(".")
        if parts[0] == "services" and "modes" in parts and parts[1].isdecimal():
            service = content["services"][int(parts[1])]
            mode = service["modes"][int(parts[3])]
            name = text_in(service["name"], fallback=language)
            told = _("“%(name)s” is still met this way: change the service first.") % {"name": name}
            found.setdefault(f"places.{mode}", []).append(told)
        else:
            found[path] = said
    return found
