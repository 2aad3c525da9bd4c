"""Every form with a token against forgery says at which desk it was shown, where it was shown at one: so that what was
typed at one is never written over another (`booking.dashboard.access`). Stands in for Django's own tag everywhere."""

from __future__ import annotations

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from booking.dashboard.desk import SEAT

register = template.Library()


class SeatedToken(CsrfTokenNode):
    def render(self, context: Context) -> SafeString:
        token = super().render(context)
        seat = getattr(context.get("desk"), SEAT, "")
        said = format_html('<input type="hidden" name="{}" value="{}">', SEAT, seat) if seat else ""
        return mark_safe(token + said)  # noqa: S308, both are safe


@register.tag
def csrf_token(parser: Parser, token: Token) -> SeatedToken:
    return SeatedToken()
