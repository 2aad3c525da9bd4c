"""How far a bounded flood gets before it is stopped, and whether a person books meanwhile.

Against the booking story itself, with the limits as they are in production: the work is done, the waits are not waited.
Times are spread over weeks, so that what stops a flood is the limits and not a full calendar."""

import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

MOST = 60  # tries of each flood: bounded
PERSON = "198.51.100.20"
ONE = "203.0.113.7"


def prepare(folder: str) -> None:
    os.environ |= {
        "DATABASE_URL": f"sqlite:///{folder}/flood.sqlite3",
        "VAR_DIR": folder,
        "DEBUG": "true",
        "LIMITS_EXEMPT": "",
        "TRUSTED_PROXIES": "10.0.0.0/8",
        "ALLOWED_HOSTS": "testserver",
        "DJANGO_SETTINGS_MODULE": "bench._settings",
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", "--no-input", verbosity=0)


def studio(n: int) -> Any:
    """A provider of its own for each flood, open all day, with a service that costs 90 and takes a deposit."""
    from booking import transfer
    from tests.booking.provider_files import BIANCHI, changed, content

    file = changed(BIANCHI, ("provider", "slug", f"studio-{n}"))
    loaded = transfer.load(file=transfer.read(content(file)), at=datetime.now(UTC))
    loaded.services.update(horizon_days=365, min_notice_minutes=60)
    return loaded


class Door:
    """The API's door, as a machine from outside knocks at it."""

    def __init__(self, provider: Any) -> None:
        from booking import availability, quotes
        from booking.models import Service

        self.provider = provider
        self.service = Service.objects.select_related("provider", "policy").get(
            provider=provider, slug="session"
        )
        self.version = quotes.offer(self.service).version
        first = datetime.now(UTC).date() + timedelta(days=3)
        found: list[str] = []
        for month in range(3):
            since = first + timedelta(days=60 * month)
            days = availability.slots(
                provider=provider,
                service=self.service,
                first=since,
                last=since + timedelta(days=59),
                zone="UTC",
                mode=None,
                at=datetime.now(UTC),
            )
            found += [start for day in days.values() for start in day]
        self.starts = iter(found[::4])
        self.left = len(found) // 4

    def knock(self, *, email: str, **meta: str) -> tuple[int, str, float]:
        """One booking with all the work that is asked for; the status, the code and the seconds of work."""
        from django.test import Client

        asked = {
            "provider": self.provider.slug,
            "service": "session",
            "start": next(self.starts),
            "mode": "video",
            "timezone": "Europe/Rome",
            "client": {"name": "Ada Moss", "email": email, "language": "en"},
            "policy_version": self.version,
            "agree": True,
        }
        send = Client().post
        path = "/api/v1/appointments/"
        answer = send(path, asked, content_type="application/json", **meta)
        said, worked = answer.json(), 0.0
        if said.get("code") == "proof_needed":
            since = perf_counter()
            proof = solved(said["challenge"])
            worked = perf_counter() - since
            answer = send(path, asked, content_type="application/json", HTTP_KEPT_PROOF=proof, **meta)
            said = answer.json()
        return answer.status_code, str(said.get("code", "")), worked


def solved(challenge: dict[str, Any]) -> str:
    from booking import proofs

    tries = range(1, challenge["most"] + 1)
    number = next(one for one in tries if proofs.derived(challenge["salt"], one) == challenge["target"])
    return f"{challenge['token']};{number}"


def floods() -> dict[str, Iterator[dict[str, str]]]:
    """Who knocks, try by try."""
    return {
        "one address, one person": ({"email": "ada@example.com", "REMOTE_ADDR": ONE} for _ in range(MOST)),
        "many plus-addresses of one person, from many networks": (
            {"email": f"ada+{n}@example.com", "REMOTE_ADDR": f"203.0.{n}.7"} for n in range(MOST)
        ),
        "many persons from one network": (
            {"email": f"one{n}@example.com", "REMOTE_ADDR": ONE} for n in range(MOST)
        ),
        "the same, with X-Forwarded-For made up": (
            {"email": f"two{n}@example.com", "REMOTE_ADDR": ONE, "HTTP_X_FORWARDED_FOR": f"198.18.0.{n}"}
            for n in range(MOST)
        ),
        "the same through our own proxy, its header made longer": (
            {
                "email": f"three{n}@example.com",
                "REMOTE_ADDR": "10.0.0.1",
                "HTTP_X_FORWARDED_FOR": f"198.18.1.{n}, {ONE}",
            }
            for n in range(MOST)
        ),
        "many persons, one IPv6 network": (
            {"email": f"six{n}@example.com", "REMOTE_ADDR": f"2001:db8::{n:x}"} for n in range(1, MOST + 1)
        ),
        "many persons from as many true networks": (
            {"email": f"four{n}@example.com", "REMOTE_ADDR": f"203.0.{n}.7"} for n in range(MOST)
        ),
    }


def run(n: int, tries: Iterator[dict[str, str]]) -> dict[str, Any]:
    from django.core.cache import cache

    cache.clear()
    door = Door(studio(n))
    free = proofs_done = got = 0
    work, stopped = 0.0, "-"
    for meta in tries:
        status, code, worked = door.knock(**meta)
        if status != 201:
            stopped = f"{status} `{code}`"
            break
        got += 1
        proofs_done += worked > 0
        free += not worked
        work += worked
    status, _code, worked = door.knock(email="nina@example.com", REMOTE_ADDR=PERSON)
    person = f"{status}, {worked:.1f} s of work" if worked else f"{status}, at once"
    return {
        "free": free,
        "proved": proofs_done,
        "got": got,
        "work": work,
        "stopped": stopped,
        "person": person,
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        from booking import hoarding

        rows = {name: run(n, tries) for n, (name, tries) in enumerate(floods().items())}
    print("## A bounded flood\n")
    print(
        f"{MOST} bookings with a deposit, nobody pays; each flood at a provider of its own, the work done by one"
    )
    print(
        "core in Python. Without work: what is got before the first challenge. Then a person from elsewhere books.\n"
    )
    print(
        "| who | without work | with work | held in all | stopped by | work, per booking | a person meanwhile |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, row in rows.items():
        each = f"{row['work'] / row['proved']:.2f} s" if row["proved"] else "-"
        print(
            f"| {name} | {row['free']} | {row['proved']} | **{row['got']}** | {row['stopped']} | {each} | {row['person']} |"
        )
    limits = f"{hoarding.MOST_OF_PERSON} of a person, {hoarding.MOST} of a network"
    print(
        f"\nHard limits: {limits}; work begins at {hoarding.SOFT_OF_PERSON}, {hoarding.SOFT} and, for all of a"
    )
    print(f"provider together, {hoarding.SOFT_OF_PROVIDER}. Unpaid holds lapse after 15 minutes.")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    main()
