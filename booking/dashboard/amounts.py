"""Amounts as people type them, converted exactly."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from config import formats
from policies.rules import money

LONGEST = 20
_SPACES = re.compile(r"[\s\u00a0\u202f']")


def minor_units(text: str, currency: str) -> int:
    """``12,50`` or ``12.50`` as 1250 of a currency with two decimals. One separator before one or two
    digits is a decimal point in every language; before three, the reader's language decides. Raises
    ``ValidationError`` for what is no amount, or finer than the currency is."""
    digits = _SPACES.sub("", text)
    point = _point(digits)
    whole, _sep, decimals = digits.partition(point) if point else (digits, "", "")
    for group in ".,":
        whole = _without_groups(whole, group)
    if not (whole + decimals).isascii() or not (whole + decimals).isdecimal():
        raise ValidationError(
            _("Please write an amount, such as %(example)s.") % {"example": example(currency)}
        )
    value = Decimal(f"{whole or 0}.{decimals or 0}").scaleb(money.digits(currency))
    if value != int(value) or int(value) % money.step(currency):
        raise ValidationError(_("%(currency)s has no such small coins.") % {"currency": currency})
    return int(value)


def _point(digits: str) -> str:
    """Which separator is the decimal one, if any."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return ""
    sign = digits[last]
    if digits.count(sign) > 1:
        return ""
    both = "." in digits and "," in digits
    if both or len(digits) - last - 1 != 3:
        return sign
    return sign if sign == formats.locale().number_symbols["latn"]["decimal"] else ""


def _without_groups(whole: str, group: str) -> str:
    """``1.250`` as ``1250``; anything but groups of three stays, and is refused."""
    return whole.replace(group, "") if re.fullmatch(rf"\d{{1,3}}(\{group}\d{{3}})+", whole) else whole


def typed(amount: int, currency: str) -> str:
    """An amount as one would type it: ``27.00``, in Italian ``27,00``."""
    digits = money.digits(currency)
    text = f"{Decimal(amount).scaleb(-digits):.{digits}f}"
    return text.replace(".", formats.locale().number_symbols["latn"]["decimal"])


def example(currency: str) -> str:
    return typed(1250 if money.digits(currency) < 3 else 12500, currency)


class AmountField(forms.CharField):
    """A sum of money between ``least`` (the smallest coin, where nothing is said) and ``most``; cleaned to
    minor units."""

    def __init__(self, *, currency: str, most: int, least: int | None = None, **options: Any) -> None:
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=LONGEST, widget=widget, **options)
        self.currency, self.most = currency, most
        self.least = money.step(currency) if least is None else least

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        amount = minor_units(text, self.currency)
        if not self.least <= amount <= self.most:
            raise ValidationError(
                _("Between %(least)s and %(most)s.")
                % {
                    "least": formats.money(self.least, self.currency),
                    "most": formats.money(self.most, self.currency),
                }
            )
        return amount
