"""JSON in and out, and lists by cursor."""

from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

MAX_DEPTH = 16


class TooLarge(APIException):
    status_code = 413
    default_detail = "The body is too large."
    default_code = "too_large"


class Renderer(BaseRenderer):
    """JSON bytes by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=_plain)


class Parser(BaseParser):
    """JSON that every database and every later reader can bear: anything else is a 400."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = stream.read(settings.BODY_LIMIT + 1)
        if len(raw) > settings.BODY_LIMIT:
            raise TooLarge
        return parse(raw)


def parse(raw: bytes) -> Any:
    """The value in `raw`. Raises ParseError on what is no JSON, nested too deep, or holds a NUL.

    orjson itself refuses lone surrogates, NaN and what is not UTF-8.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ParseError("The body is not valid JSON.") from None
    _check(value)
    return value


def _check(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        deeper: list[Any] = []
        for one in level:
            if isinstance(one, str) and "\x00" in one:
                raise ParseError("The body holds a NUL character.")
            if isinstance(one, dict):
                deeper += one.keys()
                deeper += one.values()
            elif isinstance(one, list):
                deeper += one
        if not deeper:
            return
        level = deeper
    raise ParseError("The body is nested too deep.")


def _plain(value: Any) -> Any:
    """What orjson does not know: lazy texts, DRF's strings, Decimals."""
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list | tuple | set):
        return list(value)
    return str(value)


class Pagination(CursorPagination):
    """Newest first; a page is at most 100 rows, and stays whole while rows come in."""

    page_size = 50
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering = "-id"
