"""The appointment as a calendar entry, for mails and for the client's own download; and all of a
provider's, for the calendar that subscribes to them.

Every version of it has the same UID and a SEQUENCE that rises with the appointment's version, so a
calendar moves or removes the entry that it has (F-115). In mails it is an invitation (METHOD:REQUEST),
because calendars follow an invitation's later versions by themselves and a CANCEL takes it away, which
most do not do for a published event. The client counts as having accepted and is asked for no reply:
declining in a calendar cancels nothing here, and whoever does it all the same answers the provider, who
is the organizer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from icalendar import Calendar, Event, vCalAddress, vText, vUri

from booking import tokens
from booking.models import Appointment, Mode, Provider, Status
from reminders.wording import safe
from reminders.wording.adding import Adding, links
from reminders.wording.case import local_text

ENDED = (Status.CANCELLED, Status.DECLINED, Status.EXPIRED)
AGAIN_AFTER = timedelta(minutes=15)
NOTES: dict[str, Any] = {
    Status.REQUESTED: gettext_lazy("waits for your yes"),
    Status.HELD: gettext_lazy("waits for the client"),
    Status.NO_SHOW: gettext_lazy("did not come"),
}


def event(appointment: Appointment, *, manage_url: str, at: datetime, invitation: bool = False) -> bytes:
    """The .ics file in the active language, in UTC: PUBLISH to download, REQUEST as an ``invitation``,
    CANCEL once the appointment is off."""
    calendar = _calendar(method(appointment, invitation=invitation))
    calendar.add_component(_entry(appointment, manage_url, at, invitation))
    return calendar.to_ical()


def adding(appointment: Appointment) -> list[Adding]:
    """The same for calendars on the web, by a link each; nothing in it opens the appointment."""
    place = appointment.provider.places.get(appointment.mode) or {}
    where = safe.line(place.get("address") or "") if appointment.mode == Mode.IN_PERSON else ""
    if appointment.mode == Mode.VIDEO:
        where = _("Video call: the link is in your mail")
    elif appointment.mode == Mode.PHONE:
        where = _location(appointment, "")
    return links(
        what=_summary(appointment), where=where, start=appointment.starts_at, end=appointment.ends_at
    )


def several(appointments: Iterable[Appointment], *, at: datetime) -> bytes:
    """A client's appointments as one file to take over: an invitation would be to one of them alone."""
    calendar = _calendar("PUBLISH")
    for appointment in appointments:
        calendar.add_component(_entry(appointment, tokens.manage_url(appointment), at, invitation=False))
    return calendar.to_ical()


def subscribed(provider: Provider, appointments: Iterable[Appointment], *, names: bool) -> bytes:
    """A provider's appointments as the .ics that its own calendar subscribes to, in the active language;
    without ``names`` it has the clients' initials and no phone number."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", safe.line(provider.name, longest=120))
    calendar.add("x-wr-timezone", provider.timezone)
    calendar.add("refresh-interval", AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")  # what Outlook reads in its place
    for appointment in appointments:
        calendar.add_component(_own_entry(appointment, names=names))
    return calendar.to_ical()


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Kept//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def method(appointment: Appointment, *, invitation: bool) -> str:
    if appointment.status in ENDED:
        return "CANCEL"
    return "REQUEST" if invitation else "PUBLISH"


def _entry(appointment: Appointment, manage_url: str, at: datetime, invitation: bool) -> Event:
    off = appointment.status in ENDED
    event = _times(appointment, stamp=at)
    event.add("summary", _summary(appointment))
    event.add("location", _location(appointment, manage_url))
    event.add("description", _description(appointment, manage_url))
    event.add("url", vUri(manage_url))
    event.add("organizer", _organizer(appointment))
    if invitation or off:
        event.add("attendee", _attendee(appointment))
    return event


def _own_entry(appointment: Appointment, *, names: bool) -> Event:
    # Stamped by the appointment and not by the clock: unchanged appointments make the same file.
    event = _times(appointment, stamp=appointment.confirmed_at or appointment.created_at)
    url = settings.BASE_URL.rstrip("/") + reverse("desk_appointment", args=[appointment.uid])
    event.add("summary", _own_summary(appointment, names=names))
    if place := _own_place(appointment, names=names):
        event.add("location", place)
    event.add("description", url)
    event.add("url", vUri(url))
    return event


def _times(appointment: Appointment, *, stamp: datetime) -> Event:
    off, waits = appointment.status in ENDED, appointment.status in (Status.REQUESTED, Status.HELD)
    event = Event()
    event.add("uid", f"{appointment.uid}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("sequence", appointment.version)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", appointment.ends_at.astimezone(UTC))
    event.add("status", "CANCELLED" if off else "TENTATIVE" if waits else "CONFIRMED")
    event.add("transp", "OPAQUE")
    return event


def _summary(appointment: Appointment) -> str:
    name = local_text(appointment.service.name, appointment.provider)
    return _("{service} with {provider}").format(
        service=safe.line(name, longest=120), provider=safe.line(appointment.provider.name, longest=80)
    )


def _own_summary(appointment: Appointment, *, names: bool) -> str:
    client = safe.line(appointment.client.name, longest=80)
    said = _("{client}: {service}").format(
        client=client if names else "".join(f"{word[0]}." for word in client.split()),
        service=safe.line(local_text(appointment.service.name, appointment.provider), longest=120),
    )
    return f"{said} ({NOTES[appointment.status]})" if appointment.status in NOTES else said


def _own_place(appointment: Appointment, *, names: bool) -> str:
    place = appointment.provider.places.get(appointment.mode) or {}
    if appointment.mode == Mode.VIDEO:
        return str(place.get("url", "")).replace("{room}", appointment.room)
    if appointment.mode == Mode.IN_PERSON:
        return safe.line(place.get("address", ""))
    phone = safe.line(appointment.client.phone) if names else ""
    return _("By phone: {phone}").format(phone=phone) if phone else _("By phone")


def _location(appointment: Appointment, manage_url: str) -> str:
    provider = appointment.provider
    place = provider.places.get(appointment.mode) or {}
    if appointment.mode == Mode.VIDEO:
        return f"{manage_url}join/"
    if appointment.mode == Mode.IN_PERSON:
        return safe.line(place.get("address") or provider.name)
    if place.get("who_calls") == "client":
        return _("You call {provider}: {phone}").format(
            provider=safe.line(provider.name), phone=safe.line(provider.called_at)
        )
    return _("{provider} calls you.").format(provider=safe.line(provider.name))


def _description(appointment: Appointment, manage_url: str) -> str:
    said = _("To move or cancel, use this page; declining here changes nothing:")
    return f"{said}\n{manage_url}"


def _organizer(appointment: Appointment) -> vCalAddress:
    organizer = vCalAddress(f"mailto:{appointment.provider.email}")
    organizer.params["CN"] = vText(_parameter(appointment.provider.name))
    return organizer


def _attendee(appointment: Appointment) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{appointment.client.email}")
    attendee.params["CN"] = vText(_parameter(appointment.client.name))
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["RSVP"] = vText("FALSE")
    return attendee


def _parameter(name: str) -> str:
    """Inside a parameter a double quote has no escape at all (RFC 5545, 3.2)."""
    return safe.line(name, longest=80).replace('"', "'")
