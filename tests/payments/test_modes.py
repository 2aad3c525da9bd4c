"""Test and live are never mixed (F-70): a key of one mode does not start beside payments of the other."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from payments.gateways import modes
from payments.models import Payment
from tests.payments.money import held, payment_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("key", "session", "mixed"),
    [
        ("sk_live_1", "cs_test_1", True),
        ("rk_test_1", "cs_live_1", True),
        ("rk_live_1", "cs_live_1", False),
        ("sk_test_1", "cs_test_1", False),
        ("sk_live_1", "cs_sandbox_1", False),
        ("", "cs_live_1", False),
    ],
)
def test_a_key_and_the_payments_beside_it(settings: Any, key: str, session: str, mixed: bool) -> None:
    settings.STRIPE_SECRET_KEY = key
    Payment.objects.filter(pk=payment_of(held()).pk).update(session_id=session)
    assert bool(list(modes.check(None, ["default"]))) is mixed


def test_the_step_before_every_start_refuses_a_mixture(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_1"
    Payment.objects.filter(pk=payment_of(held()).pk).update(session_id="cs_test_1")
    with pytest.raises(SystemCheckError, match="live key"):
        call_command("migrate", verbosity=0, skip_checks=False)
