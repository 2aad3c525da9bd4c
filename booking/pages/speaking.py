"""The booking page in another language, with all that was typed: the switch sends it along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation

from booking.pages import framed, picker


@dataclass(frozen=True)
class Speaking:
    """``form`` is the one on the page that is being filled in; empty where the ``typed`` go along hidden."""

    form: str
    typed: list[tuple[str, str]]
    languages: list[dict[str, str]]


def of(context: Mapping[str, Any], asked: picker.Asked) -> Speaking | None:
    """How the language is changed at this step; None where an address says it all."""
    form = _form(context)
    typed = context["picker"].typed
    if not form and not typed:
        return None
    in_frame = context["frame"] is not None  # without a cookie that could keep it
    languages = [
        {"code": code, "action": asked.url(credit="", lang=code if in_frame else "")}
        for code, _name in settings.LANGUAGES
    ]
    return Speaking(form, [] if form else typed, languages)


def _form(context: Mapping[str, Any]) -> str:
    if context["closed"] or "picked" not in context:
        return ""
    if "ways" in context:
        return "book" if context["picker"].typed else ""
    repeat = context["repeat"]
    return "series" if repeat and repeat.is_open else "book"


def heard(request: HttpRequest) -> QueryDict:
    """What was typed, the page from now on in the language that was asked for."""
    asked = request.POST["language"]
    if asked in dict(settings.LANGUAGES):
        translation.activate(asked)
        request.LANGUAGE_CODE = asked
    typed = request.POST.copy()
    del typed["language"]
    return typed


def kept(request: HttpRequest, page: HttpResponse) -> HttpResponse:
    """The page; outside of a frame the browser keeps the language."""
    if framed.of(request) is None:
        language = translation.get_language() or "en"
        page.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=settings.HTTPS, httponly=True
        )
    return page
