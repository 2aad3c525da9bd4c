"""The demo is a history that could have happened: it went through the stories, and the database agrees."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection

from booking import demo
from booking.demo import cast, clearing, stage
from booking.demo.plan import plan
from booking.models import Appointment, Client, Lapse, Provider, Service, User
from config import guards, invariants
from payments.models import Credit, Deposit, Refund, Settlement
from policies.models import PolicyException
from reminders.models import Message
from tests.booking import world

AT = datetime(2026, 11, 25, 16, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize("days", [0, 24, 31, 52])
@pytest.mark.parametrize("hour", [0, 11, 22])
def test_a_plan_is_made_on_any_day_at_any_hour(days, hour):
    parts = plan(at=AT.replace(hour=hour) + days * DAY)
    assert sum(2 if part.kind == "credit_used" else 1 for part in parts) == 300
    assert {part.client for part in parts} == set(range(40))
    assert len(cast.CLIENTS) == 40
    assert len({person.email for person in cast.CLIENTS}) == 40


def test_the_same_day_gives_the_same_plan():
    def told(at):
        return [(part.kind, part.start, part.booked_at, part.client) for part in plan(at=at)]

    assert told(AT) == told(AT)


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.django_db
def test_the_demo_is_a_history_that_could_have_happened(monkeypatch):
    refused = []
    entered = stage.Stage.__init__

    def noticing(self, **facts):
        entered(self, **facts)
        self.refused = refused

    monkeypatch.setattr(stage.Stage, "__init__", noticing)
    assert demo.seed(at=AT) is True
    assert refused == []

    assert Appointment.objects.count() == 300
    assert Client.objects.count() == 40
    assert Service.objects.count() == 3
    starts = Appointment.objects.order_by("starts_at").values_list("starts_at", flat=True)
    assert starts.first() < AT - 150 * DAY
    assert starts.last() > AT + 20 * DAY

    statuses = Counter(Appointment.objects.values_list("status", flat=True))
    assert set(statuses) == {
        "completed",
        "confirmed",
        "cancelled",
        "no_show",
        "expired",
        "declined",
        "requested",
        "held",
    }
    assert Appointment.objects.filter(starts_at__lt=AT - 2 * DAY, status="confirmed").count() == 0
    assert {lapse.kind for lapse in Lapse.objects.all()} == {"late_cancel", "late_move", "no_show"}
    assert PolicyException.objects.exists()
    assert Refund.objects.filter(state="done").exists()
    assert Settlement.objects.filter(state="waiting").exists()
    assert Credit.objects.filter(ended_at=None).exists()
    assert Deposit.objects.filter(forfeited__gt=0).exists()

    broken = [v.invariant.name for v in invariants.verify(connection) if v.count]
    assert broken == []
    past = Message.objects.filter(due_at__lt=AT)
    assert not past.filter(state__in=("waiting", "failed")).exists()
    assert not past.filter(state="sent", text="").exists()
    assert mail.outbox == []

    before = Appointment.objects.order_by("pk").values_list("pk", "version")
    assert demo.seed(at=AT + DAY) is False
    assert list(before) == list(Appointment.objects.order_by("pk").values_list("pk", "version"))

    # Stopped half-way: taken away whole, with every guard back.
    Provider.objects.update(listed=False)
    clearing.clear(Provider.objects.get(), emails=[login.email for login in demo.LOGINS])
    assert not Appointment.objects.exists()
    assert not User.objects.exists()
    assert guards.missing(connection) == []


@pytest.mark.django_db
def test_the_log_ins_are_printed_and_work(capsys, monkeypatch, settings):
    settings.DEBUG = True
    monkeypatch.setattr("booking.demo.plan", lambda at: [])
    monkeypatch.setattr(stage.Stage, "play", lambda self: None)
    call_command("seed_demo")
    first = capsys.readouterr().out
    for email in (cast.OWNER, cast.REFUND_DESK, cast.SUPERUSER):
        assert email in first
        assert User.objects.get(email=email).check_password(cast.PASSWORD)
    call_command("seed_demo")
    assert capsys.readouterr().out == first


@pytest.mark.django_db
def test_known_passwords_are_refused_in_production(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="known to everyone"):
        call_command("seed_demo")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_demo_pays_in_no_real_gateway(settings):
    settings.DEBUG = True
    settings.STRIPE_SECRET_KEY = "rk_test_1"
    with pytest.raises(CommandError, match="unset STRIPE_SECRET_KEY"):
        call_command("seed_demo")


@pytest.mark.django_db
def test_a_provider_of_somebody_is_never_cleared():
    with pytest.raises(ValueError, match="not the demo's"):
        clearing.clear(world.provider(), emails=[])
