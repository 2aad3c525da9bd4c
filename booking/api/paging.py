"""Lists by cursor."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor
from rest_framework.request import Request

from booking.api.refusals import wrong
from config.api import Pagination as Plain

LARGEST_ID = 2**63 - 1
NOWHERE = Cursor(offset=0, reverse=False, position=None)


class Pagination(Plain):
    """Newest first. A cursor or a size that is none is a 400, not a surprise in the database."""

    def decode_cursor(self, request: Request) -> Cursor | None:
        try:
            cursor: Any = super().decode_cursor(request)
        except NotFound:
            cursor = NOWHERE
        if cursor is not None and not _is_id(cursor.position):
            raise wrong("cursor", "invalid", _("Use the address in `next` or `previous` as it is."))
        return cursor

    def get_page_size(self, request: Request) -> int | None:
        asked = request.query_params.get(self.page_size_query_param or "", "")
        if asked and not (asked.isdecimal() and asked.isascii() and int(asked[:9]) > 0):
            raise wrong("page_size", "invalid", _("Ask for 1 to 100 rows at a time."))
        return super().get_page_size(request)


def _is_id(position: str | None) -> bool:
    if not position or len(position) > 19:
        return False
    return position.isdecimal() and position.isascii() and int(position) <= LARGEST_ID
