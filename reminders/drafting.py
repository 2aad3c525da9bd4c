"""What a message says when it leaves: its letter as a mail, or in its short form as a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.mail import EmailMultiAlternatives

from booking.models import Appointment
from config import formats
from reminders import channels, own_links, summaries, wording
from reminders.models import Message
from reminders.wording import short
from reminders.wording.case import parsed

_SECRET = re.compile(r"(/a/(?:address/)?|[?&;]credit=)[\w-]{16,}")

Facts = Callable[[Appointment, str, datetime], dict[str, Any]]


@dataclass(frozen=True)
class Written:
    letter: wording.Letter
    mail: EmailMultiAlternatives


def without_secrets(said: str) -> str:
    """As it is shown in the dashboard: without the tokens of links, which are in no table."""
    return _SECRET.sub("\\1…", said)


def mail(message: Message, *, facts: Facts, at: datetime) -> Written | None:
    """The mail in the language of whoever gets it; None where the facts of now have overtaken it."""
    with formats.speaking_to(channels.reader_of(message)):
        said = _said(message, facts, at)
        if said is None:
            return None
        letter = wording.write(message, facts=said, at=at)
        manage_url = str(said.get("manage_url") or "")
        made = channels.compose(message, letter, manage_url=manage_url, at=at)
    return Written(letter, made)


def text(message: Message, *, facts: Facts, at: datetime) -> tuple[wording.Letter, str] | None:
    """The same as a letter and in its short form."""
    with formats.speaking_to(channels.reader_of(message)):
        said = _said(message, facts, at)
        if said is None:
            return None
        letter = wording.write(message, facts=said, at=at)
        return letter, short.write(message, facts=said, subject=letter.subject, at=at)


def _said(message: Message, facts: Facts, at: datetime) -> dict[str, Any] | None:
    now = facts(message.appointment, message.kind, at) if message.appointment else {}
    if message.kind == "daily":
        now = summaries.facts(message, at=at)
    elif message.kind == "my_links":
        now = own_links.facts(message, at=at)
    elif message.kind == "series_confirmed" and message.appointment:
        now |= own_links.series_facts(message.appointment)
    said = {**now, **message.facts}
    return None if said.get("holds") is False or _overtaken(message, said, at) else said


def _overtaken(message: Message, said: dict[str, Any], at: datetime) -> bool:
    """Nobody is told that we wait until a minute that is over."""
    until = parsed(said.get("waits_until")) if message.kind in ("contact", "is_client_there") else None
    return until is not None and at >= until
