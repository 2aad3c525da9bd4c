"""Money, moments and names as the reader's language writes them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from booking.models import Appointment
from booking.texts import text_in
from config import accounts, formats

register = template.Library()

STATUS_NAMES: dict[str, str | Promise] = {
    "requested": _("Asked for"),
    "held": _("Waits for the deposit"),
    "by_mail": _("Waits for a yes by mail"),
    "confirmed": _("Confirmed"),
    "completed": _("Kept"),
    "cancelled": _("Cancelled"),
    "declined": _("Declined"),
    "no_show": _("Missed"),
    "expired": _("Not taken up"),
}
MODE_NAMES: dict[str, str | Promise] = {
    "in_person": _("In person"),
    "video": _("Video call"),
    "phone": _("Phone call"),
}


@register.simple_tag
def once() -> SafeString:
    """For a form that adds something: sent once more, because its answer was lost, it adds nothing
    (`once.led`)."""
    return format_html('<input type="hidden" name="once" value="{}">', secrets.token_urlsafe(16))


_LINK = re.compile(r"https?://([^/\s]+)/\S*")


@register.filter
def short_links(text: str) -> str:
    """A letter that is shown before it is sent: where its links lead, without their long ends."""
    return _LINK.sub(r"\1/…", text)


@register.filter
def money(amount: int, currency: str) -> str:
    """An amount in minor units: {{ deposit.held|money:deposit.currency }}."""
    return formats.money(amount, currency)


@register.filter
def moment(instant: datetime, zone: str) -> str:
    """Day and time on the clocks of a zone: {{ entry.at|moment:provider.timezone }}."""
    return formats.moment(instant, zone)


@register.filter
def time_of_day(minute: int) -> str:
    """A minute of the day as clocks show it: {{ 540|time_of_day }}."""
    return formats.time_of_day(minute)


@register.simple_tag
def hour_cycle() -> str:
    """How times are written on this page, for scripts: `h12` or `h23`."""
    return formats.clocks()


@register.filter
def status_name(status: str) -> str:
    return str(STATUS_NAMES.get(status, status))


@register.filter
def status_of(appointment: Appointment) -> str:
    """The status as it is shown: what is held for a yes by mail waits for no deposit."""
    return "by_mail" if appointment.waits_for_mail else appointment.status


@register.filter
def mode_name(mode: str) -> str:
    return str(MODE_NAMES.get(mode, mode))


@register.filter
def in_language(texts: Mapping[str, str] | None, fallback: str = "en") -> str:
    """A text by language, as services and profiles keep them: {{ service.name|in_language:"it" }}."""
    return text_in(texts or {}, fallback=fallback)


@register.filter
def initial(name: str) -> str:
    """The first letter, for the tile that stands in for a portrait. Thai vowels written first are skipped."""
    letters = [letter for letter in name if letter.isalnum() and letter not in "เแโใไ"]
    return letters[0].upper() if letters else "·"


BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.filter
def device(user_agent: str) -> str:
    """What a browser calls itself, in words that its owner knows: ``Firefox, Windows``."""
    found = [next((name for mark, name in table if mark in user_agent), "") for table in (BROWSERS, SYSTEMS)]
    return ", ".join(one for one in found if one) or user_agent[:60] or str(_("Unknown browser"))


@register.simple_tag
def sign_up_is_open() -> bool:
    """Whether a stranger may start a page of their own."""
    return accounts.sign_up_is_open()
