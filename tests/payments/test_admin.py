"""The stock admin looks at money and never touches it."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from booking.models import User
from payments.admin import ReadOnly
from tests.payments.money import paid, payment_of

pytestmark = pytest.mark.django_db


def superuser() -> User:
    return User.objects.create_superuser(email="root@example.com", password="correct horse battery")


def test_every_model_of_money_is_there_and_only_to_look_at() -> None:
    for model in apps.get_app_config("payments").get_models():
        assert isinstance(admin.site._registry[model], ReadOnly), model


def test_a_superuser_sees_a_payment_and_can_neither_change_nor_delete_it(client: Client) -> None:
    payment = payment_of(paid())
    client.force_login(superuser())
    at = f"/admin/payments/payment/{payment.pk}"
    assert client.get("/admin/payments/payment/").status_code == 200
    assert client.get(f"{at}/change/").status_code == 200
    assert client.post(f"{at}/change/", {"amount": 1}).status_code == 403
    assert client.post(f"{at}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/payments/payment/add/").status_code == 403


@pytest.mark.parametrize(
    "model", ["deposit", "payment", "ledgerentry", "refund", "settlement", "charge", "credit", "stripeevent"]
)
def test_every_list_opens_and_searches(client: Client, model: str) -> None:
    paid()
    client.force_login(superuser())
    assert client.get(f"/admin/payments/{model}/").status_code == 200
    assert client.get(f"/admin/payments/{model}/?q=x").status_code == 200


def test_staff_that_are_no_superusers_see_nothing(client: Client) -> None:
    user = User.objects.create_user(email="staff@example.com", password="correct horse battery")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client.force_login(user)
    assert client.get("/admin/payments/payment/").status_code == 403
