"""Lists by cursor."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.pagination import Cursor
from rest_framework.request import Request

from booking.api.refusals import wrong
from config.api import Pagination as Plain

LARGEST_ID = 2**63 - 1


class Pagination(Plain):
    """Newest first. A cursor or a size that is none is a 400, not a surprise in the database."""

    def decode_cursor(self, request: Request) -> Cursor | None:
        cursor: Any = super().decode_cursor(request)
        position = cursor.position if cursor else None
        if position is not None and not (
            position.isdecimal() and position.isascii() and int(position) <= LARGEST_ID
        ):
            raise wrong("cursor", "invalid", _("Use the address in `next` or `previous` as it is."))
        return cursor

    def get_page_size(self, request: Request) -> int | None:
        asked = request.query_params.get(self.page_size_query_param or "", "")
        if asked and not (asked.isdecimal() and asked.isascii() and int(asked[:9]) > 0):
            raise wrong("page_size", "invalid", _("Ask for 1 to 100 rows at a time."))
        return super().get_page_size(request)
