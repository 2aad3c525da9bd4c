"""How people log in, and how often they may try."""

import ipaddress

import pytest

from booking.models import User

pytestmark = pytest.mark.django_db
RIGHT, WRONG = "correct-horse-battery", "wrong-horse-battery"


@pytest.fixture
def user():
    return User.objects.create_user(email="anna@example.com", password=RIGHT)


@pytest.fixture(autouse=True)
def _fresh_limits():
    from django.core.cache import cache

    cache.clear()


def log_in(client, email: str = "anna@example.com", password: str = RIGHT):
    return client.post("/accounts/login/", {"login": email, "password": password})


def test_the_right_password_opens_the_dashboard(client, user):
    answer = log_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/dashboard/")


def test_a_wrong_password_and_a_stranger_get_the_same_words(client, user):
    known, unknown = log_in(client, password=WRONG), log_in(client, email="nobody@example.com")
    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].errors == unknown.context["form"].errors


def test_nobody_can_sign_up_by_a_form(client):
    client.post("/accounts/signup/", {"email": "b@example.com", "password1": RIGHT, "password2": RIGHT})
    assert not User.objects.filter(email="b@example.com").exists()


def test_guessing_ends_after_a_few_tries(client, user):
    answers = [log_in(client, password=f"{WRONG}{n}") for n in range(12)]
    assert "Too many" in str(answers[-1].context["form"].errors) or answers[-1].status_code == 429
    assert log_in(client).status_code != 302


def test_an_exempt_network_logs_in_as_often_as_it_likes(client, user, settings):
    settings.LIMITS_EXEMPT = [ipaddress.ip_network("127.0.0.0/8")]
    for _ in range(40):
        assert log_in(client).status_code == 302
        client.post("/accounts/logout/")
