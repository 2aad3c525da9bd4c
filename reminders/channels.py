"""How a letter leaves: by e-mail, through the relay of ``EMAIL_URL``.

Without ``EMAIL_URL`` a development installation writes mails as files under ``var/mail``; production
does not start without one. Either way the message is marked as sent and keeps its words, so the
dashboard shows it without a mail server."""

from __future__ import annotations

import contextlib
import re
import smtplib
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime
from typing import Any, Self
from urllib.parse import urlsplit

from anymail.exceptions import AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email

from booking.models import Appointment
from config import formats, logs
from reminders import calendar, kinds, own_links
from reminders.models import Message
from reminders.wording import Letter, safe

DEAD = (550, 551, 553)  # no such mailbox, not here, not a name
_ENHANCED = re.compile(r"^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b")
WITH_CALENDAR = ("confirmed", "moved", "mode_changed", "cancelled")


class Refused(Exception):
    """This message will never be taken. ``dead`` says that its address is to blame: nothing will reach it."""

    def __init__(self, why: str, *, dead: bool = False) -> None:
        super().__init__(why)
        self.dead = dead


class TryLater(Exception):
    """This message may be taken another time. ``lost`` says that the connection broke."""

    def __init__(self, why: str, *, lost: bool) -> None:
        super().__init__(why)
        self.lost = lost


class Away(Exception):
    """Nobody answers: no message can leave now, and none is to blame."""


def _of_series(message: Message) -> list[Appointment]:
    if message.kind == "series_cancelled":
        return own_links.cancelled_of_series(message)
    return own_links.of_series(message.appointment) if message.appointment else []


class Relay:
    """One connection for many mails, opened with the first and again after trouble."""

    def __init__(self) -> None:
        self._connection: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def send(self, mail: EmailMultiAlternatives) -> None:
        """Hand one mail over. Raises `Refused`, `TryLater` or `Away`."""
        connection = self._open()
        try:
            connection.send_messages([mail])
            _must_be_taken(mail)
        except AnymailError as trouble:
            raise judged_by_api(trouble) from trouble
        except (smtplib.SMTPException, OSError) as trouble:
            self._close()
            raise judged(trouble) from trouble

    def _open(self) -> Any:
        if self._connection is None:
            connection = get_connection()
            try:
                connection.open()
            except (smtplib.SMTPException, OSError) as trouble:
                raise Away(answer_of(trouble)) from trouble
            self._connection = connection
        return self._connection

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                connection.close()


def _must_be_taken(mail: EmailMultiAlternatives) -> None:
    """Some refusals come from a sender's API as a mail of which it can say nothing."""
    status = getattr(mail, "anymail_status", None)
    if status is not None and status.status == {"unknown"} and not status.message_id:
        raise TryLater("the sender did not say that it took the mail", lost=False)


def judged(trouble: Exception) -> Refused | TryLater:
    """5xx about the recipient or the mail is final (F-89). About the sender it is our own set-up, which
    somebody mends: giving up on every message at once would lose them all."""
    code, said = _code_and_answer(trouble)[0], answer_of(trouble)
    if code >= 500 and not isinstance(trouble, smtplib.SMTPSenderRefused):
        return Refused(said, dead=code in DEAD and _blames_address(said))
    return TryLater(said, lost=code == 0)


def judged_by_api(trouble: AnymailError) -> Refused | TryLater:
    """The same for a sender's API: 400, 413 and 422 are about this mail, no answer, 429 and 5xx pass, and
    all else (the key, the account, the domain) is our own set-up, which somebody mends."""
    said = safe.line(logs.clean(str(trouble)), longest=300)
    if isinstance(trouble, AnymailRecipientsRefused):
        return Refused(said, dead=True)
    if isinstance(trouble, AnymailInvalidAddress) or trouble.status_code in (400, 413, 422):
        return Refused(said)
    return TryLater(said, lost=trouble.status_code is None)


def _blames_address(said: str) -> bool:
    """By the enhanced status (RFC 3463) where there is one: 5.1 is the address, 5.2.1 a closed mailbox; a full
    one, and a mail that is not liked, are something else."""
    found = _ENHANCED.search(said)
    return found is None or found.group(1).startswith(("5.1.", "5.2.1"))


def answer_of(trouble: Exception) -> str:
    """The relay's answer as one line, or what went wrong with the connection."""
    code, answer = _code_and_answer(trouble)
    if not code:
        return safe.line(f"{type(trouble).__name__}: {trouble}", longest=300)
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return safe.line(f"{code} {said}", longest=300)


def _code_and_answer(trouble: Exception) -> tuple[int, bytes | str]:
    if isinstance(trouble, smtplib.SMTPRecipientsRefused):
        return next(iter(trouble.recipients.values()))  # one mail has one reader
    if isinstance(trouble, smtplib.SMTPResponseException):
        return trouble.smtp_code, trouble.smtp_error
    return 0, ""


# --- One mail ----------------------------------------------------------------------------------


class Mail(EmailMultiAlternatives):
    metadata: dict[str, str]
    track_clicks: bool
    track_opens: bool

    """Folds a long subject that is not ASCII so that it begins on its own line: Django's own way leaves a
    blank before the first word in many readers."""

    def message(self, **asked: Any) -> Any:
        made = super().message(**asked)
        if not str(self.subject).isascii():
            made.replace_header("Subject", Header(str(self.subject), "utf-8", header_name="Subject").encode())
        return made


def compose(message: Message, letter: Letter, *, manage_url: str, at: datetime) -> EmailMultiAlternatives:
    """The mail. Its Message-ID is made from the row, so that every copy has the same (F-80)."""
    mail = Mail(
        subject=letter.subject,
        body=letter.text,
        from_email=_sender(letter.sender),
        to=[one_address(address_of(message))],
        reply_to=[one_address(_answers_to(message))],
        headers={
            "Message-ID": f"<{message.uid}.{message.kind}@{_our_host()}>",
            "Date": format_datetime(at),
            "Auto-Submitted": "auto-generated",
            "Content-Language": letter.language,
            "X-Kept-Kind": message.kind,
            "X-Kept-Appointment": str(message.appointment.uid) if message.appointment else "none",
        },
    )
    mail.attach_alternative(letter.html, "text/html")
    # For senders with an API: to know it again when it comes back, and to leave our links as they are.
    mail.metadata, mail.track_clicks, mail.track_opens = {"message": str(message.uid)}, False, False
    if message.appointment and message.to_client and message.kind in WITH_CALENDAR:
        _invite(mail, message.appointment, manage_url, at)
    elif message.to_client and message.kind in ("series_confirmed", "series_cancelled"):
        file = calendar.several(_of_series(message), at=at)
        mail.attach("appointments.ics", file, "text/calendar")
    return mail


def send_sample(letter: Letter, *, kind: str, to: str, answers_to: str, at: datetime) -> None:
    """A letter to a member of the provider who wants to see it as it arrives. Belongs to no message, so
    nothing is kept. Raises `Refused`, `TryLater` or `Away`."""
    mail = Mail(
        subject=letter.subject,
        body=letter.text,
        from_email=_sender(letter.sender),
        to=[one_address(to)],
        reply_to=[one_address(answers_to)],
        headers={
            "Date": format_datetime(at),
            "Auto-Submitted": "auto-generated",
            "Content-Language": letter.language,
            "X-Kept-Kind": f"sample-{kind}",
            "X-Kept-Appointment": "none",
        },
    )
    mail.attach_alternative(letter.html, "text/html")
    with Relay() as relay:
        relay.send(mail)


def address_of(message: Message) -> str:
    if message.kind in kinds.ELSEWHERE:
        return str(message.facts["email"])
    person = message.person
    return person.email if person and message.to_client else message.provider.email


def reader_of(message: Message) -> formats.Reader:
    """Who knows the language it is written in, and how times are written in it."""
    if not message.to_client:
        return message.provider
    return message.appointment or message.person  # type: ignore[return-value]  # one is there


def one_address(said: str) -> str:
    """``said`` if it is exactly one e-mail address, else `Refused` (F-91). Quoted local parts are legal
    but can hide a second address, and nobody has one."""
    try:
        validate_email(said)
        local, domain = said.rsplit("@", 1)
        address = Address(addr_spec=f"{local}@{domain.encode('idna').decode()}").addr_spec
    except (ValidationError, ValueError, IndexError):
        raise Refused("this is not one e-mail address", dead=True) from None
    if '"' in address or not address.isascii():
        raise Refused("this e-mail address cannot be used", dead=True)
    return address


def _answers_to(message: Message) -> str:
    """Whoever answers reaches the other side."""
    person = message.person
    return message.provider.email if message.to_client or not person else person.email


def relay_id_of(mail: EmailMultiAlternatives) -> str:
    """What a sender with an API calls this mail; empty elsewhere."""
    status = getattr(mail, "anymail_status", None)
    return str(getattr(status, "message_id", None) or "")


def _sender(name: str) -> str:
    ours = Address(addr_spec=_our_address())
    return str(Address(display_name=name, username=ours.username, domain=ours.domain))


def _our_address() -> str:
    said = settings.DEFAULT_FROM_EMAIL
    return said.rsplit("<", 1)[-1].rstrip("> ")


def _our_host() -> str:
    return urlsplit(settings.BASE_URL).hostname or "localhost"


def _invite(mail: EmailMultiAlternatives, appointment: Appointment, manage_url: str, at: datetime) -> None:
    """Twice, as the big senders do: Outlook and Gmail read the alternative, others the attachment."""
    file = calendar.event(appointment, manage_url=manage_url, at=at, invitation=True)
    method = calendar.method(appointment, invitation=True)
    mail.attach_alternative(file.decode(), f"text/calendar; method={method}")
    mail.attach("appointment.ics", file, "application/ics")
