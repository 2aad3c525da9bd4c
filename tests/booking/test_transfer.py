"""A provider's file goes in and comes out the same; a wrong one leaves nothing behind."""

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from booking import transfer
from booking.models import ApiToken, Appointment, Client, Membership, Override, Provider, Service, User
from policies.models import Policy, PolicyVersion
from reminders import notices
from reminders.models import Route
from tests.booking.provider_files import BIANCHI, GONE, NOK, changed, content

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def load(file: dict[str, Any]) -> Provider:
    return transfer.load(file=transfer.read(content(file)), at=AT)


def booked(service: Service) -> Appointment:
    provider = service.provider
    client = Client.objects.create(
        provider=provider, name="Mira", email="mira@example.com", timezone="Europe/Rome", created_at=AT
    )
    return Appointment.objects.create(
        provider=provider,
        service=service,
        client=client,
        policy_version=service.policy.versions.get(),
        status="confirmed",
        mode="video",
        starts_at=AT,
        ends_at=AT + timedelta(hours=1),
        blocked_from=AT,
        blocked_until=AT + timedelta(hours=1),
        original_start_at=AT,
        grace_ends_at=AT + timedelta(minutes=15),
        price=9000,
        deposit_amount=2700,
        currency=provider.currency,
        timezone="Europe/Rome",
        language="en",
        created_at=AT,
        token_hash="0" * 64,
    )


@pytest.mark.parametrize("file", [BIANCHI, NOK], ids=["bianchi", "nok"])
def test_what_was_imported_is_exported_with_the_same_keys_in_the_same_order(file):
    assert json.dumps(transfer.dump(provider=load(file))) == json.dumps(file)


@pytest.mark.parametrize("file", [BIANCHI, NOK], ids=["bianchi", "nok"])
def test_importing_the_same_file_again_changes_nothing(file):
    version = load(file).version
    ids = list(PolicyVersion.objects.values_list("pk", flat=True))
    provider = load(file)
    assert provider.version == version
    assert list(PolicyVersion.objects.values_list("pk", flat=True)) == ids
    assert Provider.objects.count() == 1


def test_optional_keys_come_back():
    file = changed(
        BIANCHI,
        ("provider", "hold_minutes", 30),
        ("provider", "hour_cycle", "h12"),
        ("policies", 0, "note", {"it": "Grazie.\nA presto.", "en": "Thank you."}),
        ("places", "phone", "number", "+390255550102"),
        ("reminders", {"day_ahead": True, "hours_ahead": True}),
        (
            "cost_offer",
            {"service": "first-meeting", "words": {"it": "Anche a rate.", "en": "In parts, too."}},
        ),
        ("embed_sites", ["https://www.studio-bianchi.example", "http://localhost:8080"]),
        (
            "wording",
            [
                {"kind": "confirmed", "language": "en", "closing": "Warmly,\n{provider}"},
                {
                    "kind": "reminder",
                    "language": "it",
                    "subject": "A presto: {service}",
                    "opening": "Cara {client},",
                },
            ],
        ),
        (
            "channels",
            [
                {
                    "name": "Texts",
                    "service": "twilio",
                    "for_clients": True,
                    "month_cap": 50,
                    "quiet_from": "21:30",
                },
                {"name": "Me", "service": "tgram", "for_provider": True},
            ],
        ),
        (
            "time_off",
            [{"from": "2027-08-01T00:00:00+02:00", "until": "2027-08-15T00:00:00+02:00", "title": "Sea"}],
        ),
        (
            "legal",
            {
                "notice": {"text": {"it": "Albo n. 5.\n\nMilano"}},
                "privacy": {"text": {"it": "Breve.", "th": "สั้น"}, "instead": True},
            },
        ),
        ("services", 0, "questions", 0, "health", True),
        ("brand", {"colour": "#7a1fa2"}),
        ("notices", {"money": {"how": "daily"}, "bookings": {"email": False, "channels": ["Me"]}}),
    )
    assert transfer.dump(provider=load(file)) == file


def test_channels_come_without_their_secret_and_off_and_a_known_one_keeps_its_own():
    channels = [{"name": "Texts", "service": "twilio", "for_clients": True}]
    provider = load(changed(BIANCHI, ("channels", channels)))
    assert not Route.objects.in_use().exists()
    Route.objects.update(secret="sealed", enabled_at=AT)
    load(changed(BIANCHI, ("channels", [channels[0] | {"month_cap": 7}])))
    assert Route.objects.values_list("secret", "month_cap").get() == ("sealed", 7)
    assert "sealed" not in json.dumps(transfer.dump(provider=provider))
    load(changed(BIANCHI, ("channels", [])))
    assert "channels" not in transfer.dump(provider=provider)


def test_what_is_heard_stays_where_a_file_says_nothing_of_it_and_names_what_is_no_channel():
    me = {"name": "Me", "service": "tgram", "for_provider": True}
    heard = {"changes": {"how": "none"}, "money": {"channels": ["Me"]}}
    load(changed(BIANCHI, ("channels", [me]), ("notices", heard)))
    provider = load(BIANCHI)
    assert transfer.dump(provider=provider)["notices"] == heard
    assert notices.choice(provider, "settled").channels == ("email", Route.objects.get().channel)
    with pytest.raises(transfer.FileRefused, match=r'notices.other.channels\[0\].* named "You"'):
        load(changed(BIANCHI, ("notices", {"other": {"channels": ["You"]}})))
    not_for_me = [me | {"for_provider": False}]
    with pytest.raises(transfer.FileRefused, match=r'notices.money.channels\[0\].* named "Me"'):
        load(changed(BIANCHI, ("channels", not_for_me), ("notices", heard)))
    assert transfer.dump(provider=provider)["notices"] == heard  # all of a file or nothing
    load(changed(BIANCHI, ("notices", {})))
    assert "notices" not in transfer.dump(provider=provider)


def test_own_words_stay_where_a_file_says_nothing_of_them_and_end_where_it_says_there_are_none():
    words = [{"kind": "reminder", "language": "it", "subject": "A presto"}]
    load(changed(BIANCHI, ("wording", words)))
    assert transfer.dump(provider=load(BIANCHI))["wording"] == words
    assert "wording" not in transfer.dump(provider=load(changed(BIANCHI, ("wording", []))))


def test_the_commands_do_the_same(tmp_path, capsys):
    path = tmp_path / "bianchi.json"
    path.write_bytes(content(BIANCHI))
    call_command("import_provider", str(path))
    assert "manage.py set_password anna@studio-bianchi.example" in capsys.readouterr().out
    call_command("export_provider", "studio-bianchi")
    assert json.loads(capsys.readouterr().out) == BIANCHI


def test_exporting_a_provider_that_is_not_there_is_an_error():
    with pytest.raises(CommandError, match='no provider with the slug "nobody"'):
        call_command("export_provider", "nobody")


def test_a_changed_policy_makes_one_version_and_the_others_none():
    load(BIANCHI)
    load(changed(BIANCHI, ("policies", 0, "carry_days", 5)))
    balanced = Policy.objects.get(name="Balanced")
    assert [version.terms["carry_days"] for version in balanced.versions.all()] == [3, 5]
    assert Policy.objects.get(name="First meeting").versions.count() == 1


def test_a_changed_note_makes_no_version():
    load(BIANCHI)
    load(changed(BIANCHI, ("policies", 0, "note", {"en": "Ring twice."})))
    assert PolicyVersion.objects.count() == 2
    assert Policy.objects.get(name="Balanced").note == {"en": "Ring twice."}


def test_a_service_left_out_goes_unless_it_was_booked():
    provider = load(BIANCHI)
    booked(provider.services.get(slug="session"))
    smaller = copy.deepcopy(BIANCHI)
    smaller["services"] = [one for one in BIANCHI["services"] if one["slug"] == "first-meeting"]
    shown = [one for one in transfer.dump(provider=load(smaller))["services"] if not one.get("hidden")]
    assert shown == smaller["services"]
    assert dict(Service.objects.values_list("slug", "hidden")) == {"first-meeting": False, "session": True}
    assert transfer.dump(provider=load(BIANCHI))["services"] == BIANCHI["services"]


def test_a_hidden_service_comes_back_hidden_and_asks_for_no_place():
    hidden = BIANCHI["services"][1] | {
        "hidden": True,
        "modes": ["phone"],
        "about": {"en": "Two lines.\nHere."},
    }
    file = changed(BIANCHI, ("services", 1, hidden), ("places", "phone", GONE))
    file["services"] = [
        one for one in file["services"] if one is file["services"][1] or "phone" not in one["modes"]
    ]
    assert transfer.dump(provider=load(file)) == file
    assert Service.objects.get(slug=hidden["slug"]).hidden


def test_a_policy_left_out_is_withdrawn_and_its_agreements_stay():
    load(BIANCHI)
    without = changed(BIANCHI, ("policies", BIANCHI["policies"][:1]), ("services", BIANCHI["services"][1:]))
    assert transfer.dump(provider=load(without)) == without
    assert Policy.objects.get(name="First meeting").versions.count() == 1


def test_policies_come_back_in_the_order_of_the_newest_file():
    load(BIANCHI)
    turned = changed(BIANCHI, ("policies", BIANCHI["policies"][::-1]))
    assert transfer.dump(provider=load(turned)) == turned


def test_hours_and_overrides_are_replaced():
    load(BIANCHI)
    file = changed(BIANCHI, ("hours", BIANCHI["hours"][:1]), ("overrides", []))
    provider = load(file)
    assert provider.weekly_hours.count() == 1
    assert not Override.objects.exists()


def test_members_get_a_log_in_without_a_password_and_lose_what_the_file_takes_away():
    provider = load(BIANCHI)
    marco = User.objects.get(email="marco@studio-bianchi.example")
    assert not marco.has_usable_password()
    token = ApiToken.objects.create(provider=provider, user=marco, token_hash="a" * 64, created_at=AT)
    load(changed(BIANCHI, ("members", BIANCHI["members"][:1])))
    token.refresh_from_db()
    assert token.revoked_at == AT
    assert [m.user.email for m in Membership.objects.all()] == ["anna@studio-bianchi.example"]


def test_importing_again_keeps_a_password():
    load(BIANCHI)
    anna = User.objects.get(email="anna@studio-bianchi.example")
    anna.set_password("a long enough one")
    anna.save()
    load(BIANCHI)
    assert User.objects.get(pk=anna.pk).check_password("a long enough one")


def test_the_currency_stays_once_there_are_appointments():
    booked(load(BIANCHI).services.get(slug="session"))
    with pytest.raises(transfer.FileRefused) as refused:
        load(changed(BIANCHI, ("provider", "currency", "CHF")))
    assert refused.value.problems == [("provider.currency", "must stay EUR: there are appointments in it")]
    assert Provider.objects.get().currency == "EUR"


def test_a_wrong_file_leaves_nothing_behind(tmp_path):
    path = tmp_path / "wrong.json"
    path.write_bytes(content(changed(BIANCHI, ("members", 1, "role", "boss"))))
    with pytest.raises(CommandError, match=r"members\[1\]\.role: must be one of"):
        call_command("import_provider", str(path))
    assert not Provider.objects.exists()
    assert not User.objects.exists()


def test_a_wrong_file_leaves_the_provider_as_it_was():
    load(BIANCHI)
    with pytest.raises(transfer.FileRefused):
        load(changed(BIANCHI, ("provider", "name", "Other"), ("hours", 0, "to", "08:00")))
    assert transfer.dump(provider=Provider.objects.get()) == BIANCHI


def test_a_file_that_is_not_there_is_an_error():
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_provider", "/nowhere/file.json")
