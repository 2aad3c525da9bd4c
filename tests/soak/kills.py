"""`kill -9` of real sweepers under load: nothing lost, rows unique, copies alike, nothing stale.

    python -m tests.soak.kills [--kills 1000] [--sweepers 3] [--database sqlite|postgres] [--marks-first]

Sweepers are processes that send what is due to a real mail relay in a process of its own; one after the other
is killed at a random moment and another takes its place, while the provider cancels appointments whose mails
are on their way. Their clock runs so many times faster that a lease ends in seconds; everything else is the
product as it is. A mail may double where the relay had taken it and its sender died before the row said so: at
most one for each kill, and every copy with the same Message-ID. A mail is stale whose sender asked after the
cancel and sent it all the same. `--marks-first` is the negative control: sweepers that mark a row as sent
before they send it, and lose mails."""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests import machine

ROOT = Path(__file__).parent.parent.parent
MORNING = datetime(2027, 3, 1, 8, 30, tzinfo=UTC)
SPEED = 120  # the lease of five minutes is over in two and a half seconds
AT_A_TIME = 10  # of a sweep: far less than a lease
LOW = 150  # fewer rows wait than this: as many again and more are added
MOMENT = 0.25  # seconds between reading a row and asking whether it still holds, on a busy machine


@dataclass
class Found:
    """What a run showed."""

    database: str
    kills: int
    rows: int
    lost: int
    doubled_rows: int
    duplicates: int
    most_copies: int
    unlike: int
    cancelled: int
    stale: int
    seconds: float

    @property
    def good(self) -> bool:
        wrong = self.lost + self.doubled_rows + self.unlike + self.stale
        return not wrong and self.duplicates <= self.kills


class Clock:
    """The clock of all sweepers."""

    def __init__(self) -> None:
        self._began = time.time()

    def now(self) -> datetime:
        return MORNING + timedelta(seconds=(time.time() - self._began) * SPEED)


class Run:
    """One installation with mails that wait, its relay, and the sweepers that are killed."""

    def __init__(
        self, *, kills: int, sweepers: int, folder: Path, low: int = LOW, marks_first: bool = False
    ) -> None:
        self.kills, self.low, self.marks_first = kills, low, marks_first
        self.clock = Clock()
        self.chance = random.Random()
        self.pids: list[int] = []
        self.wanted = sweepers
        self.number = 0
        self.cancelled: dict[str, float] = {}
        self.asked = os.open(folder / "asked", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    # --- What waits ---

    def furnish(self) -> None:
        from tests.booking import world

        studio = world.provider()
        service = studio.services.get(slug="session")
        day = timedelta(days=1)
        self.appointments = [
            world.appointment(
                service,
                world.client(studio, f"client{n}@example.com"),
                MORNING + (60 + n) * day,
                confirmed_at=MORNING,
            )
            for n in range(max(40, self.kills // 5))
        ]
        for one in self.appointments:
            self.tell(
                one, "confirmed", {"paid": {"amount": 2700, "currency": "EUR"}, "policy_text": "Be kind."}
            )
        self.first = self.number
        self.top_up()

    def tell(self, appointment: Any, kind: str, facts: dict[str, Any]) -> Any:
        from reminders import plan

        self.number += 1
        return plan.tell(
            appointment=appointment,
            kind=kind,
            to="client",
            at=self.clock.now(),
            about=str(self.number),
            facts=facts,
        )

    def top_up(self) -> None:
        """Each of these mails says another amount, so that its words are its own."""
        from django.db import transaction

        from reminders.models import Message

        free = Message.objects.waiting().filter(claimed_at=None)  # the rest waits for its lease to end
        if self.number > self.first and free.count() >= self.low:
            return
        with transaction.atomic():
            for n in range(2 * self.low):
                amount = {"amount": 100 + self.number, "currency": "EUR"}
                self.tell(self.appointments[n % len(self.appointments)], "refund", {"refund": amount})

    def cancel_one(self) -> None:
        """The provider cancels an appointment, preferably one whose confirmation is just being sent."""
        from booking import lifecycle
        from booking.actors import SYSTEM
        from booking.models import Appointment
        from reminders.models import Message

        waiting = Message.objects.waiting().filter(kind="confirmed").order_by("claimed_at", "pk")
        message = waiting.exclude(claimed_at=None).first() or waiting.first()
        if message is None:
            return
        appointment = Appointment.objects.get(pk=message.appointment_id)
        lifecycle.cancel(appointment=appointment, reason="illness", note="", by=SYSTEM, at=self.clock.now())
        self.cancelled[str(message.uid)] = time.time()

    # --- Sweepers ---

    def fork(self) -> None:
        from django.db import connections

        connections.close_all()  # nobody inherits a connection
        pid = os.fork()
        if pid == 0:
            self._sweep_for_ever()
        self.pids.append(pid)

    def note_questions(self) -> None:
        """Every sweeper writes down when it asked whether a message still holds (rule 17)."""
        from reminders import kinds

        ours = kinds.still_true

        def still_true(message: Any, *, at: datetime) -> bool:
            os.write(self.asked, f"{time.time():.6f} {message.uid}\n".encode())
            return ours(message, at=at)

        kinds.still_true = still_true

    def warm_up(self) -> None:
        """Templates and catalogues are read once, here, and not by every sweeper in its first second."""
        from booking.telling import at_sending
        from reminders.models import Message
        from reminders.wording import write

        for message in Message.objects.waiting().select_related("appointment__service", "provider")[:50]:
            facts = at_sending.facts(message.appointment, message.kind, MORNING) | message.facts
            letter = write(message, facts=facts, at=MORNING)
            assert letter.html, letter.text

    def _sweep_for_ever(self) -> None:
        from booking.telling import at_sending
        from reminders import delivery

        try:
            while True:
                at = self.clock.now()
                if self.marks_first:
                    sent = mark_and_send(at)
                else:
                    sent = delivery.send_due(at=at, facts=at_sending.facts, limit=AT_A_TIME)
                if not sent:
                    time.sleep(0.05)
        finally:
            os._exit(1)

    def kill_one(self) -> None:
        pid = self.pids.pop(self.chance.randrange(len(self.pids)))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            raise AssertionError("a sweeper ended by itself")
        self.fork()

    def run(self) -> None:
        self.furnish()
        self.warm_up()
        self.note_questions()
        for _ in range(self.wanted):
            self.fork()
        for killed in range(self.kills):
            time.sleep(self.chance.uniform(0.02, 0.2))
            self.kill_one()
            if killed % 5 == 0:
                self.cancel_one()
            if killed % 2 == 0:
                self.top_up()
        self.drain()

    def drain(self, *, patience: float = 240) -> None:
        """Until nothing waits."""
        from reminders.models import Message

        until = time.monotonic() + patience
        while Message.objects.waiting().exists() and time.monotonic() < until:
            time.sleep(0.1)

    def end(self) -> None:
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    # --- What came of it ---

    def judge(self, *, database: str, file: Path, seconds: float) -> Found:
        from django.db.models import Count

        from reminders.models import Message

        accepted = [line.split() for line in file.read_text().splitlines()]
        copies = Counter(name for _, name, _, _ in accepted)
        by_uid: dict[str, set[str]] = {}
        by_words: dict[str, set[str]] = {}
        for _, name, kind, words in accepted:
            by_uid.setdefault(uid_in(name), set()).add(name)
            if kind == "refund":
                by_words.setdefault(words, set()).add(name)
        stale = 0
        asked: dict[str, list[float]] = {}
        for line in (file.parent / "asked").read_text().splitlines():
            moment, uid = line.split()
            asked.setdefault(uid, []).append(float(moment))
        for moment, name, _, _ in accepted:
            before = [one for one in asked.get(uid_in(name), []) if one <= float(moment)]
            cancelled = self.cancelled.get(uid_in(name), float("inf"))
            stale += bool(before) and before[-1] > cancelled + MOMENT
        key = ("appointment", "kind", "start_at", "about", "channel", "to")
        rows = {str(uid): state for uid, state in Message.objects.values_list("uid", "state")}
        lost = [uid for uid, state in rows.items() if state != "dropped" and uid not in by_uid]
        unmarked = [uid for uid, state in rows.items() if state not in ("sent", "dropped")]
        return Found(
            database=database,
            kills=self.kills,
            rows=len(rows),
            lost=len(set(lost) | set(unmarked)),
            doubled_rows=Message.objects.values(*key).annotate(n=Count("pk")).filter(n__gt=1).count(),
            duplicates=sum(copies.values()) - len(copies),
            most_copies=max(copies.values(), default=0),
            unlike=sum(len(names) != 1 for names in [*by_uid.values(), *by_words.values()]),
            cancelled=len(self.cancelled),
            stale=stale,
            seconds=round(seconds, 1),
        )


def mark_and_send(at: datetime) -> int:
    """What must not be done: a sender that dies in between has lost the mail."""
    from django.core.mail import EmailMessage

    from reminders import delivery
    from reminders.models import Message

    taken = delivery.claim(at=at, claimed_at=at, limit=AT_A_TIME)
    for message in Message.objects.filter(pk__in=taken):
        Message.objects.filter(pk=message.pk).update(state="sent", sent_at=at)
        headers = {"Message-ID": f"<{message.uid}@127.0.0.1>", "X-Kept-Kind": message.kind}
        EmailMessage("", str(message.uid), to=["mira@example.com"], headers=headers).send()
    return len(taken)


def uid_in(message_id: str) -> str:
    return message_id.strip("<>").split(".")[0].split("@")[0]


def environment(folder: Path, *, database_url: str, port: int) -> dict[str, str]:
    from tests.product import SILENT

    return dict.fromkeys(SILENT, "") | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "false",
        "SECRET_KEY": "kills-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
        "BASE_URL": "http://127.0.0.1:8000",
        "ALLOWED_HOSTS": "127.0.0.1",
        "VAR_DIR": str(folder),
        "DATABASE_URL": database_url,
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
    }


def database(kind: str, folder: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder / 'kept.sqlite3'}"
    import psycopg

    server = machine.postgres()
    if server is None:
        sys.exit("no PostgreSQL on this machine: set TEST_POSTGRES_URL")
    name = f"kept_kills_{os.getpid()}"
    with psycopg.connect(
        f"{server.replace('postgres://', 'postgresql://')}/postgres", autocommit=True
    ) as one:
        one.execute(f'CREATE DATABASE "{name}"')
    return f"{server}/{name}"


def soak(*, url: str, folder: Path, **sizes: Any) -> Found:
    port, file = machine.free_port(), folder / "accepted"
    file.touch()
    os.environ.update(environment(folder, database_url=url, port=port))
    relay = subprocess.Popen([sys.executable, "-m", "tests.soak.relay", str(port), str(file)], cwd=ROOT)
    try:
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        began, run = time.monotonic(), Run(folder=folder, **sizes)
        try:
            run.run()
        finally:
            run.end()
        return run.judge(database=url.split(":")[0], file=file, seconds=time.monotonic() - began)
    finally:
        relay.kill()
        relay.wait()


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=1_000)
    asked.add_argument("--sweepers", type=int, default=3)
    asked.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    asked.add_argument("--database-url", default="", help="an empty database; --database makes one")
    asked.add_argument("--low", type=int, default=LOW, help="mails that wait at least")
    asked.add_argument("--marks-first", action="store_true", help="the negative control")
    said = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kept-kills-"))
    try:
        url = said.database_url or database(said.database, folder)
        sizes = {"kills": said.kills, "sweepers": said.sweepers, "low": said.low}
        found = soak(url=url, folder=folder, marks_first=said.marks_first, **sizes)
        print(json.dumps(asdict(found) | {"good": found.good}))
        return int(not found.good)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
