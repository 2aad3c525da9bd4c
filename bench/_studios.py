"""Providers of several sizes in one database, written by the database itself from one appointment of each.

The fifty days around now hold the same hundred appointments at every size: what is more lies a year and further back,
at forty a day, so that a page shows as much at 100,000 as at 100 and only what it has to look through differs. A third
each was kept, cancelled and missed, so that every list fills a page even where there are a hundred; a client comes
eight times."""

import copy
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bench._million import literal

AROUND = 100
REGULARS = 40
A_DAY = 40
CLIENTS, APPOINTMENTS, MONEY = "bench_clients", "bench_appointments", "bench_money"
ENDED = {0: "completed", 1: "cancelled", 2: "no_show"}


def build(connection: Any, sizes: tuple[int, ...], *, at: datetime) -> list[Any]:
    """A provider for each size. The guards are put aside meanwhile: what is written keeps to them."""
    from booking import transfer
    from booking.models import Provider
    from config import guards, statistics
    from tests.booking.provider_files import BIANCHI, content

    found = []
    for size in sizes:
        file = copy.deepcopy(BIANCHI)
        file["provider"]["slug"] = f"studio-{size}"
        for member in file["members"]:
            member["email"] = f"{size}-{member['email']}"
        found.append(transfer.load(file=transfer.read(content(file)), at=at))
    guards.drop(connection)
    for provider, size in zip(found, sizes, strict=True):
        _Studio(connection, provider, size, at).write()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")  # as autovacuum does in time
    statistics.renew(at=at)
    guards.install(connection)
    return list(Provider.objects.filter(pk__in=[one.pk for one in found]).order_by("pk"))


def when(number: int, at: datetime) -> datetime:
    """Two a day from 25 days before now to 25 days after it, and forty a day before that."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if number < AROUND:
        return midnight + timedelta(days=number // 2 - 25, hours=9 + 5 * (number % 2))
    past = number - AROUND
    return midnight - timedelta(days=400 + past // A_DAY) + timedelta(minutes=30 * (past % A_DAY))


class _Studio:
    """The rows of one provider."""

    def __init__(self, connection: Any, provider: Any, size: int, at: datetime) -> None:
        self.connection, self.provider, self.size, self.at = connection, provider, size, at
        self.postgres = connection.vendor == "postgresql"
        self.uid = "gen_random_uuid()" if self.postgres else "lower(hex(randomblob(16)))"
        self.service = provider.services.get(slug="session")
        self.version = self.service.policy.versions.get()

    def write(self) -> None:
        from django.db import transaction

        with transaction.atomic():
            self.list_clients()
            self.clients()
            self.list_appointments()
            self.appointments()
            self.told()
            self.deposits()
            self.lapses()
            self.charges()
            self.papers()

    # --- What the statements read: a row for each client and each appointment ---

    def table(self, name: str, columns: str, rows: Iterator[tuple[Any, ...]]) -> None:
        words = columns.split(", ")
        with self.connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
            stamp = "timestamptz" if self.postgres else "text"
            kinds = [f"{one} {stamp}" if one.endswith("_at") else f"{one} text" for one in words[1:]]
            kinds = ["n bigint", *(one.replace("_id text", "_id bigint") for one in kinds)]
            cursor.execute(f"CREATE TEMP TABLE {name} ({', '.join(kinds)})")
            places = ", ".join(["%s"] * len(words))
            cursor.executemany(f"INSERT INTO {name} VALUES ({places})", list(rows))

    def list_clients(self) -> None:
        number = REGULARS + max(self.size - AROUND, 0) // 8 + 1
        rows = ((one, f"Client {one:06}", f"client{one}@example.com") for one in range(number))
        self.table(CLIENTS, "n, name, email", rows)

    def list_appointments(self) -> None:
        from booking.models import Client

        with self.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT min(id) FROM {Client._meta.db_table} WHERE provider_id = {self.provider.pk}"
            )
            first = cursor.fetchone()[0]
        adapt = self.connection.ops.adapt_datetimefield_value

        def rows() -> Iterator[tuple[Any, ...]]:
            for number in range(self.size):
                starts = when(number, self.at)
                client = number % REGULARS if number < AROUND else REGULARS + (number - AROUND) // 8
                over = starts + timedelta(hours=1) < self.at
                status = ENDED[number % 3] if over else "confirmed"
                hashed = f"{self.provider.pk:032x}{number:032x}"
                ends, before = starts + timedelta(minutes=25), starts - timedelta(days=9)
                times = [
                    adapt(one)
                    for one in (starts, ends, starts + timedelta(minutes=15), before, ends if over else None)
                ]
                yield number, first + client, status, hashed, *times

        self.table(
            APPOINTMENTS,
            "n, client_id, status, hash, starts_at, ends_at, grace_at, booked_at, over_at",
            rows(),
        )

    # --- The rows ---

    def put(self, one: Any, changed: dict[str, str], source: str) -> None:
        """INSERT … SELECT: every column of ``one`` as it is, but those that were changed."""
        fields = [field for field in one._meta.concrete_fields if not field.primary_key]
        if any(field.attname == "provider_id" for field in fields):
            one.provider_id = self.provider.pk
        values = []
        for field in fields:
            value = field.get_db_prep_save(getattr(one, field.attname), self.connection)
            values.append(
                changed.get(field.column)
                or (self.uid if field.name in ("uid", "key") else literal(self.connection, value))
            )
        columns = ", ".join(f'"{field.column}"' for field in fields)
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {one._meta.db_table} ({columns}) SELECT {', '.join(values)} FROM {source}"
            )

    def clients(self) -> None:
        from booking.models import Client, ClientNote, Concern
        from reminders.models import Consent

        person = Client(provider=self.provider, language="en", timezone="Europe/Rome", phone="+390612345678")
        person.created_at = person.last_answer_at = self.at - timedelta(days=40)
        self.put(person, {"name": "name", "email": "email"}, f"{CLIENTS} ORDER BY n")
        ours = f"{Client._meta.db_table} c WHERE c.provider_id = {self.provider.pk}"
        self.put(
            Consent(channel="sms", state="given", how="booking", at=self.at), {"client_id": "c.id"}, ours
        )
        note = ClientNote(user=self.owner(), text="Likes the window seat.", written_at=self.at)
        self.put(note, {"client_id": "c.id"}, f"{ours} AND c.id % 10 = 0")
        concern = Concern(pattern="slipping", state="decided", due_at=self.at, raised_at=self.at)
        concern.decided_at, concern.decision = self.at, "talked"
        self.put(concern, {"client_id": "c.id"}, f"{ours} AND c.id % 20 = 0")

    def owner(self) -> Any:
        return self.provider.memberships.get(role="owner").user

    def appointments(self) -> None:
        from booking.models import Appointment, BusyTime, Move
        from policies.models import Agreement

        one = Appointment(
            provider=self.provider, service=self.service, policy_version=self.version, mode="video", price=9000,
            deposit_amount=2700, currency="EUR", timezone="Europe/Rome", language="en",
        )  # fmt: skip
        same = dict.fromkeys(("starts_at", "blocked_from", "original_start_at"), "starts_at")
        same |= {"ends_at": "ends_at", "blocked_until": "ends_at", "grace_ends_at": "grace_at"}
        same |= {"client_id": "client_id", "status": "status", "token_hash": "hash"}
        same |= {"created_at": "booked_at", "confirmed_at": "booked_at"}
        for status in ENDED.values():
            same[f"{status}_at"] = f"CASE WHEN status = '{status}' THEN over_at END"
        self.put(one, same, f"{APPOINTMENTS} ORDER BY starts_at")
        self.joined()
        id_of = {"appointment_id": "appointment_id"}
        busy = BusyTime(provider=self.provider)
        taken = id_of | {"blocked_from": "starts_at", "blocked_until": "ends_at"}
        self.put(busy, taken, f"{MONEY} WHERE status <> 'cancelled'")
        words = "Up to 48 hours before, changing is free. " * 20
        agreed = Agreement(policy_version=self.version, text=words, sha256="0" * 64, language="en")
        self.put(agreed, id_of | {"agreed_at": "booked_at"}, MONEY)
        move = Move(state="done", by="client", notice=timedelta(days=3))
        moved = dict.fromkeys(("from_start_at", "to_start_at"), "starts_at") | {"at": "booked_at"}
        self.put(move, id_of | moved, f"{MONEY} WHERE n % 20 = 0")

    def joined(self, *more: str) -> None:
        """The listed appointments with the keys of what was written of them."""
        from booking.models import Appointment
        from payments.models import Deposit, Payment

        found = (
            f"SELECT l.*, a.id AS appointment_id FROM {APPOINTMENTS} l JOIN {Appointment._meta.db_table} a"
        )
        found += " ON a.token_hash = l.hash"
        if "deposit" in more:
            found = found.replace("SELECT l.*", "SELECT l.*, d.id AS deposit_id")
            found += f" JOIN {Deposit._meta.db_table} d ON d.appointment_id = a.id"
        if "payment" in more:
            found = found.replace("SELECT l.*", "SELECT l.*, p.id AS payment_id")
            found += f" JOIN {Payment._meta.db_table} p ON p.deposit_id = d.id"
        with self.connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {MONEY}")
            cursor.execute(f"CREATE TEMP TABLE {MONEY} AS {found}")

    def told(self) -> None:
        from booking.models import TimelineEntry
        from reminders.models import Message

        id_of = {"appointment_id": "appointment_id"}
        for kind, column, by in (("booked", "booked_at", "client"), ("confirmed", "booked_at", "system")):
            self.put(TimelineEntry(kind=kind, by=by, facts={}), id_of | {"at": column}, MONEY)
        late = id_of | {"kind": "status", "at": "over_at"}
        self.put(TimelineEntry(kind="", by="provider", facts={}), late, f"{MONEY} WHERE over_at IS NOT NULL")
        for kind, to in (("confirmed", "client"), ("reminder", "client"), ("booked", "provider")):
            due = "starts_at" if kind == "reminder" else "booked_at"
            waits = "over_at IS NULL" if kind == "reminder" else "n < 0"
            message = Message(
                provider=self.provider, kind=kind, to=to, subject="Your appointment", text="A mail. " * 40
            )
            message.address = "client@example.com"
            stamps = dict.fromkeys(("due_at", "planned_for"), due) | {
                "start_at": "starts_at",
                "created_at": "booked_at",
            }
            failed = f"n % 50 = 0 AND NOT ({waits})"
            stamps["state"] = f"CASE WHEN {waits} THEN 'waiting' WHEN {failed} THEN 'failed' ELSE 'sent' END"
            stamps["sent_at"] = f"CASE WHEN {waits} OR {failed} THEN NULL ELSE {due} END"
            self.put(message, id_of | stamps, MONEY)

    def deposits(self) -> None:
        from payments.models import Deposit, LedgerEntry, Payment, Refund, Repayment

        one = Deposit(currency="EUR", asked=2700, paid=2700)
        where = {"confirmed": "held", "completed": "applied", "no_show": "forfeited", "cancelled": "refunded"}
        changed = {"appointment_id": "appointment_id", "created_at": "booked_at"}
        changed |= {
            name: f"CASE WHEN status = '{status}' THEN 2700 ELSE 0 END" for status, name in where.items()
        }
        self.put(one, changed, MONEY)
        self.joined("deposit")
        about = {"deposit_id": "deposit_id"}
        payment = Payment(gateway="sandbox", state="paid", amount=2700, currency="EUR")
        stamps = dict.fromkeys(("created_at", "paid_at"), "booked_at") | {"intent_id": "'pi_' || hash"}
        stamps["refunded"] = "CASE WHEN status = 'cancelled' THEN 2700 ELSE 0 END"
        self.put(payment, about | stamps, MONEY)
        self.joined("deposit", "payment")
        entry = LedgerEntry(source="outside", target="held", amount=2700, reason="paid", by="client")
        self.put(entry, about | {"at": "booked_at"}, MONEY)
        for status, target in where.items():
            if target != "held":
                entry = LedgerEntry(source="held", target=target, amount=2700, reason="terms", by="system")
                self.put(entry, about | {"at": "over_at"}, f"{MONEY} WHERE status = '{status}'")
        refund = Refund(source="held", amount=2700, currency="EUR", state="done", reason="terms", by="system")
        stamps = dict.fromkeys(("due_at", "created_at", "settled_at"), "over_at") | {
            "payment_id": "payment_id"
        }
        stamps["gateway_id"] = "'re_' || hash"
        self.put(refund, about | stamps, f"{MONEY} WHERE status = 'cancelled'")
        given = Repayment(amount=2700, currency="EUR", reason="goodwill", state="given")
        stamps = dict.fromkeys(("asked_at", "decided_at"), "over_at")
        self.put(given, about | stamps, f"{MONEY} WHERE status = 'cancelled' AND n % 30 = 1")

    def lapses(self) -> None:
        from booking.models import Lapse
        from payments.models import Decision, Settlement
        from policies.models import PolicyException

        missed = f"{MONEY} WHERE status = 'no_show'"
        id_of = {"appointment_id": "appointment_id"}
        self.put(Lapse(kind="no_show"), id_of | {"client_id": "client_id", "at": "over_at"}, missed)
        exception = PolicyException(reason="goodwill", amount=2700, full=True)
        self.put(exception, id_of | {"at": "over_at"}, f"{missed} AND n % 60 = 2")
        one = Settlement(cause="no_show", forfeit=2700, fee=0, currency="EUR")
        stamps = dict.fromkeys(("due_at", "created_at"), "over_at") | {"deposit_id": "deposit_id"}
        recent = f"n BETWEEN {AROUND // 2 - 10} AND {AROUND}"
        stamps |= {
            "state": f"CASE WHEN {recent} THEN 'waiting' ELSE 'done' END",
            "settled_at": f"CASE WHEN {recent} THEN NULL ELSE over_at END",
        }
        self.put(one, id_of | stamps, missed)
        decision = Decision(
            what="planned", forfeit_before=0, fee_before=0, forfeit_after=2700, fee_after=0, by="system"
        )
        ours = f"{Settlement._meta.db_table} s JOIN {MONEY} m ON m.appointment_id = s.appointment_id"
        self.put(decision, {"settlement_id": "s.id", "at": "m.over_at"}, ours)

    def charges(self) -> None:
        """The rest of the price of what was kept; of those around now it is owed."""
        from payments.models import Charge, Dispute, LedgerEntry, Payment

        owed = f"(n < {AROUND})"
        one = Charge(kind="balance", amount=6300, currency="EUR", by="provider")
        stamps = {"appointment_id": "appointment_id", "created_at": "over_at"}
        stamps["state"] = f"CASE WHEN {owed} THEN 'owed' ELSE 'paid' END"
        stamps |= dict.fromkeys(("paid", "applied"), f"CASE WHEN {owed} THEN 0 ELSE 6300 END")
        self.put(one, stamps, f"{MONEY} WHERE status = 'completed'")
        ours = f"{Charge._meta.db_table} c JOIN {MONEY} m ON m.appointment_id = c.appointment_id WHERE c.state = 'paid'"
        cash = Payment(
            gateway="manual", method="cash", state="paid", amount=6300, currency="EUR", by="provider"
        )
        self.put(cash, {"charge_id": "c.id"} | dict.fromkeys(("created_at", "paid_at"), "m.over_at"), ours)
        entry = LedgerEntry(source="outside", target="applied", amount=6300, reason="paid", by="provider")
        self.put(entry, {"charge_id": "c.id", "at": "m.over_at"}, ours)
        lost = Dispute(amount=2700, currency="EUR", state="lost", reason="fraudulent")
        stamps = {
            "payment_id": "payment_id",
            "gateway_id": "'dp_' || hash",
            "opened_at": "over_at",
            "closed_at": "over_at",
        }
        self.put(lost, stamps, f"{MONEY} WHERE status = 'completed' AND (n < {AROUND} OR n % 900 = 0)")

    def papers(self) -> None:
        from payments.models import Paper

        paper = Paper(
            provider=self.provider, kind="receipt", year=self.at.year, amount=2700, currency="EUR", language="en",
            recipient="A client", facts={"lines": [{"words": "Deposit", "amount": 2700}]},
        )  # fmt: skip
        stamps = {"client_id": "client_id", "serial": "n + 1", "number": "'R-' || (n + 1)"}
        self.put(paper, stamps | {"payment_id": "payment_id", "issued_at": "booked_at"}, MONEY)
