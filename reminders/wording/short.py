"""The short form of a message, for SMS and the like: who, what, when, one link. Never more than two
SMS: 306 characters of the GSM alphabet, 134 of any other script. Nothing that a client typed as a note
is in it, and names give way before the link does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from reminders.models import Message
from reminders.wording import safe
from reminders.wording.case import Case

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€")
PLAINER = str.maketrans(
    {"–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "·": "-", "\u00a0": " "}
    | dict.fromkeys(("\u202f", "\u2009"), " ")
    | dict.fromkeys(("\u2060", "\u2068", "\u2069", "\u200b"), None)
)
MOST_PARTS = 2
ROOMS = (80, 48, 32, 22, 15, 10, 6)  # how long a name may be, tried one after the other

Short = Callable[[Case, Callable[[str], str]], str]


def write(message: Message, *, facts: Mapping[str, Any], subject: str, at: datetime) -> str:
    """The text in the active language; ``subject`` is that of the mail, for kinds without words of
    their own here."""
    case = Case(message, {**facts, "subject": subject}, at)
    say = SAYS.get(message.kind, _news) if message.to_client else _to_provider
    text = ""
    for room in ROOMS:
        text = say(case, _cut(room)).translate(PLAINER)
        if parts(text) <= MOST_PARTS:
            return text
    return text


def parts(text: str) -> int:
    """How many SMS it makes."""
    if set(text) <= GSM | GSM_TWICE:
        size = len(text) + sum(mark in GSM_TWICE for mark in text)
        return 1 if size <= 160 else -(-size // 153)
    size = len(text.encode("utf-16-be")) // 2
    return 1 if size <= 70 else -(-size // 67)


def _cut(room: int) -> Callable[[str], str]:
    def cut(name: str) -> str:
        return name if len(name) <= room else name[: room - 2].rstrip() + ".."

    return cut


def _reminder(case: Case, cut: Callable[[str], str]) -> str:
    return _("{provider}: {service}, {when}. Coming? Another time? {link}").format(
        provider=cut(case.provider), service=cut(case.service), when=case.short_moment, link=case.manage_url
    )


def _contact(case: Case, cut: Callable[[str], str]) -> str:
    until = case.clock(case.instant("waits_until"))
    if not until:
        return _("{provider}: we are waiting for you. Are you late? {link}").format(
            provider=cut(case.provider), link=case.manage_url
        )
    return _("{provider}: we are waiting for you until {until}. Are you late? {link}").format(
        provider=cut(case.provider), until=until, link=case.manage_url
    )


def _news(case: Case, cut: Callable[[str], str]) -> str:
    return f"{cut(case.provider)}: {cut(case.text('subject'))} {case.manage_url}"


def _to_provider(case: Case, cut: Callable[[str], str]) -> str:
    link = case.dashboard_url if case.message.appointment else f"{settings.BASE_URL}/dashboard/messages/"
    return f"{cut(safe.line(case.facts.get('subject') or 'Kept'))} {link}"


SAYS: dict[str, Short] = {
    "reminder": _reminder,
    "reminder_day": _reminder,
    "reminder_hours": _reminder,
    "contact": _contact,
}
