"""Nobody keeps a provider's time from others by bookings that are never paid or answered (F-108).

What is counted is *unproved* time ahead: what waits for money or for an answer, and within the last hour also what
lapsed unpaid or cost nothing. Above a soft limit the browser does a little work first (`booking.proofs`), more of it
the more there is; above a hard one it is a no. People, networks and providers are counted each for themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from booking import proofs
from booking.models import Appointment, IdempotencyKey, Provider, Status
from booking.models.appointment import WAITING
from config import network
from config.refusal import Refusal

MOST = 20  # of one network, waiting: far more than a household books at once
MOST_OF_PERSON = 6
SOFT, SOFT_OF_PERSON, SOFT_OF_PROVIDER = 8, 3, 40
REMEMBERED = timedelta(hours=1)
WORK, HARDER_EVERY, HARDEST = 256, 5, 3  # tries; doubled with every so many more, so often at most
WAIT_EACH, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=10)
DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


class TooManyHolds(Refusal):
    """This person or network has many times waiting already; they lapse by themselves."""

    code = "too_many_holds"
    status = 429


class ProofNeeded(Refusal):
    """Many book here just now: ``challenge`` is to be answered, or waited for, first."""

    code = "proof_needed"
    status = 429


@dataclass(frozen=True)
class Proof:
    """A challenge that was posed, and what was found; ``answer`` is empty where it was waited for."""

    token: str
    answer: str = ""


class _Row(NamedTuple):
    """One unproved time: its status, whose it is, the network it was booked from, and whether it is one of its
    own or ``leads`` a series, which is one wish of a person."""

    status: str
    email: str
    ip: str | None
    leads: bool


def check(
    *, provider: Provider, ip: str | None, email: str, proof: Proof | None, at: datetime, many: int = 1
) -> None:
    """Refuses one more time of ``provider``, or ``many`` of a series, for who has many already; LIMITS_EXEMPT is
    honoured. Uses up ``proof``, in the caller's transaction: what is not booked after all has not used it. Raises
    `TooManyHolds`, `ProofNeeded`."""
    if ip is None or network.is_exempt(ip):
        return
    rows = _unproved(provider, at)
    near, mine = network.neighbourhood(ip), mailbox(email)
    of_network = [row for row in rows if row.ip and network.neighbourhood(row.ip) == near]
    of_person = [row for row in rows if row.leads and mailbox(row.email) == mine]
    if _waiting(of_network) >= MOST or _waiting(of_person) >= MOST_OF_PERSON:
        raise TooManyHolds(_("You have several bookings waiting. Please pay or cancel one of them first."))
    over = max(len(of_network) - SOFT, len(of_person) - SOFT_OF_PERSON, len(rows) - SOFT_OF_PROVIDER)
    over += many - 1 if over >= 0 else 0
    if over < 0:
        return
    whose = f"{provider.uid}:{near}"
    posed = proofs.read(proof.token, whose=whose, at=at) if proof else None
    if proof and posed and proofs.is_met(posed, proof.answer, at=at):
        if _first_use(posed, at=at):
            return
        posed = None
    raise _ask(posed or _new(provider, near, over, at), at)


def mailbox(email: str) -> str:
    """The box that an address leads to: what stands after a plus is the sender's own, and Gmail reads no dots."""
    name, _at, host = email.lower().rpartition("@")
    name = name.partition("+")[0] or name
    if host in DOTLESS:
        name = name.replace(".", "")
    return f"{name}@{DOTLESS.get(host, host)}"


def _unproved(provider: Provider, at: datetime) -> list[_Row]:
    waits = Q(status__in=WAITING, hold_expires_at__gt=at)
    lately = Q(created_at__gt=at - REMEMBERED)
    lapsed = lately & Q(status=Status.EXPIRED)
    free = lately & Q(status=Status.CONFIRMED, deposit_amount=0)
    rows = Appointment.objects.filter(waits | lapsed | free, provider=provider, starts_at__gt=at)
    found = rows.values_list("status", "client__email", "agreement__ip_address", "series_first")
    return [_Row(status, email, ip, first is None) for status, email, ip, first in found]


def _waiting(rows: list[_Row]) -> int:
    return sum(row.status in WAITING for row in rows)


def _first_use(challenge: proofs.Challenge, *, at: datetime) -> bool:
    """By the unique key, whoever is faster."""
    try:
        with transaction.atomic():
            IdempotencyKey.objects.create(
                scope="proof", key=challenge.seal, request_hash="", status=200, answer=None, created_at=at
            )
    except IntegrityError:
        return False
    return True


def _ask(challenge: proofs.Challenge, at: datetime) -> ProofNeeded:
    """The same one again for who came back too early: nobody goes to the end of the line by that."""
    until = challenge.wait_until or (at + LONGEST_WAIT).timestamp()
    words = _("Many times are being booked here just now, so we make sure that a person books this one.")
    return ProofNeeded(
        words, challenge=challenge.as_json(), retry_after=max(1, int(until - at.timestamp()) + 1)
    )


def _new(provider: Provider, near: str, over: int, at: datetime) -> proofs.Challenge:
    most = WORK << min(over // HARDER_EVERY, HARDEST)
    waits = _in_line(f"kept.turns.{provider.pk}.{near}", at)
    return proofs.pose(whose=f"{provider.uid}:{near}", most=most, wait_until=waits, at=at)


def _in_line(line: str, at: datetime) -> datetime | None:
    """When the next of this network that can only wait may book; None where the line is too long.
    Each turn is a key of its own that one alone can add, so two who come at once get two."""
    now, each, longest = int(at.timestamp()), WAIT_EACH.seconds, LONGEST_WAIT.seconds
    began = cache.get_or_set(line, now, 2 * longest) or now
    cache.touch(line, 2 * longest)  # a line that is used keeps its beat
    first = now + each + (began - now) % each
    for turn in range(first, now + longest + 1, each):
        if cache.add(f"{line}.{turn}", 1, 2 * longest):
            return datetime.fromtimestamp(turn, UTC)
    return None
