"""Whoever moves money back shows the second factor again, where one was set up."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

SECONDS = 15 * 60
View = Callable[..., HttpResponse]


def has_second_factor(request: HttpRequest) -> bool:
    return bool(is_mfa_enabled(request.user))


def recently(request: HttpRequest) -> bool:
    """Whether the second factor was shown in this session within the last quarter of an hour."""
    shown = [one for one in get_authentication_records(request, request.user) if one.get("method") == "mfa"]
    return bool(shown) and time.time() - float(shown[-1]["at"]) < SECONDS


def be_sure(view: View) -> View:
    """Asks for the second factor first. What was posted is kept meanwhile and done after."""

    @wraps(view)
    def opened(request: HttpRequest, **facts: Any) -> HttpResponse:
        if has_second_factor(request) and not recently(request):
            return suspend_request(request, reverse("mfa_reauthenticate"))
        return view(request, **facts)

    return opened
