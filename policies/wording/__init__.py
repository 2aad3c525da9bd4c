"""The terms and what an act costs, in words: written from the rules, typed by nobody (rule 12).

Every text is made in the language asked for, whatever is active around it. `we` is the provider.
"""

import hashlib
from datetime import datetime, timedelta

from django.utils.translation import override

from policies.rules.outcomes import Outcome
from policies.rules.tax import Tax
from policies.rules.terms import Terms
from policies.wording.card import consent as card_consent
from policies.wording.consequences import Act
from policies.wording.dated import DatedWords
from policies.wording.policy import PolicyWords
from policies.wording.quote import QuoteWords
from policies.wording.tax import included as tax_included
from policies.wording.tax import name as tax_name
from policies.wording.tax import rate as tax_rate

__all__ = [
    "card_consent",
    "dated_lines",
    "policy_lines",
    "policy_text",
    "quote_text",
    "rule_text",
    "sha256_of",
    "tax_included",
    "tax_name",
    "tax_rate",
]


def policy_text(terms: Terms, *, price: int, deposit: int, currency: str, zone: str, language: str) -> str:
    """The whole policy as people read and agree to it, in short paragraphs.

    `deposit` is what is asked ahead under these terms, `zone` the provider's. The same terms, amounts,
    zone and language always give the same text, so that its hash can be kept.
    """
    with override(language):
        policy = PolicyWords(terms=terms, price=price, deposit=deposit, currency=currency, zone=zone)
        return "\n\n".join(part for part in policy.paragraphs() if part)


def policy_lines(
    terms: Terms, *, price: int, deposit: int, currency: str, zone: str, language: str
) -> list[str]:
    """The policy in three short lines: what is paid ahead, until when a change is free, what it costs then."""
    with override(language):
        policy = PolicyWords(terms=terms, price=price, deposit=deposit, currency=currency, zone=zone)
        return [policy.ahead(), policy.best(), policy.worst()]


def dated_lines(
    terms: Terms,
    *,
    price: int,
    deposit: int,
    currency: str,
    zone: str,
    language: str,
    start: datetime,
    notice: timedelta,
) -> list[str]:
    """The same three lines about one start, with days and hours on the clocks of `zone`. `notice` is the one
    that counts: windows that it is too short for are over."""
    with override(language):
        policy = DatedWords(
            terms=terms,
            price=price,
            deposit=deposit,
            currency=currency,
            zone=zone,
            start=start,
            notice=notice,
        )
        return [policy.ahead(), policy.best(), policy.worst()]


def quote_text(
    outcome: Outcome,
    *,
    currency: str,
    zone: str,
    language: str,
    new_start: datetime | None = None,
    tax: Tax | None = None,
) -> str:
    """What this act costs now, until when that holds, and the cheaper way where there is one. ``tax``
    is what the cost bears."""
    with override(language):
        quote = QuoteWords(outcome=outcome, currency=currency, zone=zone, new_start=new_start, tax=tax)
        return " ".join(quote.sentences())


def rule_text(
    terms: Terms,
    *,
    act: Act,
    notice: timedelta | None,
    price: int,
    deposit: int,
    currency: str,
    zone: str,
    language: str,
) -> str:
    """The one rule that applies to a cancel or a move at ``notice``, or to a no-show: when, and what it does."""
    with override(language):
        policy = PolicyWords(terms=terms, price=price, deposit=deposit, currency=currency, zone=zone)
        return policy.rule(act, notice)


def sha256_of(text: str) -> str:
    """The hash of a text as it was shown."""
    return hashlib.sha256(text.encode()).hexdigest()
