"""A cache that may be away: it then knows nothing, and nobody's booking fails of it."""

import functools
import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

PAUSE = 5  # seconds for which a server that did not answer is not asked again


def _forgiving(name: str, *, otherwise: Any) -> Callable[..., Any]:
    ask = getattr(RedisCache, name)

    @functools.wraps(ask)
    def method(self: "ForgivingRedisCache", *args: Any, **facts: Any) -> Any:
        if time.monotonic() >= self.away_until:
            try:
                return ask(self, *args, **facts)
            except (RedisError, OSError) as away:
                log.warning("cache away: %s", type(away).__name__)
                ForgivingRedisCache.away_until = time.monotonic() + PAUSE
        return otherwise(*args, **facts) if callable(otherwise) else otherwise

    return method


class ForgivingRedisCache(RedisCache):
    """Django's own, except that an unreachable server is an empty cache."""

    away_until = 0.0  # of this process: Django makes one such object per thread

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        options = {"socket_connect_timeout": 1, "socket_timeout": 1} | params.get("OPTIONS", {})
        super().__init__(server, params | {"OPTIONS": options})

    get = _forgiving("get", otherwise=lambda _key, default=None, version=None: default)
    get_many = _forgiving("get_many", otherwise=lambda *_args, **_facts: {})
    has_key = _forgiving("has_key", otherwise=False)
    add = _forgiving("add", otherwise=True)
    set = _forgiving("set", otherwise=None)
    set_many = _forgiving("set_many", otherwise=lambda *_args, **_facts: [])
    touch = _forgiving("touch", otherwise=False)
    incr = _forgiving("incr", otherwise=lambda _key, delta=1, version=None: delta)
    delete = _forgiving("delete", otherwise=False)
    delete_many = _forgiving("delete_many", otherwise=None)
    clear = _forgiving("clear", otherwise=False)
