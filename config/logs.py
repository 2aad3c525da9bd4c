"""Logs with fields, out of which secrets and people are taken in one place."""

import logging.config
import re
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

SECRET_NAMES = re.compile(
    r"pass(word|wd)?|secret|token|authorization|cookie|api_?key|signature|session|csrf|card|dsn",
    re.IGNORECASE,
)
HIDDEN = "[hidden]"
SECRET_TEXTS = [
    # Links to one appointment or calendar, in pages and in the API.
    (re.compile(r"(/a/|/appointments/|/calendar/|/pay/)[\w:.=~-]{12,}"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(sk|rk|pk|whsec)_[\w-]+"), HIDDEN),
    (re.compile(r"\b(Bearer|Basic|Token)\s+[\w.~+/=:-]+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"(://)[^\s/@]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"\b((?:pass\w*|secret\w*|token|key|quote)=)[^\s&'\"]+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "[e-mail]"),
]


def clean(text: str) -> str:
    """`text` without what must not be kept: keys, links that are keys, addresses of people."""
    for pattern, instead in SECRET_TEXTS:
        text = pattern.sub(instead, text)
    return text


def hide_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Takes out fields by their name, whatever they hold."""
    return {name: HIDDEN if SECRET_NAMES.search(name) else value for name, value in event.items()}


class _Clean:
    """The last step: the line as it would be written, cleaned."""

    def __init__(self, render: Any) -> None:
        self.render = render

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> str:
        return clean(str(self.render(logger, name, event)))


# Those that would say more than anybody reads, or what nobody may.
LOGGERS: dict[str, dict[str, Any]] = {
    "django.request": {"level": "ERROR"},  # a 404 is a visitor's business
    "django.security.DisallowedHost": {"level": "CRITICAL"},
    # It repeats addresses, which are secrets; the channel's own row says what went wrong.
    "apprise": {"level": "WARNING", "handlers": ["nowhere"], "propagate": False},
    "kombu.connection": {"level": "ERROR"},  # the filesystem has no host name, it says
    "celery.beat": {"level": "WARNING"},
    "celery.app.trace": {"level": "WARNING"},
    "celery.worker.strategy": {"level": "WARNING"},
}


def configure(*, as_json: bool) -> None:
    """One line per event on standard error, for `logging` and `structlog` alike."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    render = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [structlog.stdlib.ExtraAdder(), *shared],
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        _without_request,
                        structlog.processors.format_exc_info,
                        _Clean(render),
                    ],
                }
            },
            "handlers": {
                "console": {"class": "logging.StreamHandler", "formatter": "line"},
                "nowhere": {"class": "logging.NullHandler"},
            },
            "root": {"handlers": ["console"], "level": "INFO"},
            "loggers": LOGGERS,
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _without_request(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Django hands its request object to the log; its headers and body are nobody's to keep."""
    event.pop("request", None)
    return event


def report_errors(*, dsn: str) -> None:
    """Unhandled errors go to Sentry, without bodies, people, local variables or links that are keys."""
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        before_send=_scrub,
        before_breadcrumb=lambda crumb, _hint: _scrubbed(crumb),
    )


def _scrub(event: Any, _hint: Any) -> Any:
    event.get("request", {}).pop("cookies", None)
    event.get("request", {}).pop("headers", None)
    return _scrubbed(event)


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _scrubbed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_scrubbed(one) for one in value]
    return value
