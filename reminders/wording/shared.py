"""Parts that several letters have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Mode
from config import formats
from reminders.wording import adding, safe
from reminders.wording.case import Case
from reminders.wording.letter import (
    CLOSING,
    OPENING,
    Block,
    Cost,
    Link,
    Links,
    Note,
    Row,
    Rows,
    Sum,
    Terms,
    Words,
)


@dataclass(frozen=True)
class Draft:
    """What a kind says. ``preview`` may be left to the first words."""

    subject: str
    heading: str
    blocks: Sequence[Block | None] = field(default_factory=tuple)
    preview: str = ""


Writer = Callable[[Case], Draft]
Catalogue = dict[str, Writer]

REASONS: Mapping[str, object] = {
    "convenience": gettext_lazy("Getting there is difficult"),
    "availability": gettext_lazy("The time does not suit any more"),
    "expectations": gettext_lazy("It is not what was expected"),
    "cost": gettext_lazy("The cost"),
    "illness": gettext_lazy("Illness"),
    "emergency": gettext_lazy("An emergency"),
    "bereavement": gettext_lazy("A bereavement"),
    "transport": gettext_lazy("Trouble on the way"),
    "other": gettext_lazy("Another reason"),
}


def hello(case: Case) -> Words:
    return opening(_("Hello {name},").format(name=case.client))


def opening(text: str) -> Words:
    """Words that are manner and not fact: a provider may have its own."""
    return Words(text, OPENING)


def subject_day(case: Case) -> str:
    """When, short enough for a subject."""
    return formats.moment(case.appointment.starts_at, case.zones[0])


# --- The appointment ---


def appointment_rows(case: Case) -> Rows:
    """What, when and where, as a client needs it."""
    return Rows([case.when_row(), what_row(case), *where_rows(case)])


def what_row(case: Case) -> Row:
    return Row(_("What"), _("{service} with {provider}").format(service=case.service, provider=case.provider))


def request_rows(case: Case) -> Rows:
    """The same while nothing is certain: no links yet."""
    return Rows([case.when_row(), what_row(case), Row(_("How"), how(case))])


def how(case: Case) -> str:
    ways = {Mode.IN_PERSON: _("In person"), Mode.VIDEO: _("Video call"), Mode.PHONE: _("Phone call")}
    return ways[Mode(case.appointment.mode)]


def where_rows(case: Case, *, ahead: bool = True) -> list[Row]:
    """Where, the way in, and while there is time ``ahead`` how to test it."""
    if case.appointment.mode == Mode.VIDEO:
        return [*_video_rows(case), *([_test_row(case)] if ahead and case.meeting_url else [])]
    if case.appointment.mode == Mode.PHONE:
        return [Row(_("Where"), _("By phone"), [_who_calls(case)])]
    address = safe.line(case.place.get("address") or "")
    missing = _("{provider} tells you where.").format(provider=case.provider)
    rows = [Row(_("Where"), address or missing)]
    if address:
        rows.append(Row(_("On the map"), _("Show the way"), url=map_url(address)))
    if note := safe.lines(case.local(case.place.get("note"))):
        first, *more = note.split("\n")
        rows.append(Row(_("How to get in"), first, more))
    return rows


def _video_rows(case: Case) -> list[Row]:
    if not case.meeting_url:
        contact = safe.line(case.appointment.provider.phone or case.appointment.provider.email)
        sends = _("{provider} sends you the link. If it does not come: {contact}")
        more = [sends.format(provider=case.provider, contact=contact)]
        return [Row(_("Where"), _("Video call"), more)]
    return [
        Row(_("Where"), _("Video call: you join on this page"), url=case.join_url),
        Row(_("Meeting link"), case.meeting_url, [_("If the page above should not open.")]),
    ]


def _test_row(case: Case) -> Row:
    """How to try it before it counts, and the phone as the way out (A9)."""
    phone = safe.line(case.appointment.provider.phone)
    more = [_("If it does not work, call {phone}.").format(phone=phone)] if phone else []
    if case.test_url:
        more.append(_("The meeting's own test: {address}").format(address=case.test_url))
    return Row(
        _("Test it now"),
        _("Camera, microphone and connection: it takes a minute"),
        more,
        f"{case.join_url}test/",
    )


def map_url(address: str) -> str:
    """The address on a map that follows nobody: a plain search, no picture is loaded."""
    return f"https://www.openstreetmap.org/search?{urlencode({'query': address})}"


def _who_calls(case: Case) -> str:
    provider, client = case.appointment.provider, case.appointment.client
    if case.place.get("who_calls") == "client":
        return _("You call {provider}: {phone}").format(
            provider=case.provider, phone=safe.line(provider.called_at)
        )
    if client.phone:
        return _("{provider} calls you: {phone}").format(
            provider=case.provider, phone=safe.line(client.phone)
        )
    return _("{provider} calls you.").format(provider=case.provider)


# --- Money ---


def price_rows(case: Case) -> Rows:
    """The price, what was paid ahead and what is left (A13)."""
    price, paid = case.appointment.price, case.amount("paid")
    if not price:
        return Rows([Row(_("Price"), _("Free of charge"))])
    rows = [Row(_("Price"), case.price(price), tax_lines(case))]
    if paid:
        rows.append(Row(_("Deposit paid"), case.price(paid)))
    due = case.amount("due") if "due" in case.facts else max(price - paid, 0)
    if due and due != price:
        rows.append(Row(_("Still to pay"), case.price(due)))
    return Rows(rows)


def tax_lines(case: Case, name: str = "tax") -> list[str]:
    """The tax that an amount includes, in a line; none where it bears none."""
    tax = case.facts.get(name)
    if not tax or not tax["amount"]["amount"]:
        return []
    amount = case.price(tax["amount"]["amount"])
    return [formats.includes_tax(Decimal(tax["rate"]), safe.line(tax["name"]), amount)]


def taxed(case: Case, amount: str, name: str = "tax") -> Rows | None:
    """An amount that is asked, and the tax in it; nothing where it bears none."""
    lines = tax_lines(case, name)
    return Rows([Row(_("Amount"), amount, lines)]) if lines else None


def tax_of_loss(case: Case) -> list[Block]:
    """The tax in what the client loses, where the provider taxes that."""
    return [Words(line) for line in tax_lines(case, "tax_lost")]


def cost_of_change(case: Case) -> list[Block | None]:
    """What a change would cost now and until when (rule 13); then until when the terms take nothing,
    where that is later than the quote says itself."""
    free, quote = case.instant("free_until"), case.text("quote_text")
    after = ""
    if free is not None and free > case.at and formats.moment(free, case.zones[0]) not in quote:
        after = _("After that what we agreed applies: until {moment} you lose nothing by cancelling.").format(
            moment=case.moment(free)
        )
    heading, text = _("If something comes up"), "\n".join(filter(None, [quote, after]))
    if not text or "cost" not in case.facts:
        return [Terms(heading, text)]
    cost = case.money("cost")
    return [Cost(heading, _("Cancelling now costs"), cost or _("Nothing"), text, free=not cost)]


def terms_in_short(case: Case) -> Terms:
    """The sentences that stood beside the tick, and stand on the appointment's page."""
    ours = case.facts.get("booked_by") == "provider"  # then nobody has agreed to anything yet
    heading = _("The terms") if ours else _("What we agreed")
    return Terms(heading, "\n".join(case.facts.get("terms_lines") or []))


def agreed_terms(case: Case) -> Terms:
    """All of it, to the letter; below the short sentences where there are any."""
    heading = _("The whole text") if case.facts.get("terms_lines") else _("What we agreed")
    return Terms(heading, case.text("policy_text"))


def outcome(case: Case) -> list[Block | None]:
    """What becomes of the client's money, each part in a sentence."""
    said = _sums(case, {"refund": _back, "carry": _carried, "forfeit": _kept, "fee": _fee})
    if case.facts.get("forgiven"):
        said.append(Words(_("The terms forgive it this time.")))
    if not said:
        return [Words(_("It costs you nothing."))] if case.appointment.price else []
    return [*said, *tax_of_loss(case), settles_note(case)]


def lost(case: Case) -> list[Block]:
    """What the client loses, and nothing else."""
    return [*_sums(case, {"forfeit": _kept, "fee": _fee}), *tax_of_loss(case)]


def _sums(case: Case, parts: Mapping[str, Callable[[Case], str]]) -> list[Block]:
    return [Sum(case.money(name), words(case)) for name, words in parts.items() if case.amount(name)]


def _back(case: Case) -> str:
    return _("{amount} goes back to you, the way you paid. Banks take 5 to 10 days to show it.").format(
        amount=case.money("refund")
    )


def _carried(case: Case) -> str:
    amount, until = case.money("carry"), deadline(case)
    if not until:
        return _("{amount} waits as your credit for a new time, without an end.").format(amount=amount)
    return _(
        "{amount} waits as your credit for a new appointment that starts {deadline}; after that it ends."
    ).format(amount=amount, deadline=until)


def _kept(case: Case) -> str:
    return _("{provider} keeps {amount} of your deposit, as agreed.").format(
        provider=case.provider, amount=case.money("forfeit")
    )


def _fee(case: Case) -> str:
    return _("A fee of {amount} is owed, as agreed.").format(amount=case.money("fee"))


def settles_note(case: Case) -> Words | None:
    """That money waits for an explanation (rule 8)."""
    due = case.instant("settles_at")
    if not due:
        return None
    said = _(
        "Nothing is final before {moment}. If something got in the way, tell us until then: {provider} reads it"
        " and decides. Things happen to everyone."
    )
    return Words(said.format(moment=case.moment(due), provider=case.provider))


def deadline(case: Case) -> str:
    """Until when a credit can be used, exactly: its last whole day, or the instant where that day ends
    at another time on the reader's clock. Empty where it has no end."""
    end = case.instant("carry_until")
    if end is None:
        return ""
    local = end.astimezone(ZoneInfo(case.zones[0]))
    if local.hour or local.minute:
        return _("before {moment}").format(moment=case.moment(end))
    return _("on or before {day}").format(day=formats.day(end - timedelta(microseconds=1), case.zones[0]))


# --- What a person wrote ---


def provider_note(case: Case) -> Terms | None:
    if not case.facts.get("note"):
        return None
    return Terms(_("{provider} writes").format(provider=case.provider), case.text("note"))


def client_reason(case: Case) -> Rows:
    """The reason that a client gave and what it wrote, for the provider."""
    rows = []
    if reason := REASONS.get(str(case.facts.get("reason") or "")):
        rows.append(Row(_("Reason"), str(reason)))
    if case.facts.get("note"):
        first, *more = case.typed("note").split("\n")
        rows.append(Row(_("Note"), first, more))
    return Rows(rows)


# --- Links ---


def your_page(case: Case, label: str = "") -> Links:
    return Links([Link(label or _("Your appointment"), case.manage_url, main=True)])


def add_links(case: Case) -> Links:
    """For calendars on the web that take no file along with a mail."""
    booked = case.appointment
    place = case.place.get("address") if booked.mode == Mode.IN_PERSON else how(case)
    found = adding.links(
        what=what_row(case).value, where=safe.line(place or ""), start=booked.starts_at, end=booked.ends_at
    )
    return Links([Link(one.name, one.url) for one in found[:2]], _("Or add it yourself:"))


def reply_note(case: Case) -> Note:
    said = _("You can simply answer this mail: {provider} reads it.")
    return Note(said.format(provider=case.provider), CLOSING)
