"""What clients agreed to get beside the mails that an appointment needs. Rows are only added; the last
one of a channel counts, and without one there is no consent."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from django.db import transaction

from booking.models import Client, Provider
from reminders.models import Consent, Route

MORE_REMINDERS = "more_reminders"  # by e-mail; given as long as nobody took it back
# Whole answers, in every language whoever writes: the words that carriers know, and what people say instead.
STOP = frozenset(
    """stop|stopall|stop all|stop it|stop texting|unsubscribe|cancel|end|quit|revoke|optout|opt out|opt-out|no more
    |ferma|fermati|basta|annulla|disiscrivi|disiscrivimi|cancellami|rimuovimi|non scrivermi|non scrivetemi|smettere
    |หยุด|หยุดส่ง|เลิก|เลิกส่ง|ยกเลิก|ไม่รับ|ไม่รับแล้ว|ไม่เอา|ไม่ต้องส่ง|พอแล้ว""".replace("\n    ", "").split("|")
)
START = frozenset(
    """start|unstop|yes|resume|opt in
    |inizia|riprendi|ricomincia|sì|si
    |เริ่ม|เริ่มใหม่|รับ|ตกลง|ยินยอม|ใช่""".replace("\n    ", "").split("|")
)
POLITE = re.compile(r"(\s*(please|thanks|thank you|grazie|per favore|นะคะ|นะครับ|ครับ|ค่ะ|คะ|จ้า))+$")
EDGES = " .,!?\"'“”«»‘’()*_-–—…"
UNSEEN = re.compile("[\u200b-\u200f\u2060-\u2069\ufeff]")


def offered(provider: Provider) -> list[str]:
    """The kinds of channel on which this provider writes to clients who agree."""
    kinds = Route.objects.in_use().filter(provider=provider, for_clients=True).values_list("kind", flat=True)
    return sorted(set(kinds))


def given(client: Client, channel: str) -> bool:
    last = client.consents.filter(channel=channel).order_by("-pk").first()
    return last is not None and last.state == Consent.State.GIVEN


def given_by(client: Client) -> set[str]:
    """All kinds of channel that the client agreed to."""
    last = {one.channel: one.state for one in client.consents.order_by("pk")}
    return {channel for channel, state in last.items() if state == Consent.State.GIVEN}


def wants_more(client: Client) -> bool:
    """Whether the second and third reminder may come by e-mail."""
    last = client.consents.filter(channel=MORE_REMINDERS).order_by("-pk").first()
    return last is None or last.state == Consent.State.GIVEN


@transaction.atomic
def record(
    *, client: Client, channel: str, give: bool, how: str, at: datetime, words: str = ""
) -> Consent | None:
    """Write down a yes or a no; what is so already is not written again. It is said to whom a client who was merged
    meanwhile turned out to be; of who was erased nothing is written."""
    client = _as_is(client)
    if client.erased_at:
        return None
    is_so = wants_more(client) if channel == MORE_REMINDERS else given(client, channel)
    if is_so == give:
        return None
    return Consent.objects.create(
        client=client,
        channel=channel,
        state=Consent.State.GIVEN if give else Consent.State.WITHDRAWN,
        how=how,
        phone="" if channel == MORE_REMINDERS else client.phone,
        words=words[:300],
        at=at,
    )


def _as_is(client: Client) -> Client:
    """The row as it is now, kept from being merged before this is over."""
    found = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    return _as_is(found.merged_into) if found.merged_into else found


def answered(*, provider: Provider, phone: str, kind: str, text: str, at: datetime) -> int:
    """A client answered a text: STOP takes the consent back for every client of this provider with that
    number, START gives it again where it was given before. Returns for how many."""
    said = heard(text)
    if said not in STOP | START or not phone:
        return 0
    give, done = said in START, 0
    for client in Client.objects.filter(provider=provider, phone=phone, erased_at=None):
        if give and not client.consents.filter(channel=kind, state=Consent.State.GIVEN).exists():
            continue
        done += record(client=client, channel=kind, give=give, how="reply", at=at, words=said) is not None
    return done


def heard(text: str) -> str:
    """An answer without what surrounds its word: capitals, marks, thanks. More than a word is left as it is, for
    *stop by at five* is no wish to hear nothing."""
    said = " ".join(UNSEEN.sub("", unicodedata.normalize("NFC", text)).casefold().split()).strip(EDGES)
    return POLITE.sub("", said).strip(EDGES)
