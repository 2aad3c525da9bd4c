"""Whether a form comes from a page of ours, where that is for the view to answer: it shows the form again with all
that was typed, in place of a page that says no.

Browsers say it themselves (`Sec-Fetch-Site`), also those that keep no cookie or have lost it; for others the token
beside the cookie decides, as everywhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

OURS = ("same-origin", "none")


class _Check(CsrfViewMiddleware):
    """Django's own check, asked for its answer."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def is_ours(request: HttpRequest) -> bool:
    if said := request.headers.get("Sec-Fetch-Site", ""):
        return said in OURS
    check = _Check(lambda _request: HttpResponse())
    return check.process_view(request, None, (), {}) is None  # type: ignore[arg-type]
