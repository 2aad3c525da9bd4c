"""Call, text or mail a client who is not there, with the words ready, in the client's language (A1, A2)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.utils.translation import gettext as _

from booking import tokens
from booking.models import Appointment
from booking.telling.spoken import WAYS, said
from config import formats


@dataclass(frozen=True)
class Way:
    """``code`` is the way as the timeline names it, ``used`` the words for having taken it."""

    code: str
    icon: str
    name: str
    url: str
    used: str


@dataclass(frozen=True)
class Reach:
    """``words`` is what the text and the mail say, ``done`` what was tried already and when."""

    words: str
    ways: list[Way]
    done: list[str]


def reach(appointment: Appointment) -> Reach:
    """The ways that there are: a phone may be missing, a mail address never is."""
    client = appointment.client
    with formats.speaking_to(appointment):
        words, subject = _words(appointment), _("Are you on your way?")
    ways = []
    if client.phone:
        number = quote(client.phone.replace(" ", ""), safe="+")
        ways.append(Way("call", "phone", _("Call"), f"tel:{number}", _("I called")))
        ways.append(Way("text", "chat", _("Text"), f"sms:{number}?body={quote(words)}", _("I sent a text")))
    address = quote(client.email, safe="@")
    mail = f"mailto:{address}?subject={quote(subject)}&body={quote(words)}"
    ways.append(Way("mail", "mail", _("Mail"), mail, _("I wrote a mail")))
    return Reach(words, ways, _done(appointment))


def _done(appointment: Appointment) -> list[str]:
    """Contacts so far, the program's own among them."""
    zone = appointment.provider.timezone
    names = WAYS | {"contacted": _("our mail went out")}
    found = [one for one in appointment.timeline.all() if one.kind in ("reached_out", "contacted")]
    return [
        _("%(time)s: %(what)s")
        % {"time": formats.time(one.at, zone), "what": said(names, one.facts.get("way") or one.kind)}
        for one in found
    ]


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
