"""How a "no" leaves the house: RFC 9457 problem details in the API, a plain page elsewhere."""

import logging
import sys
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_answer

from config.refusal import Refusal

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"
RETRY_AFTER = "2"
AWAY = (OperationalError, InterfaceError)
MACHINES = ("/api/", "/webhooks/")


def problem(
    *, status: int, code: str, detail: str = "", headers: dict[str, str] | None = None, **facts: Any
) -> dict[str, Any]:
    """The members of RFC 9457, with our `code` and what else there is to know."""
    return {
        "type": f"urn:kept:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **facts,
    }


def answer(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None, and so a 500, for anything that is not a known "no"."""
    if isinstance(exc, Refusal):
        return _respond(of_refusal(exc))
    if isinstance(exc, AWAY):
        log.warning("database away or contended: %s", exc)
        return _respond(_unavailable(), {"Retry-After": RETRY_AFTER})
    if isinstance(exc, RequestDataTooBig):
        return _respond(problem(status=413, code="too_large", detail=_("The request is too large.")))
    if isinstance(exc, SuspiciousOperation | BadRequest | TooManyFieldsSent | UnicodeError):
        return _respond(problem(status=400, code="bad_request", detail=_("The request cannot be read.")))
    plain = drf_answer(exc, context)
    if plain is None:
        return None
    headers = {name: plain[name] for name in ("WWW-Authenticate", "Retry-After", "Allow") if name in plain}
    return _respond(_of_known(exc, plain.status_code), headers)


def of_refusal(refusal: Refusal) -> dict[str, Any]:
    """A refusal as problem details; its facts stand beside the members of RFC 9457."""
    return problem(
        status=refusal.status, code=refusal.code, detail=str(refusal.detail or ""), **refusal.facts
    )


def _of_known(exc: Exception, status: int) -> dict[str, Any]:
    if isinstance(exc, exceptions.ValidationError):
        return problem(
            status=400,
            code="invalid",
            detail=_("Some fields need another look."),
            errors=_by_field(exc.get_codes()),
            messages=_by_field(exc.detail),
        )
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    code = getattr(exc, "default_code", "error")
    return problem(status=status, code=code, detail=str(getattr(exc, "detail", "")))


def _by_field(found: Any) -> Any:
    """The first error of each field, in the shape of the body; what belongs to none is under `body`."""
    if isinstance(found, dict):
        # The place in a list is a name too, for JSON knows no others.
        return {
            ("body" if name == "non_field_errors" else str(name)): _first(one) for name, one in found.items()
        }
    return {"body": _first(found)}


def _first(found: Any) -> Any:
    if isinstance(found, dict):
        return _by_field(found)
    if isinstance(found, list | tuple):
        return next((_first(one) for one in found if one), "invalid")
    return str(found)


def _unavailable() -> dict[str, Any]:
    return problem(status=503, code="unavailable", detail=_("Please try again in a moment."))


def _respond(members: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(members, status=members["status"], headers=headers, content_type=PROBLEM)


def problem_response(members: dict[str, Any]) -> HttpResponse:
    """The same outside of DRF."""
    response = HttpResponse(
        orjson.dumps(members, default=str), status=members["status"], content_type=PROBLEM
    )
    if members["status"] == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = RETRY_AFTER
    return response


def page(request: HttpRequest, *, status: int, code: str, detail: str) -> HttpResponse:
    """A page that needs neither database nor session, or problem details where a machine asks."""
    if request.path.startswith(MACHINES):
        return problem_response(problem(status=status, code=code, detail=detail))
    html = render_to_string(
        "config/problem.html", {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    )
    response = HttpResponse(html, status=status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = RETRY_AFTER
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, status=400, code="bad_request", detail=_("We could not read that request."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, status=403, code="forbidden", detail=_("You may not open this page."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, status=404, code="not_found", detail=_("There is nothing at this address."))


def wrong_method(allowed: str) -> HttpResponse:
    """405 as problem details, for doors that machines knock at."""
    detail = _("This address takes %(method)s only.") % {"method": allowed}
    response = problem_response(problem(status=405, code="method_not_allowed", detail=detail))
    response["Allow"] = allowed
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    detail = _("This form is too old. Please go back, load the page again and send it once more.")
    return page(request, status=403, code="csrf", detail=detail)


def unavailable(request: HttpRequest) -> HttpResponse:
    return page(request, status=503, code="unavailable", detail=_("Please try again in a moment."))


def broken(request: HttpRequest) -> HttpResponse:
    """Our bug, or the database away where no view was reached yet."""
    if isinstance(sys.exc_info()[1], AWAY):
        return unavailable(request)
    detail = _("Something went wrong on our side. We have been told.")
    return page(request, status=500, code="server_error", detail=detail)
