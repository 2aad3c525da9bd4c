"""What the tests of messages share: a studio, an appointment, the facts of now, a sweep."""

from datetime import UTC, datetime, timedelta
from typing import Any

from booking.models import Appointment, Client
from reminders import delivery, plan
from reminders.models import Message
from tests.booking import world

START = datetime(2027, 3, 1, 15, tzinfo=UTC)  # 16:00 in Rome, 10:00 in New York
BOOKED = START - timedelta(days=14)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TOKEN = "tokentokentokentoken1234"
MANAGE = f"http://testserver/a/{TOKEN}/"

NOW = {
    "manage_url": MANAGE,
    "quote_text": "Your deposit of €27.00 would be kept.",
    "free_until": "2027-02-27T12:00:00Z",
}


def facts(appointment: Appointment, kind: str, at: datetime) -> dict[str, Any]:
    return dict(NOW)


def appointment(*, start: datetime = START, mode: str = "video", **fields: Any) -> Appointment:
    """A confirmed session of Mira, who lives in New York, at Studio Bianchi in Milan."""
    studio = world.provider() if "service" not in fields else fields["service"].provider
    service = fields.pop("service", None) or studio.services.get(slug="session")
    client = fields.pop("client", None) or Client.objects.filter(provider=studio).first()
    client = client or world.client(studio)
    wanted = {"timezone": "America/New_York", "confirmed_at": BOOKED} | fields
    made = _appointment(service, client, start, mode, wanted)
    return again(made)


def _appointment(
    service: Any, client: Client, start: datetime, mode: str, wanted: dict[str, Any]
) -> Appointment:
    late = {name: wanted.pop(name) for name in ("timezone", "language") if name in wanted}
    made = world.appointment(service, client, start, **wanted)
    Appointment.objects.filter(pk=made.pk).update(mode=mode, **late)
    return made


def again(of: Appointment) -> Appointment:
    return Appointment.objects.with_names().select_related("policy_version").get(pk=of.pk)


def change(of: Appointment, **fields: Any) -> Appointment:
    """What a story would have done meanwhile."""
    Appointment.objects.filter(pk=of.pk).update(**fields)
    return again(of)


def tell(
    of: Appointment, kind: str = "reminder", to: str = "client", at: datetime = BOOKED, **more: Any
) -> Message:
    return plan.tell(appointment=of, kind=kind, to=to, at=at, **more)


def sweep(at: datetime = START - timedelta(days=3), **more: Any) -> int:
    return delivery.send_due(at=at, **{"facts": facts, **more})


def state(of: Message) -> str:
    of.refresh_from_db()
    return of.state
