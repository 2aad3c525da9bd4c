"""The API as a page to read, made from the schema that the code makes: what stands there is what is answered."""

from __future__ import annotations

import functools
import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from config.api import Renderer

DEEPEST = 4  # fields within fields
PREFIX = "/api/v1/"
METHODS = ("get", "post", "put", "delete")
# The rooms, in the order in which somebody reads who comes to build something.
ROOMS: dict[str, str | Promise] = {
    "public": _("For clients: look and book"),
    "own": _("A client's own appointment, by the token in its link"),
    "desk": _("Your appointments"),
    "client": _("Your clients"),
    "money": _("Money"),
    "set-up": _("What you set up"),
    "webhooks": _("Tell your programs"),
}
EXAMPLES: dict[str, Any] = {
    "provider": "studio-lumen",
    "service": "session",
    "slug": "session",
    "name": "Ada Moss",
    "email": "ada@example.com",
    "phone": "+390255550101",
    "timezone": "Europe/Rome",
    "language": "en",
    "currency": "EUR",
    "amount": 4000,
    "url": "https://example.com/kept",
    "policy_version": "…",
    "quote": "…",
    "note": "…",
    "minutes": 10,
    "token": "TOKEN",
    "id": "ID",
}
BY_FORMAT = {
    "date-time": "2027-03-01T10:00:00+01:00",
    "date": "2027-03-01",
    "uuid": "6f1cbd2e-0f3a-4a52-9a37-2b7f5f0f7c11",
}
BY_TYPE: dict[str, Any] = {"integer": 1, "number": 1.5, "boolean": True, "string": "…", "object": {}}


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    calls = written(translation.get_language() or "en")
    return render(request, "booking/api.html", {"rooms": rooms(), "calls": calls})


class SchemaDoor(SpectacularAPIView):
    """The schema as a file, in the form and the language that are asked for."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        asked = request.GET.get("lang", "")
        language = asked if asked in dict(settings.LANGUAGES) else translation.get_language() or "en"
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        answer = HttpResponse(
            document(renderer.media_type, language), content_type=f"{renderer.media_type}{charset}"
        )
        answer["Content-Disposition"] = f'inline; filename="kept.{renderer.format}"'
        return answer

    def handle_exception(self, exc: Exception) -> Response:
        """A problem is JSON, as at all other doors, whatever form the schema was asked for in."""
        self.request.accepted_renderer = Renderer()
        self.request.accepted_media_type = Renderer.media_type
        return super().handle_exception(exc)


@functools.lru_cache(maxsize=len(settings.LANGUAGES) * len(SpectacularAPIView.renderer_classes))
def document(media_type: str, language: str) -> bytes:
    """Made once: it is long, the same for everybody, and takes half a second of work."""
    renderer = next(one for one in SpectacularAPIView.renderer_classes if one.media_type == media_type)
    with translation.override(language):
        found = renderer().render(SchemaGenerator().get_schema(public=True), renderer_context={})
    return found if isinstance(found, bytes) else found.encode()


@functools.lru_cache(maxsize=len(settings.LANGUAGES))
def written(language: str) -> SafeString:
    """All calls as they stand on the page: long, and the same for everybody."""
    with translation.override(language):
        context = {"rooms": rooms(), "base": settings.BASE_URL.rstrip("/")}
        return render_to_string("booking/_api_calls.html", context)


@functools.cache
def rooms() -> list[dict[str, Any]]:
    """Every call by room; made once, for the schema is the same for all and takes a second or two."""
    with translation.override("en"):
        schema = SchemaGenerator().get_schema(public=True)
    shapes = schema["components"]["schemas"]
    found: dict[str, list[dict[str, Any]]] = {tag: [] for tag in ROOMS}
    for path, calls in schema["paths"].items():
        for method in METHODS:
            if method in calls:
                tag = calls[method].get("tags", ["public"])[0]
                found.setdefault(tag, []).append(_call(path, method, calls[method], shapes))
    return [
        {"tag": tag, "title": ROOMS.get(tag, tag), "calls": calls} for tag, calls in found.items() if calls
    ]


def _call(path: str, method: str, said: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    body = _shape_of(said.get("requestBody", {}))
    good = {code: one for code, one in said["responses"].items() if code < "400"}
    return {
        "id": said["operationId"],
        "method": method.upper(),
        "path": path,
        "short": path.removeprefix(PREFIX),
        "summary": said.get("summary", ""),
        "token": _needs_token(said),
        "parameters": [_parameter(one, shapes) for one in said.get("parameters", [])],
        "body": _fields(body, shapes),
        "answers": [{"code": code, "fields": _fields(_shape_of(one), shapes)} for code, one in good.items()],
        "refusals": [(code, one["description"]) for code, one in said["responses"].items() if code >= "400"],
        "curl": _curl(path, method, said, body, shapes),
    }


def _needs_token(said: dict[str, Any]) -> bool:
    return said.get("tags", ["public"])[0] not in ("public", "own")


def _shape_of(said: dict[str, Any]) -> dict[str, Any] | None:
    content = said.get("content", {})
    return content.get("application/json", {}).get("schema") if content else None


def _parameter(one: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": one["name"],
        "where": one["in"],
        "kind": _kind(one.get("schema", {}), shapes),
        "required": one.get("required", False),
        "words": _words(one),
    }


def _words(said: dict[str, Any]) -> str:
    """What a person wrote of it; the list of its values stands beside it already."""
    return str(said.get("description", "")).partition("* `")[0].replace("`", "").strip()


def _resolved(shape: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """What a reference stands for; of several the first that is not null."""
    words = shape.get("description")
    for _step in range(DEEPEST):
        if "$ref" in shape:
            shape = shapes[shape["$ref"].rsplit("/", 1)[-1]]
            continue
        several = shape.get("allOf") or shape.get("oneOf") or shape.get("anyOf")
        if not several:
            break
        shape = next((one for one in several if one.get("type") != "null"), several[0])
    return shape | {"description": words} if words else shape


def _kind(shape: dict[str, Any], shapes: dict[str, Any]) -> str:
    shape = _resolved(shape, shapes)
    if "enum" in shape:
        return " | ".join(f'"{one}"' if isinstance(one, str) else str(one) for one in shape["enum"])
    said = shape.get("type", "object")
    kinds = [one for one in (said if isinstance(said, list) else [said]) if one != "null"]
    if kinds == ["array"]:
        return f"[{_kind(shape.get('items', {}), shapes)}]"
    return str(shape.get("format") or kinds[0])


def _fields(
    shape: dict[str, Any] | None, shapes: dict[str, Any], *, within: str = "", deep: int = 0
) -> list[dict[str, Any]]:
    """The fields of an object, those within it behind a dot, those of a list behind brackets."""
    if shape is None:
        return []
    shape = _resolved(shape, shapes)
    if shape.get("type") == "array":
        return _fields(shape.get("items"), shapes, within=f"{within}[].", deep=deep + 1)
    found: list[dict[str, Any]] = []
    needed = shape.get("required", [])
    for name, one in shape.get("properties", {}).items():
        inner = _resolved(one, shapes)
        found.append(
            {
                "name": within + name,
                "kind": _kind(one, shapes),
                "required": name in needed,
                "words": _words(one) or _words(inner),
            }
        )
        listed = inner.get("type") == "array"
        deeper = _resolved(inner.get("items", {}), shapes) if listed else inner
        if deep + 1 < DEEPEST and "properties" in deeper:
            found += _fields(deeper, shapes, within=f"{within}{name}{'[]' if listed else ''}.", deep=deep + 1)
    return found


def _example(name: str, shape: dict[str, Any], shapes: dict[str, Any], deep: int = 0) -> Any:
    shape = _resolved(shape, shapes)
    if "properties" in shape and deep < DEEPEST:
        needed = shape.get("required") or list(shape["properties"])
        return {one: _example(one, shape["properties"][one], shapes, deep + 1) for one in needed}
    if "enum" in shape:
        return shape["enum"][0]
    if shape.get("type") == "array":
        return [_example(name, shape.get("items", {}), shapes, deep + 1)]
    if shape.get("format") in BY_FORMAT:
        return BY_FORMAT[shape["format"]]
    said = shape.get("type", "string")
    kind = said[0] if isinstance(said, list) else said
    found = EXAMPLES.get(name)
    return found if found is not None and kind in ("string", "integer") else BY_TYPE.get(kind, "…")


def _curl(
    path: str, method: str, said: dict[str, Any], body: dict[str, Any] | None, shapes: dict[str, Any]
) -> str:
    """What comes after the base address, and the options, each on a line of its own."""
    asked = []
    for one in said.get("parameters", []):
        value = str(_example(one["name"], one.get("schema", {}), shapes))
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", EXAMPLES.get(one["name"], value))
        elif one["in"] == "query" and one.get("required"):
            asked.append(f"{one['name']}={value.replace('+', '%2B')}")
    lines = [f"{path}{'?' + '&'.join(asked) if asked else ''}'"]
    if method != "get":
        lines.append(f"-X {method.upper()}")
    if _needs_token(said):
        lines.append("-H 'Authorization: Bearer kept_…'")
    if body:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d '{json.dumps(_example('', body, shapes), ensure_ascii=False)}'")
    return " \\\n  ".join(lines)
