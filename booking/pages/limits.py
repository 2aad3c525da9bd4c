"""How often one address may post: counted together with the API, so that neither is the other's way round."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from booking.api.throttles import PerMinute
from config import errors

View = Callable[..., HttpResponse]


def counted(limit: type[PerMinute]) -> Callable[[View], View]:
    """Posts of one address beyond ``limit`` are answered with a 429 that says when to come back."""

    def around(view: View) -> View:
        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **facts: Any) -> HttpResponse:
            count = limit()
            if request.method == "POST" and not count.allow_request(request, None):
                return _too_many(request, count)
            return view(request, *args, **facts)

        return asked

    return around


def _too_many(request: HttpRequest, count: PerMinute) -> HttpResponse:
    detail = _("That was a lot in one minute. Please wait a moment and try again.")
    answer = errors.page(request, status=429, code="throttled", detail=detail)
    answer.headers["Retry-After"] = str(int(count.wait()) + 1)
    return answer
