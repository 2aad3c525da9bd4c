"""What an owner does in the dashboard."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from tests.journeys.visitor import Visitor
from tests.product import Product

OWNER = "anna@studio-bianchi.example"
PASSWORD = "correct horse battery 8"


def log_in(owner: Visitor, product: Product) -> None:
    """With a password that the operator has just set (a file brings none)."""
    product.manage("set_password", OWNER, stdin=PASSWORD)
    owner.open("/dashboard/")
    owner.page.wait_for_url("**/accounts/login/**")
    owner.page.fill("[name=login]", OWNER)
    owner.page.fill("[name=password]", PASSWORD)
    owner.click("main form button[type=submit]")
    owner.page.wait_for_url("**/dashboard/")


def do(owner: Visitor, act: str, **said: str) -> None:
    """One act on the appointment whose page is open; `reason` and the like are chosen in its form."""
    form = owner.page.locator(f"form[action$='/{act}/']").first
    if not form.is_visible():
        owner.page.locator(f"details:has(form[action$='/{act}/']) summary").first.click()
    for field, value in said.items():
        asked = form.locator(f"[name={field}]").first
        if asked.evaluate("one => one.tagName") == "SELECT":
            asked.select_option(value)
        else:
            asked.fill(value)
    form.locator("button[type=submit]").first.click()
    owner.page.wait_for_selector(".flash .notice-good")


def refunds(product: Product, token: str) -> list[dict[str, Any]]:
    """Every refund of the studio, told to who has a token for reading."""
    asked = urllib.request.Request(
        f"{product.url}/api/v1/deposits/", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return [refund for deposit in json.load(answer)["results"] for refund in deposit["refunds"]]
