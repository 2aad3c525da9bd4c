"""The ledger: the only way in which the amounts of a deposit or a charge change (rule 10)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from booking.outgoing import staging
from payments.models import BUCKETS, CHARGE_BUCKETS, Charge, Deposit, LedgerEntry

if TYPE_CHECKING:
    from booking.actors import Actor
    from booking.models import Appointment


def post(
    *,
    deposit: Deposit | None = None,
    charge: Charge | None = None,
    source: str,
    target: str,
    amount: int,
    reason: str,
    by: Actor,
    at: datetime,
) -> LedgerEntry:
    """Moves ``amount`` (more than 0) from one bucket of a deposit, or of a charge, to another;
    ``outside`` is the client's pocket.

    The database fills the amounts from the entry and refuses what is not there."""
    entry = LedgerEntry.objects.create(
        deposit=deposit,
        charge=charge,
        source=source,
        target=target,
        amount=amount,
        reason=reason,
        by=by.kind,
        user=by.user,
        at=at,
    )
    if deposit:
        staging.entry(deposit, source=source, target=target, at=at)
        deposit.refresh_from_db(fields=["paid", *BUCKETS])
    if charge:
        charge.refresh_from_db(fields=["paid", *CHARGE_BUCKETS])
    return entry


def amounts(appointment: Appointment) -> dict[str, int]:
    """What became of the money paid ahead for an appointment, by bucket, over all its deposits."""
    deposits = list(appointment.deposits.all())
    return {bucket: sum(getattr(one, bucket) for one in deposits) for bucket in BUCKETS}
