"""What clients do on the pages, told by names of fields and addresses, so that the language does not matter."""

from __future__ import annotations

from typing import Any

from tests.journeys.visitor import Visitor

PAID = "button[name=outcome][value=paid]"
SUBMIT = "form.card button[type=submit]"


def pick(visitor: Visitor, *, day: str, time: str) -> None:
    """Picks a day and a time on the month that is shown; both as the visitor's clock has them."""
    visitor.click(f"table.month a[href*='date={day}']")
    visitor.click(f"a.chip[href*='start={day}T{time}']")


def fill_in(visitor: Visitor, *, name: str, email: str, **more: str) -> None:
    visitor.settle()
    visitor.page.fill("[name=name]", name)
    visitor.page.fill("[name=email]", email)
    for field, said in more.items():
        visitor.page.fill(f"[name={field}]", said)


def agree_and_book(visitor: Visitor) -> None:
    visitor.settle()
    visitor.page.check("[name=agree]")
    visitor.click(SUBMIT)


def pay(visitor: Visitor) -> None:
    visitor.page.wait_for_url("**/pay/**")
    visitor.click(PAID)
    visitor.page.wait_for_url("**/a/**")


def cancel(visitor: Visitor, *, reason: str) -> None:
    """Says why on the page that shows what it costs, and cancels."""
    visitor.page.check(f"[name=reason][value={reason}]")
    visitor.click(SUBMIT)
    visitor.page.wait_for_url("**/a/*/?done=cancelled")


def as_api(visitor: Visitor, product: Any, token: str = "") -> Any:
    """The appointment as the API tells it."""
    return product.get(f"/api/v1/appointments/{token or visitor.token}/")
