"""Ways: by hand or by card, and on whose account, money came and went.

A bookkeeper matches a statement with what a bank paid out: each movement of money is followed to its payment,
refund or dispute, and so to the account that it is on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Provider
from config import formats
from payments.models import ConnectedAccount, Deposit, Dispute, LedgerEntry, Paper, Payment, Refund

if TYPE_CHECKING:
    from payments.papers.statements import Movement, Statement

AT_ONCE = 500
CARD = Payment.Method.CARD
BY_HAND: dict[str, str | Promise] = {
    "cash": gettext_lazy("Cash"),
    "transfer": gettext_lazy("Bank transfer"),
    "other": gettext_lazy("Another way"),
}
CAME, BACK, DISPUTED = "paid", "given_back", "disputed"
# What each kind of movement counts as, and whether for or against it.
COUNTED = {
    "paid": (CAME, 1),
    "taken_back": (CAME, -1),
    "given_back": (BACK, 1),
    "refund_failed": (BACK, -1),
    "disputed": (DISPUTED, 1),
    "dispute_over": (DISPUTED, -1),
}


class Way(NamedTuple):
    """``account`` is the connected one, empty for the installation's own. ``reference`` is what the gateway
    calls it, or what was written down by hand. ``fee`` is what the installation kept of it, less than nothing
    where it gave that back."""

    method: str = ""
    account: str = ""
    reference: str = ""
    fee: int = 0


NO_TAX: tuple[int | None, int] = (None, 0)
NO_WAY = Way()  # nothing left or reached the books


@dataclass
class Flow:
    """What came and went by one way, in minor units."""

    paid: int = 0
    given_back: int = 0
    disputed: int = 0
    fee: int = 0

    @property
    def stays(self) -> int:
        """What of it is there, before the gateway's own charges."""
        return self.paid - self.given_back - self.disputed - self.fee

    @property
    def amounts(self) -> tuple[int, ...]:
        return self.paid, self.given_back, self.disputed, self.fee, self.stays

    def count(self, what: str, amount: int, fee: int) -> None:
        name, sign = COUNTED[what]
        setattr(self, name, getattr(self, name) + sign * amount)
        self.fee += fee


def followed(movements: Iterator[Movement], *, provider: Provider) -> Iterator[Movement]:
    """Each movement of a statement with its way and the tax on its paper, looked up for many at once."""
    while some := list(islice(movements, AT_ONCE)):
        found = _of_entries([one.pk for one in some if one.what in COUNTED])
        papers = Paper.objects.filter(provider=provider, number__in=[one.paper for one in some if one.paper])
        taxes = {number: (rate, tax) for number, rate, tax in papers.values_list("number", "tax_rate", "tax")}
        for one in some:
            if one.what in COUNTED:
                rate, tax = taxes.get(one.paper, NO_TAX)
                one = one._replace(way=found.get(one.pk, NO_WAY), tax_rate=rate, tax=tax)
            yield one


def _of_entries(entries: Collection[int]) -> dict[int, Way]:
    rows = LedgerEntry.objects.filter(pk__in=entries).order_by("pk")
    return _Found(list(rows)).ways


def names(provider: Provider) -> dict[str, str]:
    """What the accounts of a provider are called at the gateway, where it has told us."""
    rows = ConnectedAccount.objects.filter(provider=provider, account_id__isnull=False)
    return {str(account): name for account, name in rows.values_list("account_id", "name")}


class _Found:
    """Payments, refunds and disputes of some entries. An entry is written together with its payment or refund:
    they have the whole, the instant and the amount in common."""

    def __init__(self, entries: list[LedgerEntry]) -> None:
        self._came: dict[Any, list[Way]] = defaultdict(list)
        self._went: dict[Any, list[Way]] = defaultdict(list)
        self._gone: dict[int, int] = defaultdict(int)  # what of a payment went back before
        wholes = {_whole(one) for one in entries}
        for payment in _of(Payment.objects.filter(paid_at__isnull=False), wholes):
            self._add_payment(payment)
        for refund in _of(Refund.objects.select_related("payment", "repayment"), wholes):
            self._add_refund(refund)
        self._disputed = _disputed({_whole(one) for one in entries if "disputed" in (one.source, one.target)})
        self.ways = {one.pk: way for one in entries if (way := self._way(one))}

    def _add_payment(self, payment: Payment) -> None:
        reference = payment.reference if payment.method != CARD else payment.intent_id or payment.session_id
        way = Way(payment.method, payment.account, reference or "", payment.platform_fee)
        self._came[_whole(payment), payment.paid_at, payment.amount].append(way)
        if payment.undone_at:
            self._went[_whole(payment), "outside", payment.undone_at, payment.amount].append(way)

    def _add_refund(self, refund: Refund) -> None:
        way = self._way_back(refund)
        at = (_whole(refund), "refunded", refund.created_at, refund.amount, refund.source)
        self._went[at].append(way)
        if refund.state == Refund.State.FAILED:
            failed = (_whole(refund), "failed", refund.settled_at, refund.amount, refund.source)
            self._went[failed].append(way._replace(fee=-way.fee))

    def _way_back(self, refund: Refund) -> Way:
        payment = refund.payment
        if refund.origin == Refund.Origin.HAND and payment.method == CARD:
            # Handed over: nothing has left the card's account.
            return Way(Payment.Method.OTHER, "", refund.repayment.reference if refund.repayment else "")
        return Way(payment.method, payment.account, refund.gateway_id or "", -self._fee_back(refund))

    def _fee_back(self, refund: Refund) -> int:
        """The fee goes back in proportion; that of all parts together is the whole."""
        payment, before = refund.payment, self._gone[refund.payment_id]
        after = before + refund.amount
        if refund.state != Refund.State.FAILED:
            self._gone[refund.payment_id] = after
        whole, of = payment.platform_fee, payment.amount
        return whole * after // of - whole * before // of

    def _way(self, entry: LedgerEntry) -> Way | None:
        whole = _whole(entry)
        if "disputed" in (entry.source, entry.target):
            return self._disputed.get(whole)
        if entry.source == "outside":
            found = self._came[whole, entry.at, entry.amount]
        elif entry.target == "outside":
            found = self._went[whole, "outside", entry.at, entry.amount]
        elif entry.target == "refunded":
            found = self._went[whole, "refunded", entry.at, entry.amount, entry.source]
        else:
            found = self._went[whole, "failed", entry.at, entry.amount, entry.target]
        # Two of one amount at one instant are told apart by their order alone.
        return found.pop(0) if len(found) > 1 else found[0] if found else None


def _whole(row: Any) -> tuple[int | None, int | None]:
    return row.deposit_id, row.charge_id


def _of(rows: QuerySet[Any], wholes: Iterable[tuple[int | None, int | None]]) -> QuerySet[Any]:
    deposits = [deposit for deposit, _charge in wholes if deposit]
    charges = [charge for _deposit, charge in wholes if charge]
    return rows.filter(Q(deposit__in=deposits) | Q(charge__in=charges)).order_by("pk")


def _disputed(wholes: set[tuple[int | None, int | None]]) -> dict[Any, Way]:
    """The payment that is disputed where the money of a deposit or charge is: its own, or one behind the
    credit that it used."""
    found: dict[Any, Way] = {}
    behind = {whole: whole for whole in wholes}  # where to look for its dispute next
    while behind:
        ways = {}
        for one in Dispute.objects.filter(
            payment__in=_of(Payment.objects.all(), set(behind.values()))
        ).select_related("payment"):
            ways[_whole(one.payment)] = Way(CARD, one.payment.account, one.gateway_id)
        found |= {whole: ways[at] for whole, at in behind.items() if at in ways}
        left = {deposit for deposit, _charge in behind.values() if deposit} - {at[0] for at in ways}
        credits = Deposit.objects.filter(pk__in=left, credit__isnull=False)
        sources = dict(credits.values_list("pk", "credit__deposit"))
        behind = {whole: (sources[at[0]], None) for whole, at in behind.items() if at[0] in sources}
    return found


# --- In words ---


def rows(statement: Statement) -> list[tuple[str, ...]]:
    """By method and account: what came in, went back, is disputed, was kept by the installation, and what of
    it stays; of several the sum at the end. To be asked when the movements were walked through."""
    currency, named = statement.provider.currency, names(statement.provider)
    flows = sorted(statement.flows.items(), key=lambda one: (one[0][0] != CARD, one[0]))
    found = [(told(method, account, named), flow.amounts) for (method, account), flow in flows]
    if len(found) > 1:
        columns = zip(*(amounts for _name, amounts in found), strict=True)
        found.append((_("Together"), tuple(sum(column) for column in columns)))
    return [(name, *(formats.money(one, currency) for one in amounts)) for name, amounts in found]


def told(method: str, account: str, named: Mapping[str, str]) -> str:
    """``Card, on Studio Lumen (acct_…4F2a)``."""
    if method != CARD:
        return str(BY_HAND[method])
    if not account:
        return _("Card, on the account of this installation")
    short = f"acct_…{account[-6:]}"
    name = named.get(account)
    return _("Card, on %(account)s") % {"account": f"{name} ({short})" if name else short}
