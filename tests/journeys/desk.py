"""What an owner does in the dashboard."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.journeys.visitor import Visitor
from tests.product import Product

FILES = Path(__file__).parent.parent / "booking" / "files"
PASSWORD = "correct horse battery 8"


def owner_of(slug: str) -> str:
    return f"anna@{slug}.example"


def open_studio(
    product: Product,
    *,
    slug: str,
    file: str = "studio-bianchi.json",
    change: Callable[[dict[str, Any]], None] = lambda studio: None,
) -> None:
    """An example file under an address of its own, after `change`."""
    studio = json.loads((FILES / file).read_text().replace(file.removesuffix(".json"), slug))
    change(studio)
    product.manage("import_provider", "-", stdin=json.dumps(studio))


def log_in(owner: Visitor, product: Product, *, slug: str) -> None:
    """With a password that the operator has just set (a file brings none)."""
    product.manage("set_password", owner_of(slug), stdin=PASSWORD)
    owner.open("/dashboard/")
    owner.page.wait_for_url("**/accounts/login/**")
    owner.page.fill("[name=login]", owner_of(slug))
    owner.page.fill("[name=password]", PASSWORD)
    owner.click("main form button[type=submit]")
    owner.page.wait_for_url(
        lambda url: urlsplit(url).path == "/dashboard/"
    )  # the log-in's names it as its next


def do(owner: Visitor, act: str, *, within: str = "main", **said: str) -> None:
    """One act on the appointment whose page is open, or on the card `within` which it stands; `reason` and the
    like are chosen in its form."""
    card = owner.page.locator(within).first
    form = card.locator(f"form[action$='/{act}/']").first
    if not form.is_visible():
        card.locator(f"details:has(form[action$='/{act}/']) summary").first.click()
    for field, value in said.items():
        asked = form.locator(f"[name={field}]").first
        if asked.evaluate("one => one.tagName") == "SELECT":
            asked.select_option(value)
        elif asked.get_attribute("type") == "radio":
            form.locator(f"[name={field}][value={value}]").check()
        else:
            asked.fill(value)
    owner.page.evaluate("document.querySelectorAll('.flash .notice').forEach((one) => one.remove())")
    with owner.page.expect_response(lambda answer: answer.request.method == "POST"):
        form.locator("button[type=submit]").first.click()
    owner.page.wait_for_selector(".flash .notice-good")
    owner.page.wait_for_load_state()
    owner.settle()


def reach(owner: Visitor, way: str, *, within: str) -> None:
    """Presses Call, Text or Mail on a card. No program for it is on this machine, so the browser does not look."""
    link = owner.page.locator(f"{within} a[data-note={way}]")
    link.evaluate("one => one.addEventListener('click', (event) => event.preventDefault())")
    with owner.page.expect_response(lambda answer: answer.url.endswith("/reached_out/")):
        link.click()


def refunds(product: Product, token: str) -> list[dict[str, Any]]:
    """Every refund of the studio, told to who has a token for reading."""
    asked = urllib.request.Request(
        f"{product.url}/api/v1/deposits/", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return [refund for deposit in json.load(answer)["results"] for refund in deposit["refunds"]]
