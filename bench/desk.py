"""P5: every page of the dashboard, its calendar feed and the lists of the API with 100, 10,000 and 100,000 appointments.

    python -m bench.desk [--sizes 100,10000,100000] [--rounds 7] [--databases sqlite,postgres]

Three providers in one database, asked in turn, a b c a b c, by their owners through the whole stack of middleware.
Counted are statements, measured is wall time until the whole answer is there."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench._rounds import Race, verdict

ROOT = Path(__file__).parent.parent
SIZES = "100,10000,100000"
GOAL = 1.5
ROOMS = ("booking", "payments", "policies", "reminders")
NO_PAGE = (302, 400, 403, 405)  # it sends on, asks for more, is for strangers, or is there to be posted to


class Desk:
    """One provider's owner at a browser, and the same with a token of the API."""

    def __init__(self, provider: Any, at: datetime) -> None:
        from django.test import Client

        from booking import api_tokens, tokens
        from tests.booking.dashboard.people import show_factor

        member = provider.memberships.select_related("user", "provider").get(role="owner")
        self.provider, self.at = provider, at
        self.browser = Client(headers={"Host": "127.0.0.1"})
        self.browser.force_login(member.user)
        show_factor(self.browser, member.user)
        _row, token = api_tokens.make(member=member, scopes=["read", "write"], at=at)
        self.api = Client(headers={"Host": "127.0.0.1", "Authorization": f"Bearer {token}"})
        tokens.open_calendar(membership=member, names=True)
        self.subscribed = tokens.calendar_url(member).partition("/calendar/")[2]

    def addresses(self) -> dict[str, str]:
        return dict([*self.pages(), *self.lists(), *self.things(), *self.programs()])

    def pages(self) -> Iterator[tuple[str, str]]:
        """Every address of the dashboard that needs no id, as the resolver knows them."""
        from django.urls import get_resolver

        for room in ROOMS:
            for pattern in get_resolver(f"{room}.dashboard.urls").url_patterns:
                path = str(pattern.pattern)
                if "<" not in path and self.browser.get(f"/dashboard/{path}").status_code not in NO_PAGE:
                    yield f"/{path}", f"/dashboard/{path}"

    def lists(self) -> Iterator[tuple[str, str]]:
        """The same lists found in, narrowed, and on a page far back."""
        day, month = f"{self.at:%Y-%m-%d}", f"{self.at:%Y-%m}"
        first, last = self.at - timedelta(days=21), self.at + timedelta(days=21)
        asked = f"start={first:%Y-%m-%dT00:00:00}&end={last:%Y-%m-%dT00:00:00}"
        yield "/calendar/feed/ of 42 days", f"/dashboard/calendar/feed/?{asked}"
        yield "/calendar/ of a month", f"/dashboard/calendar/?view=month&date={day}"
        for state in ("all&status=completed", "all&status=requested", "past"):
            yield f"/appointments/ {state}", f"/dashboard/appointments/?period={state}"
        for path in ("appointments", "clients", "messages", "money"):
            yield f"/{path}/ search one", f"/dashboard/{path}/?q=Client+000007"
            yield f"/{path}/ search none", f"/dashboard/{path}/?q=nobody+at+all"
            yield f"/{path}/ by address", f"/dashboard/{path}/?q=client7@example.com"
        yield "/messages/ failed", "/dashboard/messages/?state=failed"
        for state in ("held", "refunded"):
            yield f"/money/ {state}", f"/dashboard/money/?state={state}"
        yield "/money/settlements/ past", "/dashboard/money/settlements/?state=past"
        yield "/money/statements/ a month", f"/dashboard/money/statements/?month={month}"
        for path, query in (
            ("appointments", "?period=all"),
            ("clients", ""),
            ("messages", ""),
            ("money", ""),
        ):
            yield f"/{path}/ last page", self.far(f"/dashboard/{path}/", query, path)

    def far(self, path: str, query: str, what: str) -> str:
        """The page near the end of a list, as its links would lead there."""
        from booking.models import Appointment, Client
        from payments.models import Deposit
        from reminders.models import Message

        ours = {
            "appointments": (
                Appointment.objects.filter(provider=self.provider).order_by("starts_at", "pk"),
                "starts_at",
            ),
            "clients": (Client.objects.filter(provider=self.provider).order_by("-name", "-pk"), "name"),
            "messages": (Message.objects.filter(provider=self.provider).order_by("due_at", "pk"), "due_at"),
            "money": (
                Deposit.objects.filter(appointment__provider=self.provider).order_by(
                    "appointment__starts_at", "pk"
                ),
                "starts_at",
            ),
        }
        rows, by = ours[what]
        row = rows[31]
        value = getattr(row.appointment if what == "money" else row, by)
        key = f"{row.pk}~{value.isoformat() if isinstance(value, datetime) else value}"
        from urllib.parse import urlencode

        return f"{path}{query or '?'}&{urlencode({'after': key})}"

    def things(self) -> Iterator[tuple[str, str]]:
        """One of each, with a history: of those around now, which are the same at every size."""
        from booking.models import Appointment
        from payments.models import Charge, Dispute, Settlement
        from reminders.models import Message

        over = Appointment.objects.filter(provider=self.provider).order_by("-starts_at", "-pk")
        kept, missed = (over.filter(status=status)[3] for status in ("completed", "no_show"))
        yield "/appointments/…/ kept", f"/dashboard/appointments/{kept.uid}/"
        yield "/appointments/…/ missed", f"/dashboard/appointments/{missed.uid}/"
        yield "/appointments/…/move/", f"/dashboard/appointments/{self.coming().uid}/move/"
        yield "/clients/…/", f"/dashboard/clients/{kept.client.uid}/"
        of = {"appointment": kept}
        yield "/money/…/", f"/dashboard/money/{kept.deposits.get().uid}/"
        yield "/money/…/refund/", f"/dashboard/money/{self.coming().deposits.get().uid}/refund/"
        yield "/money/owed/…/", f"/dashboard/money/owed/{Charge.objects.get(**of).uid}/"
        settlement = Settlement.objects.get(appointment=missed)
        yield "/money/settlements/…/", f"/dashboard/money/settlements/{settlement.uid}/"
        dispute = Dispute.objects.of(self.provider).latest("opened_at", "pk")
        yield "/money/disputes/…/", f"/dashboard/money/disputes/{dispute.uid}/"
        message = Message.objects.filter(**of).latest("pk")
        yield "/messages/…/", f"/dashboard/messages/{message.uid}/"

    def coming(self) -> Any:
        from booking.models import Appointment

        ahead = Appointment.objects.filter(provider=self.provider, status="confirmed", starts_at__gt=self.at)
        return ahead.order_by("starts_at", "pk")[3]

    def programs(self) -> Iterator[tuple[str, str]]:
        """What calendars and programs ask for."""
        yield "calendar/….ics", f"/calendar/{self.subscribed}"
        names = (
            "appointments",
            "clients",
            "deposits",
            "charges",
            "papers",
            "repayments",
            "concerns",
            "statements",
        )
        for name in names:
            yield f"API {name}/", f"/api/v1/{name}/"
        yield "API appointments/ from now on", f"/api/v1/appointments/?from={self.at:%Y-%m-%d}"

    def ask(self, path: str) -> Any:
        answer = (self.api if path.startswith("/api/") else self.browser).get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        return b"".join(answer.streaming_content) if answer.streaming else answer.content


def statements(ask: Callable[[], object]) -> int:
    from django.db import connection

    count = 0

    def counted(execute: Any, *facts: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*facts)

    ask()  # what is remembered for the next is remembered now
    with connection.execute_wrapper(counted):
        ask()
    return count


def measure(sizes: tuple[int, ...], rounds: int, only: str) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from bench._studios import build

    # Nothing is collected here: the names of files have no digest.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    call_command("migrate", verbosity=0)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
    at = datetime.now(UTC)
    began = time.perf_counter()
    desks = [Desk(provider, at) for provider in built(sizes) or build(connection, sizes, at=at)]
    print(f"{connection.vendor}: written in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    print(json.dumps(figures(desks, rounds, only)))


def built(sizes: tuple[int, ...]) -> list[Any]:
    """Those of an earlier run on the same database."""
    from booking.models import Provider

    found = {one.slug: one for one in Provider.objects.filter(slug__in=[f"studio-{size}" for size in sizes])}
    return [found[f"studio-{size}"] for size in sizes] if len(found) == len(sizes) else []


def figures(desks: list[Desk], rounds: int, only: str = "") -> dict[str, Any]:
    all_of = [one.addresses() for one in desks]
    found: dict[str, Any] = {}
    for name in all_of[0]:
        if only and only not in name:
            continue
        asks = [partial(desk.ask, paths[name]) for desk, paths in zip(desks, all_of, strict=True)]
        counts = [statements(one) for one in asks]
        race = Race({str(number): one for number, one in enumerate(asks)}, rounds=rounds, round_seconds=0)
        last = str(len(asks) - 1)
        found[name] = {
            "statements": counts,
            "seconds": [race.of(str(number)) for number in range(len(asks))],
            "ratio": race.ratio(last, "0"),
        }
        print(f"  {name}: {counts}, {found[name]['ratio']:.2f}", file=sys.stderr)
    return found


def on(kind: str, asked: argparse.Namespace) -> dict[str, Any]:
    """The figures of one database."""
    from tests.soak.kills import database, environment

    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or database(kind, Path(folder))
        command = [
            sys.executable,
            "-m",
            "bench.desk",
            "--inside",
            f"--sizes={asked.sizes}",
            f"--pages={asked.pages}",
        ]
        said = os.environ | environment(Path(folder), database_url=url, port=9)
        run = subprocess.run(
            [*command, f"--rounds={asked.rounds}"],
            cwd=ROOT,
            env=said,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return dict(json.loads(run.stdout.splitlines()[-1]))


def report(kind: str, sizes: list[str], found: dict[str, Any]) -> None:
    heads = [f"{int(one):,}" for one in sizes]
    print(f"\n| {kind} | statements | " + " | ".join(f"ms at {one}" for one in heads) + " | ratio | |")
    print("| --- |" + " --- |" * (len(heads) + 3))
    for name, one in found.items():
        same = len(set(one["statements"])) == 1
        count = str(one["statements"][0]) if same else "**" + " / ".join(map(str, one["statements"])) + "**"
        times = " | ".join(f"{1000 * each:.1f}" for each in one["seconds"])
        good = verdict(one["ratio"], GOAL) if same else "**missed**"
        print(f"| {name} | {count} | {times} | {one['ratio']:.2f} | {good} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=SIZES)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--pages", default="", help="only those whose name has this in it")
    parser.add_argument("--url", default="", help="one database to use, and to use again the next time")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked, _others = parser.parse_known_args()
    sizes = asked.sizes.split(",")
    if asked.inside:
        measure(tuple(map(int, sizes)), asked.rounds, asked.pages)
        return
    print("## P5: the dashboard at any size\n")
    for kind in asked.databases.split(","):
        report(kind, sizes, on(kind, asked))


if __name__ == "__main__":
    main()
