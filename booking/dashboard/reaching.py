"""Call, text or mail a client who is not there, with the words ready, in the client's language (A1, A2)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import override

from booking import tokens
from booking.models import Appointment
from config import formats


@dataclass(frozen=True)
class Way:
    icon: str
    name: str
    url: str


@dataclass(frozen=True)
class Reach:
    """``words`` is what the text and the mail say."""

    words: str
    ways: list[Way]


def reach(appointment: Appointment) -> Reach:
    """The ways that there are: a phone may be missing, a mail address never is."""
    client = appointment.client
    with override(appointment.language):
        words, subject = _words(appointment), _("Are you on your way?")
    ways = []
    if client.phone:
        number = quote(client.phone.replace(" ", ""), safe="+")
        ways.append(Way("phone", _("Call"), f"tel:{number}"))
        ways.append(Way("chat", _("Text"), f"sms:{number}?body={quote(words)}"))
    address = quote(client.email, safe="@")
    ways.append(Way("mail", _("Mail"), f"mailto:{address}?subject={quote(subject)}&body={quote(words)}"))
    return Reach(words, ways)


def _words(appointment: Appointment) -> str:
    """Kind and exact: we wait, until when, and how to say that it gets later."""
    facts = {
        "name": appointment.client.name,
        "start": formats.time(appointment.starts_at, appointment.timezone),
        "until": formats.time(appointment.grace_ends_at, appointment.timezone),
        "who": appointment.provider.name,
        "link": tokens.manage_url(appointment),
    }
    return (
        _(
            "Hello %(name)s, we have an appointment at %(start)s. I hope all is well. I am waiting for you "
            "until %(until)s. Are you late? Tell me here: %(link)s – %(who)s"
        )
        % facts
    )
