"""What a bank is told in a dispute: Stripe's fields, filled from what is on record.

In English and on 24 hours, whatever the languages of provider and client: that is what the people at card schemes
read. The provider may change every word before it is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import override

from config import formats
from payments.evidence import FIELDS, LONGEST, LONGEST_ALL

Json = dict[str, Any]

MODES = {"video": "by video call", "phone": "by phone", "in_person": "in person"}
SEEN = {
    "arrived": "was there",
    "arrival_undone": "the note that they were there was taken back",
    "will_come": "said that they would come",
    "late": "said that they would be late",
    "contacted": "was not there and was written to",
    "no_show": "was marked as missed",
    "no_show_undone": "the mark as missed was taken back",
    "explained": "explained what had happened",
    "completed": "the appointment was completed",
    "cancelled": "cancelled",
    "moved": "moved",
    "confirmed": "the booking was confirmed",
    "booked": "booked",
}


def fields(record: Json) -> dict[str, str]:
    """Every field of evidence that the record can fill; what it has nothing for is empty."""
    with override("en"), formats.on_clocks("h23"):
        written = {
            "product_description": _product(record),
            "service_date": _day(record["appointment"]["starts_at"], record),
            "customer_name": record["client"]["name"],
            "customer_email_address": record["client"]["email"],
            "customer_purchase_ip": (record["agreement"] or {}).get("ip_address", ""),
            "cancellation_policy_disclosure": _disclosure(record),
            "cancellation_rebuttal": _rebuttal(record),
            "refund_policy_disclosure": _disclosure(record),
            "refund_refusal_explanation": _refusal(record),
            "access_activity_log": _activity(record),
            "uncategorized_text": _messages(record),
        }
    return within({name: written[name] for name in FIELDS})


def within(texts: dict[str, str]) -> dict[str, str]:
    """As long as the gateway takes, each and all together; a cut is marked."""
    cut = {name: _cut(text, LONGEST) for name, text in texts.items()}
    left = LONGEST_ALL
    for name, text in cut.items():
        cut[name] = _cut(text, left)
        left -= len(cut[name])
    return cut


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else (text[: max(longest - 2, 0)].rstrip() + " …")[:longest]


def _product(record: Json) -> str:
    booked = record["appointment"]
    how = MODES.get(booked["mode"], booked["mode"])
    paid = sum(one["amount"]["amount"] for one in record["money"]["payments"] if one["state"] == "paid")
    return (
        f"{booked['service']}, an appointment with {record['provider']['name']} {how},"
        f" from {_when(booked['starts_at'], record)} to {_when(booked['ends_at'], record)}."
        f" Agreed price {_money(booked['price'])}; paid by the customer: {_plain(paid, booked['price'])}."
        f" Booking reference {booked['id']}."
    )


def _disclosure(record: Json) -> str:
    agreed = record["agreement"]
    if not agreed:
        return ""
    sealed = (
        f"\n\nThe text exactly as it was shown (language: {agreed['language']}, SHA-256 {agreed['sha256']}):\n\n"
        f"{agreed['text']}"
    )
    when = _when(agreed["agreed_at"], record)
    if not agreed["by_client"]:
        return f"The provider made the booking for the customer on {when}, under the terms below.{_sent(record)}{sealed}"
    return (
        "Before paying, the customer was shown the cancellation and refund terms below on the booking page and"
        f" agreed to them by ticking a box on {when}"
        f" (IP address {agreed['ip_address'] or 'not known'}, browser: {agreed['user_agent'] or 'not known'})."
        f" The booking cannot be made without that tick.{_sent(record)}{sealed}"
    )


def _sent(record: Json) -> str:
    """That the terms were mailed as well, where they were."""
    for one in record["messages"]:
        if one["kind"] == "confirmed" and one["to"] == "client" and one["sent_at"]:
            return (
                f" They were sent again by e-mail with the confirmation on {_when(one['sent_at'], record)}."
            )
    return ""


def _rebuttal(record: Json) -> str:
    booked, who = record["appointment"], record["client"]["name"]
    moves = [one for one in booked["moves"] if one["state"] == "done"]
    said = [
        f"{who} booked on {_when(booked['created_at'], record)} for {_when(booked['starts_at'], record)}."
    ]
    said += [
        f"It was moved from {_when(one['from'], record)} to {_when(one['to'], record)} on {_when(one['at'], record)}."
        for one in moves
    ]
    if booked["cancelled_at"]:
        by = "the customer" if booked["cancelled_by"] == "client" else "the provider"
        said.append(
            f"It was cancelled by {by} on {_when(booked['cancelled_at'], record)},"
            f" {_notice(booked)} the start. What that costs is said in the terms that the customer agreed to."
        )
    elif booked["no_show_at"]:
        said.append(
            "The customer neither came nor cancelled. The provider was ready and waited until"
            f" {_when(record['attendance']['grace_ends_at'], record)}."
        )
    elif record["attendance"]["arrived_at"]:
        said.append(
            f"The appointment took place: the customer was there at {_when(record['attendance']['arrived_at'], record)}."
        )
    elif booked["completed_at"]:
        said.append("The appointment took place and was completed. It was never cancelled.")
    return " ".join(said)


def _refusal(record: Json) -> str:
    given = [one for one in record["money"]["refunds"] if one["state"] in ("done", "pending")]
    exceptions = record["exceptions"]
    said = [
        f"{_money(one['amount'])} was already given back on {_when(one['settled_at'] or one['at'], record)}"
        f"{' (' + one['gateway_id'] + ')' if one['gateway_id'] else ''}."
        for one in given
    ]
    said += [
        f"As an exception ({one['reason'].replace('_', ' ')}) {_money(one['amount'])} was waived on"
        f" {_when(one['at'], record)}."
        for one in exceptions
    ]
    waits = [one for one in record["money"]["settlements"] if one["state"] == "done"]
    said += [
        "Under the agreed terms the customer had a day to explain what had happened before any money was kept;"
        f" the terms were applied on {_when(one['settled_at'], record)}."
        for one in waits
    ]
    if not said:
        return "Nothing is due back under the terms that the customer agreed to before paying; they are quoted above."
    return "\n".join(said)


def _activity(record: Json) -> str:
    lines = []
    for entry in record["timeline"]:
        what = SEEN.get(entry["kind"])
        if what:
            who = "the customer: " if entry["by"] == "client" else ""
            lines.append(f"{_when(entry['at'], record)}: {who}{what}")
    return "\n".join(lines)


def _messages(record: Json) -> str:
    sent = [one for one in record["messages"] if one["to"] == "client" and one["state"] == "sent"]
    lines = [
        f"{_when(one['sent_at'], record)} to {one['address'] or record['client']['email']}: {one['subject']}"
        for one in sent
    ]
    return (
        "\n".join(["Messages that were sent to the customer and accepted by the mail server:", *lines])
        if lines
        else ""
    )


def _notice(booked: Json) -> str:
    hours = (_at(booked["starts_at"]) - _at(booked["cancelled_at"])).total_seconds() / 3600
    return f"{hours:.0f} hours before" if hours >= 0 else "after"


def _day(said: str, record: Json) -> str:
    return formats.day(_at(said), record["provider"]["timezone"])


def _when(said: str | None, record: Json) -> str:
    """On the provider's clock and in UTC, so that nobody has to ask which."""
    if not said:
        return "an unknown time"
    zone = record["provider"]["timezone"]
    return f"{formats.moment(_at(said), zone)} {zone} ({_at(said):%Y-%m-%d %H:%M} UTC)"


def _at(said: str) -> datetime:
    return datetime.fromisoformat(said).astimezone(UTC)


def _money(said: Json) -> str:
    return formats.money(said["amount"], said["currency"])


def _plain(amount: int, like: Json) -> str:
    return formats.money(amount, like["currency"])
