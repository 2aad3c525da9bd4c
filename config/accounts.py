"""How people log in."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from config import network


class Adapter(DefaultAccountAdapter):
    """Accounts are made by an owner or at the command line, never by a stranger's form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> Any:
        """What log-in limits are counted by: an exempt address counts as another one each time."""
        address = network.client_address(request)
        return f"exempt-{uuid.uuid4()}" if network.is_exempt(address) else address
