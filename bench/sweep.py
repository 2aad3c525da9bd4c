"""P6: the sweep over a million rows, against the raw database and against writing the mails alone.

    python -m bench.sweep [--rows 1000000] [--sends 25] [--rounds 7] [--databases sqlite,postgres]

Each database gets that many appointments and as many messages, nearly all of them past. What is measured
side by side: what a round costs in which nothing is due, claiming, and sending to a mail relay on this machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench._million import million
from bench._rounds import Race, shown, verdict

ROOT = Path(__file__).parent.parent
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
CLAIMED = 2_000


# --- One database, in a process of its own -----------------------------------------------------------


def furnish(rows: int) -> None:
    """One studio by its stories, and then as many rows as asked, written by the database itself."""
    from django.db import connection

    from config import guards
    from tests.booking import world

    studio = world.provider()
    one = world.appointment(
        studio.services.get(slug="session"), world.client(studio), NOW + timedelta(days=9)
    )
    one.confirmed_at = NOW
    one.save(update_fields=["confirmed_at"])
    one.refresh_from_db()
    guards.drop(connection)
    with connection.cursor() as cursor:
        for sql in million(connection, one, rows):
            cursor.execute(sql)
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
        else:
            cursor.execute("ANALYZE")
    guards.install(connection)


# --- Nothing due ---------------------------------------------------------------------------------------


def idle(rounds: int) -> dict[str, Any]:
    """Each sweep of a round in which nothing is due: time, statements, and whether one reads a whole table."""
    from django.db import connection

    from booking.sweeping import SWEEPS

    raw = probe(connection)
    race = Race(
        {"raw": raw} | {name: lambda sweep=sweep: sweep(NOW) for name, sweep in SWEEPS}, rounds=rounds
    )
    found: dict[str, Any] = {"raw": race.of("raw")}
    for name, sweep in SWEEPS:
        asked: list[tuple[str, Any]] = []
        with connection.execute_wrapper(partial(noted, asked)):
            done = sweep(NOW)
        assert not done, f"{name} found something to do"
        found[name] = {
            "seconds": race.of(name),
            "ratio": race.ratio(name, "raw"),
            "statements": len(asked),
            "scans": [scan for sql, values in asked for scan in scans(connection, sql, values)],
        }
    return found


def noted(asked: list[tuple[str, Any]], execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Statements with their parameters apart, as the planner of the database gets them."""
    if sql.startswith(("SELECT", "UPDATE", "DELETE")):
        asked.append((sql, params))
    return execute(sql, params, many, context)


def probe(connection: Any) -> Callable[[], object]:
    """The partial index asked for one row that is due, through the same driver."""
    word = "%s"
    sql = f"SELECT 1 FROM reminders_message WHERE state = 'waiting' AND due_at <= {word} LIMIT 1"
    due = connection.ops.adapt_datetimefield_value(NOW)

    def ask() -> object:
        with connection.cursor() as cursor:
            cursor.execute(sql, [due])
            return cursor.fetchone()

    return ask


# On PostgreSQL a table that is empty here is read whole whatever its indexes: only the two large ones tell.
LARGE = ("booking_appointment", "reminders_message")
GROWING = (
    *LARGE,
    "booking_move",
    "payments_refund",
    "payments_payment",
    "payments_settlement",
    "payments_credit",
)


def scans(connection: Any, sql: str, params: Any) -> list[str]:
    """Parts of the plan that read all of a table that grows."""
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        cursor.execute(explain + sql, params)
        lines = [" ".join(map(str, row)) for row in cursor.fetchall()]
    sqlite = connection.vendor == "sqlite"
    whole, tables = ("SCAN", GROWING) if sqlite else ("Seq Scan on", LARGE)
    return [line for line in lines if whole in line and any(table in line for table in tables)]


# --- Claiming -------------------------------------------------------------------------------------------


def claims(rounds: int) -> dict[str, float]:
    """Seconds to claim `CLAIMED` rows, by one statement of our own making and by the product."""
    from django.db import connection

    from reminders import delivery
    from reminders.models import Message

    waiting = Message.objects.waiting().order_by("due_at")
    size = min(CLAIMED, waiting.count())
    later = waiting.values_list("due_at", flat=True)[min(4 * size, waiting.count()) - 1]
    times: dict[str, list[float]] = {"raw": [], "ours": []}
    for _ in range(rounds):
        for name, claim in (("raw", raw_claim(connection, later, size)), ("ours", None)):
            Message.objects.waiting().update(claimed_at=None)
            began = time.perf_counter()
            taken = claim() if claim else len(delivery.claim(at=later, claimed_at=NOW, limit=size))
            times[name].append(time.perf_counter() - began)
            assert taken == size, (name, taken)
    Message.objects.waiting().update(claimed_at=None)
    pairs = zip(times["raw"], times["ours"], strict=True)
    ratio = median(raw / ours for raw, ours in pairs)
    return {name: median(one) for name, one in times.items()} | {"ratio": ratio, "rows": size}


def raw_claim(connection: Any, due: datetime, size: int) -> Callable[[], int]:
    lock = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    sql = (
        "UPDATE reminders_message SET claimed_at = %s WHERE id IN (SELECT id FROM reminders_message"
        " WHERE state = 'waiting' AND due_at <= %s AND (claimed_at IS NULL OR claimed_at <= %s)"
        f" ORDER BY due_at, id LIMIT {size}{lock}) RETURNING id"
    )
    moments = [NOW, due, NOW - timedelta(minutes=5)]
    said = [connection.ops.adapt_datetimefield_value(one) for one in moments]

    def claim() -> int:
        from django.db import transaction

        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, said)
            return len(cursor.fetchall())

    return claim


# --- Sending -----------------------------------------------------------------------------------------


def sends(number: int, rounds: int) -> dict[str, float]:
    """Seconds for one reminder: written alone, and found, claimed, written, handed over and marked."""
    from booking.telling import at_sending
    from reminders import channels, delivery, wording
    from reminders.models import Message

    waiting = Message.objects.waiting().filter(kind="reminder").order_by("due_at")
    picked = list(waiting.values_list("pk", flat=True)[:number])
    at = NOW + timedelta(minutes=1)

    def due() -> list[Message]:
        Message.objects.filter(pk__in=picked).update(
            state="waiting", due_at=NOW, planned_for=NOW, claimed_at=None, sent_at=None
        )
        rows = Message.objects.filter(pk__in=picked).select_related(
            "provider", "client", "appointment__provider", "appointment__service", "appointment__client",
            "appointment__policy_version",
        )  # fmt: skip
        return list(rows)

    def write(message: Message) -> None:
        facts = at_sending.facts(message.appointment, message.kind, at) | message.facts
        letter = wording.write(message, facts=facts, at=at)
        channels.compose(message, letter, manage_url=facts["manage_url"], at=at).message().as_bytes()

    def send() -> None:
        assert delivery.send_due(at=at, facts=at_sending.facts) == number

    times: dict[str, list[float]] = {"writing": [], "sending": []}
    work: dict[str, list[float]] = {"writing": [], "sending": []}
    for _ in range(1 + 2 * rounds):
        rows = due()
        for name, act in (("writing", lambda rows=rows: [write(one) for one in rows]), ("sending", send)):
            began, worked = time.perf_counter(), time.process_time()
            act()
            times[name].append((time.perf_counter() - began) / number)
            work[name].append((time.process_time() - worked) / number)
    return per_second(times) | {f"{name} work": found for name, found in per_second(work).items()}


def per_second(times: dict[str, list[float]]) -> dict[str, float]:
    """Medians, and how many are sent while one is written; the first round fills the caches."""
    writing, sending = times["writing"][1:], times["sending"][1:]
    ratio = median(one / other for one, other in zip(writing, sending, strict=True))
    return {"writing": median(writing), "sending": median(sending), "ratio": ratio}


# --- All of it -----------------------------------------------------------------------------------------


def measure(rows: int, number: int, rounds: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
    began = time.perf_counter()
    furnish(rows)
    print(f"{connection.vendor}: {rows:,} rows in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    found = {"idle": idle(rounds), "claim": claims(rounds), "send": sends(number, rounds)}
    print(json.dumps(found))


@contextmanager
def relay() -> Iterator[int]:
    from tests import machine

    port = machine.free_port()
    sink = subprocess.Popen([sys.executable, "-m", "bench._sink", str(port)], cwd=ROOT)
    try:
        yield port
    finally:
        sink.kill()
        sink.wait()


def on(kind: str, asked: argparse.Namespace) -> dict[str, Any]:
    """The figures of one database."""
    from tests.soak.kills import database, environment

    with tempfile.TemporaryDirectory() as folder, relay() as port:
        url = database(kind, Path(folder))
        command = [sys.executable, "-m", "bench.sweep", "--inside", f"--rows={asked.rows}"]
        command += [f"--sends={asked.sends}", f"--rounds={asked.rounds}"]
        said = os.environ | environment(Path(folder), database_url=url, port=port)
        run = subprocess.run(command, cwd=ROOT, env=said, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(run.stdout.splitlines()[-1]))


def report(kinds: list[str], asked: argparse.Namespace) -> None:
    found = {kind: on(kind, asked) for kind in kinds}
    print(
        f"## P6: the sweep\n\n{asked.rows:,} appointments and {asked.rows:,} messages; {asked.rounds} rounds, medians."
    )
    print("\n| | " + " | ".join(kinds) + " | goal | |\n| --- |" + " --- |" * (len(kinds) + 2))
    row("raw probe of the partial index", [shown(found[kind]["idle"]["raw"]) for kind in kinds])
    ours = [found[kind]["idle"]["messages_sent"] for kind in kinds]
    row("messages, nothing due", [f"{shown(one['seconds'])} ({one['ratio']:.2g} x raw)" for one in ours])
    claim = [found[kind]["claim"] for kind in kinds]
    row(f"raw claim of {CLAIMED:,}", [f"{one['rows'] / one['raw']:,.0f}/s" for one in claim])
    row(f"our claim of {CLAIMED:,}", [f"{one['rows'] / one['ours']:,.0f}/s" for one in claim])
    goal("our claim / raw claim", [one["ratio"] for one in claim], 0.7)
    send = [found[kind]["send"] for kind in kinds]
    row("writing a reminder alone", [shown(one["writing"]) for one in send])
    row("claim, write, hand over, mark", [shown(one["sending"]) for one in send])
    goal("mails per second / written per second", [one["ratio"] for one in send], 0.5)
    row("the same by the processor time of the sender", [f"{one['ratio work']:.2f}" for one in send])
    print(
        "\nA round in which nothing is due, each sweep: time, statements (goal: at most 3), tables read whole.\n"
    )
    print("| sweep | " + " | ".join(kinds) + " | |\n| --- |" + " --- |" * (len(kinds) + 1))
    for name in [name for name in found[kinds[0]]["idle"] if name != "raw"]:
        here = [found[kind]["idle"][name] for kind in kinds]
        good = all(one["statements"] <= 3 and not one["scans"] for one in here)
        cells = [f"{shown(one['seconds'])}, {one['statements']}, {len(one['scans'])}" for one in here]
        print(f"| {name} | " + " | ".join(cells) + f" | {'met' if good else '**missed**'} |")


def row(what: str, cells: list[str]) -> None:
    print(f"| {what} | " + " | ".join(cells) + " | | |")


def goal(what: str, ratios: list[float], least: float) -> None:
    cells = " | ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"| {what} | {cells} | >= {least} | {verdict(min(ratios), least, at_least=True)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sends", type=int, default=25, help="mails a round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked, _others = parser.parse_known_args()
    if asked.inside:
        measure(asked.rows, asked.sends, asked.rounds)
    else:
        report(asked.databases.split(","), asked)


if __name__ == "__main__":
    main()
