"""A service as a form: what is typed becomes the part of the provider's file that an import would read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.addresses import LONGEST_SLUG
from booking.dashboard import amounts
from booking.dashboard.questions import Questions, free_name
from booking.dashboard.spoken_fields import LinesField, TypedForm, add_spoken, languages, spoken, texts_of
from booking.models import Mode, Provider, Service
from booking.pages import offering
from booking.templatetags.kept import MODE_NAMES
from booking.transfer.sections import DAY_MINUTES, LARGEST_PRICE, LONGEST_ABOUT, MOST_IN_SERIES
from policies.models import Policy

Part = dict[str, Any]
UNITS = {"minutes": 1, "hours": 60, "days": DAY_MINUTES}
UNIT_NAMES = (
    ("minutes", gettext_lazy("minutes")),
    ("hours", gettext_lazy("hours")),
    ("days", gettext_lazy("days")),
)
LONGEST_NOTICE = 365 * DAY_MINUTES
NEW: Part = {
    "name": {},
    "duration_minutes": 60,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "slot_interval_minutes": 30,
    "min_notice_minutes": DAY_MINUTES,
    "horizon_days": 60,
    "modes": [],
    "approval": False,
    "questions": [],
}
LEFT_OUT_WHEN_EMPTY = ("about", "series_most", "confirm_by_mail", "hidden", "tax_percent")
# Which sections of the page are open at once, and what stands in the others.
SECTIONS = {
    "times": (
        "buffer_before_minutes",
        "buffer_after_minutes",
        "slot_interval_minutes",
        "notice",
        "notice_unit",
        "horizon_days",
    ),
    "asking": ("approval", "confirm_by_mail", "series_most"),
    "tax": ("tax_percent",),
    "address": ("slug", "hidden"),
}


def _minutes(label: Any, help_text: Any, *, least: int = 0) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=help_text, min_value=least, max_value=DAY_MINUTES, widget=_number()
    )


def _number() -> forms.NumberInput:
    return forms.NumberInput({"inputmode": "numeric", "autocomplete": "off"})


class ServiceForm(TypedForm):
    """``part`` is the service as the file has it, ``policies`` the names of those on offer."""

    duration_minutes = _minutes(
        gettext_lazy("Length, in minutes"), gettext_lazy("How long you are there for the client."), least=1
    )
    modes = forms.MultipleChoiceField(
        label=gettext_lazy("How you meet"),
        help_text=gettext_lazy("Where there are several, the client chooses, and may change it later."),
        choices=list(MODE_NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Please choose one at least.")},
    )
    policy = forms.ChoiceField(
        label=gettext_lazy("Policy"),
        help_text=gettext_lazy("Which deposit is asked, and what a late change costs."),
    )
    buffer_before_minutes = _minutes(
        gettext_lazy("Kept free before, in minutes"),
        gettext_lazy("To prepare or to travel. Clients do not see it."),
    )
    buffer_after_minutes = _minutes(
        gettext_lazy("Kept free after, in minutes"),
        gettext_lazy("To rest or to write your notes. Between two appointments both count."),
    )
    slot_interval_minutes = _minutes(
        gettext_lazy("A start every so many minutes"),
        gettext_lazy("30: on the hour and on the half hour, counted from when you open."),
        least=1,
    )
    notice = forms.IntegerField(
        label=gettext_lazy("Booked at least so long before"),
        help_text=gettext_lazy("Nearer times are not offered. 0: until the last minute."),
        min_value=0,
        max_value=LONGEST_NOTICE,
        widget=_number(),
    )
    notice_unit = forms.ChoiceField(label=gettext_lazy("counted in"), choices=UNIT_NAMES)
    horizon_days = forms.IntegerField(
        label=gettext_lazy("Booked at most so many days ahead"),
        help_text=gettext_lazy("How far into the future your calendar is open."),
        min_value=1,
        max_value=730,
        widget=_number(),
    )
    approval = forms.BooleanField(
        label=gettext_lazy("I approve each booking first"),
        help_text=gettext_lazy("The time is kept while you decide; the deposit is asked once you said yes."),
        required=False,
    )
    confirm_by_mail = forms.BooleanField(
        label=gettext_lazy("Clients confirm by a link in a mail"),
        help_text=gettext_lazy(
            "Where no deposit is asked: the time is held for half an hour until they did."
        ),
        required=False,
    )
    series_most = forms.IntegerField(
        label=gettext_lazy("Booked week after week, at most so many in one go"),
        help_text=gettext_lazy("For clients who come regularly. Empty: one appointment at a time."),
        min_value=2,
        max_value=MOST_IN_SERIES,
        required=False,
        widget=_number(),
    )
    tax_percent = forms.DecimalField(
        label=gettext_lazy("Tax in the price, in percent"),
        help_text=gettext_lazy("The price includes it and receipts name it. Empty: the price bears none."),
        min_value=0,
        max_value=100,
        decimal_places=2,
        required=False,
        widget=forms.NumberInput({"step": "0.01", "inputmode": "decimal"}),
    )
    slug = forms.CharField(
        label=gettext_lazy("Address"),
        help_text=gettext_lazy(
            "The last part of its link: small letters, digits and hyphens. Empty: made of the name."
        ),
        required=False,
        max_length=LONGEST_SLUG,
        widget=forms.TextInput({"autocapitalize": "off", "spellcheck": "false"}),
    )
    hidden = forms.BooleanField(
        label=gettext_lazy("Hidden from clients"),
        help_text=gettext_lazy("Nobody sees or books it; what is booked already stays."),
        required=False,
    )

    def __init__(
        self, *args: Any, provider: Provider, part: Mapping[str, Any], policies: Sequence[str], **options: Any
    ) -> None:
        options["initial"] = options.get("initial") or initial(part, provider)
        super().__init__(*args, **options)
        self.provider, self.part, first = provider, part, provider.language
        add_spoken(
            self, "name", _("Name"), forms.CharField, first=first, max_length=200,
            help_text=_("Short, as your clients call it."),
        )  # fmt: skip
        add_spoken(
            self, "about", _("Description"), LinesField, first=first, required=False, max_length=LONGEST_ABOUT,
            help_text=_("What it is, whom it is for, what to bring. It stands on the booking page."),
        )  # fmt: skip
        self.fields["price"] = amounts.AmountField(
            label=_("Price, in %(currency)s") % {"currency": provider.currency},
            help_text=_("What the client pays in all. 0: free of charge."),
            currency=provider.currency,
            least=0,
            most=LARGEST_PRICE,
        )
        policy = self.fields["policy"]
        assert isinstance(policy, forms.ChoiceField)
        policy.choices = [(name, name) for name in policies]

    @property
    def other_languages(self) -> list[forms.BoundField]:
        codes = languages(self.provider.language)[1:]
        return [self[f"{name}_{code}"] for code in codes for name in ("name", "about")]

    @property
    def own_language(self) -> list[forms.BoundField]:
        return [self[f"{name}_{self.provider.language}"] for name in ("name", "about")]

    @property
    def wrong_sections(self) -> set[str]:
        """Those that must stand open, for there is something to put right."""
        found = {name for name, fields in SECTIONS.items() if any(field in self.errors for field in fields)}
        if any(field.errors for field in self.other_languages):
            found.add("languages")
        return found

    def clean_modes(self) -> list[str]:
        modes = self.cleaned_data["modes"]
        unknown = [str(MODE_NAMES[mode]) for mode in modes if mode not in self.provider.places]
        if unknown and not self.data.get("hidden"):
            raise forms.ValidationError(
                _("Say first, under Profile and places, where this happens: %(modes)s.")
                % {"modes": ", ".join(unknown)}
            )
        order = [*self.part.get("modes", ()), *Mode.values]
        return sorted(modes, key=order.index)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("approval") and found.get("series_most"):
            self.add_error("series_most", _("Not while you approve each booking: please leave it empty."))
        if found.get("approval") and found.get("confirm_by_mail"):
            self.add_error(
                "confirm_by_mail", _("Not while you approve each booking: your yes is the one that counts.")
            )
        if found.get("notice") is not None and found.get("notice_unit") in UNITS:
            minutes = found["notice"] * UNITS[found["notice_unit"]]
            if minutes > LONGEST_NOTICE:
                self.add_error("notice", _("At most a year."))
            found["min_notice_minutes"] = minutes
        return found

    def said(self, questions: Questions, taken: Sequence[str]) -> Part:
        """The service as the file has it. ``taken`` are the addresses of the others."""
        found, first = self.cleaned_data, self.provider.language
        name = texts_of(found, "name", was=self.part.get("name", {}), first=first)
        about = texts_of(found, "about", was=self.part.get("about", {}), first=first)
        numbers = (*(n for n in NEW if n.endswith(("_minutes", "_days"))), "price")
        slug = found["slug"].strip() or free_name(name, taken, otherwise="service")
        # What is set on pages of its own stays as it was.
        part = {one: value for one, value in self.part.items() if one not in LEFT_OUT_WHEN_EMPTY}
        part |= {"slug": slug, "name": name} | {one: found[one] for one in numbers}
        part |= {"modes": found["modes"], "policy": found["policy"], "approval": found["approval"]}
        part |= {"questions": questions.parts()}
        optional = {
            "about": about,
            "series_most": found["series_most"],
            "confirm_by_mail": found["confirm_by_mail"],
            "hidden": found["hidden"],
        }
        part |= {one: value for one, value in optional.items() if value}
        tax = found["tax_percent"]
        return part | ({} if tax is None else {"tax_percent": _plain(tax)})

    def field_of(self, path: str) -> str | None:
        """The field of a path within the part of the file."""
        head, _dot, tail = path.replace("[", ".").partition(".")
        if head in ("name", "about"):
            code = tail if f"{head}_{tail}" in self.fields else self.provider.language
            return f"{head}_{code}"
        return {"min_notice_minutes": "notice"}.get(head, head if head in self.fields else None)

    def preview(self, policies: Mapping[str, Policy]) -> offering.Offering | None:
        """The service as its clients would see it, of what is right by now; none without a policy."""
        found, provider = self.drafted(), self.provider
        policy = policies.get(str(found["policy"])) or next(iter(policies.values()), None)
        if policy is None:
            return None
        tax = found["tax_percent"]
        service = Service(
            provider=provider,
            policy=policy,
            slug=found["slug"] or "new",
            name=texts_of(found, "name", was=self.part.get("name", {}), first=provider.language)
            or {provider.language: _("Its name")},
            about=texts_of(found, "about", was=self.part.get("about", {}), first=provider.language),
            duration_minutes=found["duration_minutes"] or NEW["duration_minutes"],
            price=found["price"] or 0,
            modes=[mode for mode in Mode.values if mode in (found["modes"] or ())],
            approval=bool(found["approval"]),
            tax_rate=None if tax is None else int(tax * 100),
        )
        return offering.of(service)


def initial(part: Mapping[str, Any], provider: Provider) -> dict[str, Any]:
    """What stands in the fields for a service as the file has it."""
    unit = next(
        (name for name in ("days", "hours") if part["min_notice_minutes"] % UNITS[name] == 0), "minutes"
    )
    unit = unit if part["min_notice_minutes"] else "hours"
    plain = {
        name: value for name, value in part.items() if name not in ("name", "about", "questions", "price")
    }
    price = {"price": amounts.typed(part["price"], provider.currency)} if "price" in part else {}
    notice = {"notice": part["min_notice_minutes"] // UNITS[unit], "notice_unit": unit}
    return plain | price | notice | spoken("name", part["name"]) | spoken("about", part.get("about", {}))


def _plain(number: Decimal) -> int | float:
    return int(number) if number == int(number) else float(number)
