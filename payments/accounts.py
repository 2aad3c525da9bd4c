"""Accounts: on which account a provider's clients pay, and how one of its own comes about.

Direct charges: a payment is made on the provider's own account, the installation keeps its fee of it, if any.
Stage, call, settle, as everywhere: a row says that an account is wanted, the gateway is asked with a key made
from it, the answer is written down. What an account may do is what the gateway says of it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import Provider
from config.refusal import Refusal
from payments import gateways
from payments.gateways import AccountGone, AccountResult, GatewayRefused, GatewayUnavailable, KeyUsedOtherwise
from payments.models import ConnectedAccount, Payment
from policies.rules import money

if TYPE_CHECKING:
    from booking.actors import Actor

State = ConnectedAccount.State

KEYS_LIVE = timedelta(hours=23)  # the gateway forgets a key after a day


class DepositsClosed(Refusal):
    """The provider's account takes no payments now."""

    code = "deposits_closed"


class NotOffered(Refusal):
    """This installation connects no accounts."""

    code = "not_offered"


class NothingConnected(Refusal):
    """There is no account to continue with or to leave."""

    code = "not_connected"


@dataclass(frozen=True)
class Payee:
    """Where a new payment goes: ``account`` is empty for the installation's own, which keeps no fee."""

    account: str = ""
    basis_points: int = 0

    def fee(self, amount: int, currency: str) -> int:
        """What the installation keeps, in minor units."""
        return money.share(amount, self.basis_points, currency)


@dataclass(frozen=True)
class Change:
    """What became of an account: clients can pay there now, or cannot any more."""

    opened: bool = False
    stopped: bool = False


def is_on() -> bool:
    """Whether providers may have accounts of their own here."""
    return bool(settings.STRIPE_CONNECT)


def of(*, provider: Provider) -> ConnectedAccount | None:
    """The provider's account, whatever its state; None where it has none or has left it."""
    if not is_on():
        return None
    mine = ConnectedAccount.objects.filter(provider=provider, gateway=gateways.current().name)
    return mine.filter(left_at=None).first()


def payee(*, provider: Provider) -> Payee:
    """Where a payment that is made now goes. Raises ``DepositsClosed`` where it should go to the provider's own
    account and that takes none: money never changes its way without its owner's word."""
    account = of(provider=provider)
    if account is None or account.state == State.UNFINISHED:
        return Payee()
    if account.is_closed:
        raise closed(provider)
    return Payee(str(account.account_id), fee_of(account))


def is_closed(*, provider: Provider) -> bool:
    """Whether deposits cannot be taken now."""
    account = of(provider=provider)
    return account is not None and account.is_closed


def closed(provider: Provider) -> DepositsClosed:
    said = _(
        "%(who)s cannot take deposits just now, so nothing was booked or changed. Please try again later, or write"
        " to %(who)s."
    )
    return DepositsClosed(said % {"who": provider.name})


def fee_of(account: ConnectedAccount) -> int:
    """The installation's fee in basis points: the account's own, else that of the settings."""
    own = account.fee_basis_points
    return settings.STRIPE_CONNECT_FEE if own is None else own


def named(account_id: str) -> ConnectedAccount | None:
    """The account of that id, also one that was left."""
    return ConnectedAccount.objects.filter(account_id=account_id).first() if account_id else None


def account_for_card(*, provider: Provider) -> str:
    """On which account a card is kept that is given now."""
    account = of(provider=provider)
    return str(account.account_id) if account and account.enabled_at else ""


def of_card(account_id: str) -> Payee | None:
    """As ``payee``, for a card that is kept on an account: it can be charged nowhere else. None while that account
    takes no payments."""
    account = named(account_id)
    if account is None:
        return None if account_id else Payee()
    if account.gone_at or not account.charges_enabled:
        return None
    return Payee(account_id, fee_of(account))


def stands(*, payment: Payment) -> bool:
    """Whether a payment that waits may still be made where it was staged. One that nobody was sent to goes where
    the provider is paid now; a page that is open stays, unless its account is gone. Raises ``DepositsClosed``."""
    if payment.state == Payment.State.STAGED:
        return payment.account == payee(provider=payment.appointment.provider).account
    account = named(payment.account)
    return account is None or account.gone_at is None


def is_gone(payment: Payment) -> bool:
    """Whether it is known that the account of a payment was disconnected: nothing can be asked of it."""
    account = named(payment.account)
    return account is not None and account.gone_at is not None


# --- How one comes about ---


def begin(*, provider: Provider, by: Actor, at: datetime) -> ConnectedAccount:
    """The provider wants to be paid on an account of its own: a row, and no more. One that was left is taken up
    again; one that was disconnected at the gateway is left for another."""
    if not is_on():
        raise NotOffered(_("Accounts of your own are not offered here."))
    gateway = gateways.current().name
    with transaction.atomic(durable=True):
        Provider.objects.locked().get(pk=provider.pk)
        mine = ConnectedAccount.objects.select_for_update().filter(provider=provider, gateway=gateway)
        account = mine.filter(left_at=None).first()
        if account and account.gone_at:
            _leave(account, by=by, at=at)
            account = None
        account = account or mine.filter(gone_at=None).order_by("-pk").first()
        if account is None:
            return ConnectedAccount.objects.create(
                provider=provider, gateway=gateway, user=by.user, created_at=at
            )
        if account.left_at:
            account.left_at, account.left_by, account.user = None, None, by.user
            account.save(update_fields=["left_at", "left_by", "user"])
        return account


def page(*, account: ConnectedAccount, back: str, again: str, at: datetime) -> str:
    """The gateway's page on which the account is set up; made first, where there is none yet. Calls the gateway:
    never inside a transaction. ``back`` is where its owner returns to, ``again`` where a page is over."""
    gateway = gateways.named(account.gateway)
    try:
        if not account.account_id:
            account = _settled(account, _make(account, at=at))
        return gateway.account_page(account=account, return_url=back, refresh_url=again)
    except GatewayRefused as no:
        raise GatewayUnavailable(str(no)) from no


def _make(account: ConnectedAccount, *, at: datetime) -> str:
    """The id of the account, made once however often it is asked for."""
    gateway = gateways.named(account.gateway)
    if at - account.created_at > KEYS_LIVE and (found := gateway.made_account(account=account)):
        return found
    try:
        return gateway.create_account(account=account, key=f"account:{account.uid}")
    except KeyUsedOtherwise:
        # Asked for by another version of ours.
        if found := gateway.made_account(account=account):
            return found
        raise


def _settled(account: ConnectedAccount, account_id: str) -> ConnectedAccount:
    with transaction.atomic(durable=True):
        account = ConnectedAccount.objects.select_for_update().get(pk=account.pk)
        if not account.account_id:
            account.account_id = account_id
            account.save(update_fields=["account_id"])
        return account


def ask(*, account: ConnectedAccount) -> AccountResult | None:
    """The account as it is at the gateway now; None where it does not let us in any more. Calls the gateway."""
    try:
        return gateways.named(account.gateway).find_account(str(account.account_id))
    except AccountGone:
        return None


def record(
    *, account: ConnectedAccount, result: AccountResult | None, asked_at: datetime, at: datetime
) -> Change:
    """Writes down what the gateway said, in any order, any number of times: an answer that was asked for before
    the one that is known changes nothing."""
    row = ConnectedAccount.objects.select_for_update().get(pk=account.pk)
    if row.asked_at and asked_at < row.asked_at:
        return Change()
    open_before, closed_before = row.state == State.READY, row.is_closed
    row.asked_at = asked_at
    if result is None:
        row.gone_at, row.charges_enabled, row.payouts_enabled = row.gone_at or at, False, False
        row.wanted, row.wanted_by, row.restriction = [], None, ""
    else:
        _follow(row, result, at=at)
    stopped = row.is_closed and not closed_before
    row.stopped_at = (at if stopped else row.stopped_at) if row.is_closed else None
    row.save()
    return Change(opened=row.state == State.READY and not open_before, stopped=stopped)


def _follow(row: ConnectedAccount, result: AccountResult, *, at: datetime) -> None:
    row.gone_at = None
    row.charges_enabled, row.payouts_enabled = result.charges_enabled, result.payouts_enabled
    row.details_submitted, row.restriction = result.details_submitted, result.restriction[:200]
    row.wanted, row.wanted_by = list(result.wanted), result.wanted_by
    row.name = result.name[:200] or row.name
    if result.charges_enabled and row.enabled_at is None:
        row.enabled_at = at


def leave(*, provider: Provider, by: Actor, at: datetime) -> ConnectedAccount:
    """From now on clients pay on the installation's own account. What was paid on the provider's stays there,
    and is refunded and disputed there. Raises ``NothingConnected``."""
    with transaction.atomic(durable=True):
        Provider.objects.locked().get(pk=provider.pk)
        account = of(provider=provider)
        if account is None:
            raise NothingConnected(_("There is no account to leave."))
        _leave(account, by=by, at=at)
        return account


def _leave(account: ConnectedAccount, *, by: Actor, at: datetime) -> None:
    account.left_at, account.left_by = at, by.user
    account.save(update_fields=["left_at", "left_by"])


def set_fee(*, provider: Provider, basis_points: int | None) -> ConnectedAccount:
    """What the installation keeps of this provider's payments from now on; None: as the settings say."""
    account = of(provider=provider)
    if account is None:
        raise NothingConnected(_("This provider has no account of its own."))
    account.fee_basis_points = basis_points
    account.save(update_fields=["fee_basis_points"])
    return account
