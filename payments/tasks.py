"""Short doors of the workers: the rows say what is due, safe to run twice."""

from celery import shared_task
from django.utils import timezone

from booking import lifecycle
from booking.telling import on_paper
from payments import checkout, disputes, papers, reconcile, refunds, webhooks


@shared_task
def send_refunds() -> None:
    refunds.send_due(at=timezone.now(), failed=lifecycle.refund_failed)


@shared_task
def charge_cards() -> None:
    lifecycle.charge_cards(at=timezone.now())


@shared_task
def close_sessions() -> None:
    checkout.close_due(at=timezone.now())


@shared_task
def apply_events() -> None:
    webhooks.apply_due(at=timezone.now())


@shared_task(name="payments.tasks.reconcile")
def compare() -> None:
    """The round of this hour, if nobody had it yet."""
    reconcile.run_due(at=timezone.now(), apply=webhooks.apply)


@shared_task
def send_evidence() -> None:
    at = timezone.now()
    disputes.send_due(at=at, paper=lambda one, brief: on_paper.answer(one, at=at, brief=brief))


@shared_task
def issue_papers() -> None:
    """What no story issued: money from before there were papers."""
    papers.issue_missing(at=timezone.now())
