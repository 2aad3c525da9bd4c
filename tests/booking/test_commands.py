"""Log-ins and tokens from the command line."""

import hashlib
import io

import pytest
from django.core.management import CommandError, call_command

from booking.models import ApiToken, Membership, Provider, User
from tests.booking import world

pytestmark = pytest.mark.django_db

ANNA, MARCO = "anna@studio-bianchi.example", "marco@studio-bianchi.example"


@pytest.fixture
def provider():
    return world.provider()


def typed(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_password_is_read_from_standard_input(provider, monkeypatch, capsys):
    typed(monkeypatch, "quiet river 77\n")
    call_command("set_password", "Anna@Studio-Bianchi.example")
    assert User.objects.get(email=ANNA).check_password("quiet river 77")
    assert "quiet river" not in capsys.readouterr().out


@pytest.mark.parametrize("password", ["", "short", "password1234", "anna@studio-bianchi"])
def test_a_weak_password_is_refused_with_the_reason(provider, monkeypatch, password):
    typed(monkeypatch, password + "\n")
    with pytest.raises(CommandError, match=r"the password was not set\n."):
        call_command("set_password", ANNA)
    assert not User.objects.get(email=ANNA).has_usable_password()


def test_nobody_gets_no_password(monkeypatch):
    typed(monkeypatch, "quiet river 77\n")
    with pytest.raises(CommandError, match="nobody logs in as"):
        call_command("set_password", "nobody@example.com")


def created(capsys, *arguments):
    call_command("create_api_token", *arguments)
    return capsys.readouterr().out.strip()


def test_a_token_is_printed_once_and_kept_as_a_hash(provider, capsys):
    token = created(capsys, ANNA)
    kept = ApiToken.objects.get()
    assert kept.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert kept.scopes == ["read"]
    assert (kept.provider, kept.user.email) == (provider, ANNA)
    assert len(token) >= 40
    assert created(capsys, ANNA) != token


def test_scopes_are_those_asked_for(provider, capsys):
    created(capsys, MARCO, "--scope", "refunds", "--scope", "read")
    assert ApiToken.objects.get().scopes == ["read", "refunds"]


@pytest.mark.parametrize(
    ("role", "scope", "told"),
    [("member", "refunds", "may not refund"), ("read_only", "write", "may only look")],
)
def test_a_token_may_no_more_than_its_member(provider, role, scope, told):
    Membership.objects.filter(user__email=MARCO).update(role=role)
    with pytest.raises(CommandError, match=told):
        call_command("create_api_token", MARCO, "--scope", scope)
    assert not ApiToken.objects.exists()


def test_of_several_providers_one_must_be_named(provider, capsys):
    other = Provider.objects.get(pk=provider.pk)
    other.pk, other.uid, other.slug = None, "00000000-0000-4000-8000-000000000001", "second"
    other.save(force_insert=True)
    Membership.objects.create(provider=other, user=User.objects.get(email=ANNA), role="owner")
    with pytest.raises(CommandError, match=r"--provider \(second, studio-bianchi\)"):
        call_command("create_api_token", ANNA)
    created(capsys, ANNA, "--provider", "second")
    assert ApiToken.objects.get().provider == other


@pytest.mark.parametrize(
    "arguments", [["nobody@example.com"], [ANNA, "--provider", "elsewhere"]], ids=["user", "provider"]
)
def test_who_is_no_member_gets_no_token(provider, arguments):
    with pytest.raises(CommandError, match=r"nobody logs in as|no member of elsewhere"):
        call_command("create_api_token", *arguments)
