# ruff: noqa: S608, the SQL is made of constants alone
"""Whose money it is, beside every row of it, and indexes that begin with it."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

OF_APPOINTMENT = "(SELECT a.provider_id FROM booking_appointment a WHERE a.id = {table}.appointment_id)"
OF_CHARGE = "(SELECT h.provider_id FROM payments_charge h WHERE h.id = {table}.charge_id)"
OF_WHOLE = (
    "COALESCE((SELECT d.provider_id FROM payments_deposit d WHERE d.id = {table}.deposit_id), "
    + OF_CHARGE
    + ")"
)
OF_PAYMENT = "(SELECT p.provider_id FROM payments_payment p WHERE p.id = {table}.payment_id)"
# In an order in which the one that is asked was filled before.
WHOSE = {
    "deposit": OF_APPOINTMENT,
    "charge": OF_APPOINTMENT,
    "settlement": OF_APPOINTMENT,
    "waiver": OF_CHARGE,
    "payment": OF_WHOLE,
    "ledgerentry": OF_WHOLE,
    "refund": OF_WHOLE,
    "repayment": OF_WHOLE,
    "dispute": OF_PAYMENT,
}


def fill(apps, schema_editor):
    """With the guards of history aside on PostgreSQL, as they are on SQLite while it migrates."""
    lowered = schema_editor.connection.vendor == "postgresql"
    with schema_editor.connection.cursor() as cursor:
        if lowered:  # no check is outstanding on a table that is altered next
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model, whose in WHOSE.items():
            table = f"payments_{model}"
            if lowered:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE {table} SET provider_id = {whose.format(table=table)}")
            if lowered:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def provider(*, filled):
    """The reference is checked for the whole table once it is filled, not row by row."""
    return models.ForeignKey(
        db_constraint=filled,
        db_index=False,
        editable=False,
        null=not filled,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="booking.provider",
    )


def index(model, name, *fields, of=None):
    return migrations.AddIndex(
        model_name=model, index=models.Index(condition=of, fields=list(fields), name=name)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0028_consent_about_health"),
        ("payments", "0011_accounts_have_names"),
    ]

    operations = [
        *(migrations.AddField(one, "provider", provider(filled=False)) for one in WHOSE),
        migrations.RunPython(fill, migrations.RunPython.noop),
        *(migrations.AlterField(one, "provider", provider(filled=True)) for one in WHOSE),
        migrations.RemoveIndex("charge", "charges_owed"),
        migrations.RemoveIndex("repayment", "repayments_asked"),
        index("deposit", "deposits_of_provider", "provider", "id"),
        index(
            "deposit",
            "deposits_ahead",
            *("provider", "held", "carried", "carried_in"),
            of=Q(held__gt=0) | Q(carried__gt=0) | Q(carried_in__gt=0),
        ),
        index("charge", "charges_of_provider", "provider", "id"),
        index("charge", "charges_by_time", "provider", "created_at"),
        index("charge", "charges_owed", "provider", "created_at", of=Q(state="owed")),
        index("settlement", "settlements_of_provider", "provider", "created_at"),
        index("settlement", "settlements_that_wait", "provider", "due_at", of=Q(state="waiting")),
        index("waiver", "waivers_of_provider", "provider", "at"),
        index("ledgerentry", "ledger_of_provider", "provider", "at"),
        index("refund", "refunds_of_provider", "provider", "state", "created_at"),
        index("repayment", "repayments_of_provider", "provider", "id"),
        index("repayment", "repayments_asked", "provider", "asked_at", of=Q(state="asked")),
        index("dispute", "disputes_of_provider", "provider", "opened_at"),
    ]
