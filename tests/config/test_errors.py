"""A "no" leaves the house as problem details, and nasty input never as a 500."""

import json

import pytest
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from config import api, errors
from config.refusal import Refusal


class SlotTaken(Refusal):
    code = "slot_taken"


class WrongStart(Refusal):
    code = "invalid"
    status = 400


class Inner(serializers.Serializer):
    name = serializers.CharField(max_length=5)
    email = serializers.EmailField()


class Outer(serializers.Serializer):
    client = Inner()
    start = serializers.DateTimeField()


RAISED = {
    "refusal": lambda: SlotTaken("Somebody was faster.", alternatives=["2027-03-01T09:00:00Z"]),
    "field": lambda: WrongStart(errors={"start": "too_soon"}),
    "locked": lambda: OperationalError("database is locked"),
    "away": lambda: InterfaceError("connection already closed"),
    "absent": Http404,
    "throttled": lambda: Throttled(wait=9),
    "bug": lambda: ZeroDivisionError("a bug"),
}


@api_view(["GET", "POST"])
@permission_classes([AllowAny])
def echo(request):
    return Response({"said": request.data, "asked": dict(request.query_params)})


@api_view(["POST"])
@permission_classes([AllowAny])
def strict(request):
    Outer(data=request.data).is_valid(raise_exception=True)
    return Response({})


@api_view(["GET"])
@permission_classes([AllowAny])
def raising(request, what):
    raise RAISED[what]()


@api_view(["GET"])
def closed(request):
    return Response({})


def form(request):
    return HttpResponse(str(request.POST.get("name")))


def page_raising(request, what):
    raise RAISED[what]()


urlpatterns = [
    path("api/v1/echo/", echo),
    path("api/v1/strict/", strict),
    path("api/v1/raise/<what>/", raising),
    path("api/v1/closed/", closed),
    path("raise/<what>/", page_raising),
    path("form/", form),
]
handler400 = "config.errors.bad_request"
handler404 = "config.errors.not_found"
handler500 = "config.errors.broken"

pytestmark = pytest.mark.usefixtures("_our_urls")


@pytest.fixture
def _our_urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture
def asking():
    return Client(raise_request_exception=False)


def test_a_refusal_is_problem_details_with_its_code_and_facts(asking):
    answer = asking.get("/api/v1/raise/refusal/")
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:kept:problem:slot_taken",
        "title": "Conflict",
        "status": 409,
        "detail": "Somebody was faster.",
        "code": "slot_taken",
        "alternatives": ["2027-03-01T09:00:00Z"],
    }


def test_a_refused_field_stands_under_errors(asking):
    answer = asking.get("/api/v1/raise/field/")
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"start": "too_soon"}


def test_wrong_fields_have_a_code_and_words_each(asking):
    answer = asking.post(
        "/api/v1/strict/", {"client": {"name": "much too long"}, "start": "x"}, "application/json"
    )
    assert answer.status_code == 400
    body = answer.json()
    assert body["code"] == "invalid"
    assert body["errors"] == {"client": {"name": "max_length", "email": "required"}, "start": "invalid"}
    assert body["messages"]["client"]["email"] == "This field is required."


def test_a_body_of_another_kind_is_wrong_as_a_whole(asking):
    answer = asking.post("/api/v1/strict/", [1], "application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"body": "invalid"}


@pytest.mark.parametrize("what", ["locked", "away"])
@pytest.mark.parametrize("where", ["/api/v1/raise/", "/raise/"])
def test_a_database_away_is_503_with_a_time_to_come_back(asking, where, what):
    answer = asking.get(f"{where}{what}/")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_a_database_away_before_any_view_is_503_too(asking, monkeypatch):
    from config.middleware import DatabaseAway

    def away(self, request):
        raise OperationalError("gone")

    monkeypatch.setattr(DatabaseAway, "__call__", away)
    answer = asking.get("/form/")
    assert answer.status_code == 503
    assert answer["Retry-After"]


def test_what_is_not_there_is_a_problem_in_the_api_and_a_page_elsewhere(asking):
    for address in ("/api/v1/raise/absent/", "/api/v1/nothing/"):
        answer = asking.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (404, errors.PROBLEM)
        assert answer.json()["code"] == "not_found"
    answer = asking.get("/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_a_throttled_caller_learns_when_to_come_back(asking):
    answer = asking.get("/api/v1/raise/throttled/")
    assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (429, "9", "throttled")


def test_a_method_that_is_not_there_says_which_are(asking):
    answer = asking.delete("/api/v1/echo/")
    assert answer.status_code == 405
    assert "POST" in answer["Allow"]
    assert answer.json()["code"] == "method_not_allowed"


def test_a_view_that_opens_itself_to_nobody_is_closed(asking):
    assert asking.get("/api/v1/closed/").status_code in (401, 403)


def test_a_bug_is_a_500_without_its_words(asking):
    for address in ("/api/v1/raise/bug/", "/raise/bug/"):
        answer = asking.get(address)
        assert answer.status_code == 500
        assert b"a bug" not in answer.content
    assert asking.get("/api/v1/raise/bug/")["Content-Type"] == errors.PROBLEM


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"{", id="cut_off"),
        pytest.param(b'{"a": NaN}', id="nan"),
        pytest.param(b'{"a": 1e999}', id="infinite"),
        pytest.param(b'{"a": "\\u0000"}', id="nul"),
        pytest.param(b'{"a": {"b": ["x\\u0000"]}}', id="deep_nul"),
        pytest.param(b'{"\\u0000": 1}', id="nul_as_a_name"),
        pytest.param(b'{"a": "\\ud800"}', id="lone_surrogate"),
        pytest.param(b'{"a": "\xff"}', id="not_utf8"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte_order_mark"),
        pytest.param(b"[" * 100 + b"]" * 100, id="deep"),
        pytest.param(b"[" * 30_000, id="very_deep"),
    ],
)
def test_a_body_that_nobody_can_bear_is_400(asking, raw):
    answer = asking.post("/api/v1/echo/", raw, "application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == errors.PROBLEM


def test_a_body_of_64_kb_is_taken_and_one_byte_more_is_413(asking):
    just = json.dumps("x" * (64 * 1024 - 2)).encode()
    assert asking.post("/api/v1/echo/", just, "application/json").status_code == 200
    answer = asking.post("/api/v1/echo/", just + b" ", "application/json")
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


def test_a_body_that_is_no_json_by_its_own_word_is_415(asking):
    assert asking.post("/api/v1/echo/", b"<a/>", "application/xml").status_code == 415


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("/api/v1/echo/?name=a%00b", id="nul_in_the_query"),
        pytest.param("/api/v1/echo/?%00=a", id="nul_as_a_name"),
        pytest.param("/api/v1/echo/?name=%ff%fe", id="no_text_in_the_query"),
        pytest.param("/api/v1/echo/?name=%ed%a0%80", id="surrogate_in_the_query"),
        pytest.param("/api/v1/%00/", id="nul_in_the_path"),
        pytest.param("/%00", id="nul_in_a_page"),
    ],
)
def test_an_address_that_is_no_text_is_400(asking, address):
    assert asking.get(address).status_code == 400


def test_a_nul_in_a_form_or_a_cookie_is_400(asking):
    assert asking.post("/form/", {"name": "a\x00b"}).status_code == 400
    assert asking.get("/form/", headers={"cookie": 'session="a\\000b"'}).status_code == 400
    assert asking.post("/form/", {"name": "สมหญิง"}).content.decode() == "สมหญิง"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "junk", "", "application/json;q=x"])
def test_an_odd_accept_header_is_no_500(asking, accept):
    assert asking.get("/api/v1/echo/", headers={"accept": accept}).status_code in (200, 406)


def test_a_parsed_body_is_what_was_sent():
    assert api.parse(b'{"a": [1, 2.5, "x", null, true]}') == {"a": [1, 2.5, "x", None, True]}
