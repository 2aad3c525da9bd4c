"""What was stored of the gateway's events before persons were taken out at the door."""

from typing import Any

from django.db import migrations

PERSONS = frozenset(
    [
        "address",
        "billing_details",
        "collected_information",
        "custom_fields",
        "customer_address",
        "customer_details",
        "customer_email",
        "customer_email_address",
        "customer_name",
        "customer_phone",
        "customer_purchase_ip",
        "customer_shipping",
        "email",
        "evidence",
        "name",
        "payment_method_details",
        "phone",
        "receipt_email",
        "receipt_url",
        "shipping",
        "shipping_details",
        "url",
    ]
)


def without(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {name: without(one) for name, one in thing.items() if name not in PERSONS}
    return [without(one) for one in thing] if isinstance(thing, list) else thing


def take_out(apps: Any, schema_editor: Any) -> None:
    events = apps.get_model("payments", "StripeEvent").objects.using(schema_editor.connection.alias)
    for event in events.only("body").iterator(chunk_size=500):
        if (body := without(event.body)) != event.body:
            events.filter(pk=event.pk).update(body=body)


class Migration(migrations.Migration):
    dependencies = [("payments", "0009_connected_accounts")]
    operations = [migrations.RunPython(take_out, migrations.RunPython.noop, elidable=True)]
