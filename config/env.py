"""What the environment or a `.env` file says, checked before anything starts."""

import hashlib
import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

from config import database, senders

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
FALSE, TRUE = ("", "0", "false", "no", "off"), ("1", "true", "yes", "on")
SIGN_UP = ("open", "invited")
BROKERS = {"redis", "rediss", "unix"}


class WrongSetting(Exception):
    """One line that says which setting is missing or wrong, and what to set."""


@dataclass(frozen=True)
class Environment:
    """Every setting, of its own type."""

    debug: bool
    var_dir: Path
    secret_key: str
    allowed_hosts: list[str]
    base_url: str
    database_url: str
    database: dict[str, Any]
    redis_url: str
    email_url: str
    email: dict[str, Any]
    stripe_secret_key: str
    stripe_webhook_secret: str
    stripe_api_base: str
    stripe_connect: bool
    stripe_connect_fee: int
    sentry_dsn: str
    trusted_proxies: list[Network]
    limits_exempt: list[Network]
    sign_up: str


def lines_of(path: Path) -> dict[str, str]:
    """What a `.env` file says; an absent file says nothing."""
    if not path.is_file():
        return {}
    lines = (line.strip().removeprefix("export ") for line in path.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs}


def read(said: Mapping[str, str], *, root: Path) -> Environment:
    """The settings in `said`, with local ones made up where DEBUG is on. Raises WrongSetting."""
    debug = _flag(said, "DEBUG")
    var_dir = Path(said.get("VAR_DIR") or root / "var").absolute()
    base_url = _base_url(said, debug=debug)
    database_url = said.get("DATABASE_URL") or f"sqlite:///{var_dir / 'kept.sqlite3'}"
    email_url = _email_url(said, debug=debug, var_dir=var_dir)
    stripe_key, stripe_webhook = _stripe(said)
    return Environment(
        debug=debug,
        var_dir=var_dir,
        secret_key=_secret_key(said, debug=debug, var_dir=var_dir),
        allowed_hosts=_allowed_hosts(said, base_url=base_url, debug=debug),
        base_url=base_url,
        database_url=database_url,
        database=_database(database_url),
        redis_url=_address(said, "REDIS_URL", schemes=BROKERS, example="redis://localhost:6379/0"),
        email_url=email_url,
        email=_email(email_url),
        stripe_secret_key=stripe_key,
        stripe_webhook_secret=stripe_webhook,
        stripe_api_base=_address(
            said, "STRIPE_API_BASE", schemes={"http", "https"}, example="http://127.0.0.1:12111"
        ).rstrip("/"),
        stripe_connect=_flag(said, "STRIPE_CONNECT", otherwise=not stripe_key),
        stripe_connect_fee=_basis_points(said, "STRIPE_CONNECT_FEE"),
        sentry_dsn=_address(
            said, "SENTRY_DSN", schemes={"http", "https"}, example="https://key@errors.example.com/1"
        ),
        trusted_proxies=_networks(said, "TRUSTED_PROXIES"),
        limits_exempt=_networks(said, "LIMITS_EXEMPT"),
        sign_up=_sign_up(said, debug=debug),
    )


def _flag(said: Mapping[str, str], name: str, *, otherwise: bool = False) -> bool:
    value = said.get(name, "").strip().lower()
    if not value:
        return otherwise
    if value not in FALSE + TRUE:
        raise WrongSetting(f"{name} is {value!r}: set it to true or false")
    return value in TRUE


def _secret_key(said: Mapping[str, str], *, debug: bool, var_dir: Path) -> str:
    if key := said.get("SECRET_KEY", ""):
        if not debug and (len(key) < 50 or len(set(key)) < 5 or key.startswith("django-insecure-")):
            raise WrongSetting("SECRET_KEY is too weak: set it to at least 50 random characters")
        return key if len(key) >= 50 else hashlib.sha512(key.encode()).hexdigest()
    if not debug:
        raise WrongSetting("SECRET_KEY is missing: set it to at least 50 random characters")
    return _local_secret(var_dir / "secret_key")


def _local_secret(path: Path) -> str:
    """One key per working folder, so that links and log-ins outlive a restart."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # the first of several starting processes wins, and none reads half a key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


def _allowed_hosts(said: Mapping[str, str], *, base_url: str, debug: bool) -> list[str]:
    hosts = _list(said, "ALLOWED_HOSTS")
    if not hosts and not debug:
        raise WrongSetting("ALLOWED_HOSTS is missing: set it to the host names of this site, with commas")
    hosts = hosts or list(LOCAL_HOSTS)
    ours = urlsplit(base_url).hostname or ""
    if debug:
        return [*hosts, ours]
    if not any(
        host in ("*", ours, f"[{ours}]") or (host[0] == "." and ours.endswith(host)) for host in hosts
    ):
        raise WrongSetting(f"ALLOWED_HOSTS lacks the host of BASE_URL: add {ours}")
    return hosts


def _base_url(said: Mapping[str, str], *, debug: bool) -> str:
    url = said.get("BASE_URL", "")
    if not url and debug:
        url = f"http://{_own_name(said.get('HOST', ''))}:{said.get('PORT') or 8000}"
    if not url:
        raise WrongSetting("BASE_URL is missing: set it to this site's address, as https://book.example.com")
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:
        fine = False
    if not fine or parts.path.strip("/") or parts.query:
        raise WrongSetting(
            f"BASE_URL is {url!r}: set it to an address without a path, as https://book.example.com"
        )
    return url.rstrip("/")


def _own_name(host: str) -> str:
    """A name under which a browser finds a product that listens on `host`."""
    if host in ("", "127.0.0.1", "0.0.0.0", "::", "::1"):  # noqa: S104, compared only
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _database(url: str) -> dict[str, Any]:
    try:
        return database.settings_for(url)
    except ValueError:
        raise WrongSetting(
            "DATABASE_URL cannot be used: set it to postgres://user:password@host/name or sqlite:////full/path"
        ) from None


def _email_url(said: Mapping[str, str], *, debug: bool, var_dir: Path) -> str:
    if url := said.get("EMAIL_URL", ""):
        return url
    if debug:
        return f"filemail:///{var_dir / 'mail'}"
    raise WrongSetting("EMAIL_URL is missing: set it to smtp+tls://user:password@host:587")


def _email(url: str) -> dict[str, Any]:
    scheme = url.partition("://")[0]
    if scheme == "ses":
        raise WrongSetting(
            "EMAIL_URL cannot be ses://: Amazon SES takes mail by SMTP, set it to"
            " smtp+tls://USER:PASSWORD@email-smtp.eu-west-1.amazonaws.com:587"
        )
    if scheme in senders.SENDERS:
        try:
            return senders.settings_for(url)
        except ValueError as wrong:
            example = senders.SENDERS[scheme].example
            said = str(wrong) if str(wrong).startswith("set it to") else f"set it to {example}"
            raise WrongSetting(f"EMAIL_URL cannot be used: {said}") from None
    try:
        if urlsplit(url).scheme not in environ.Env.EMAIL_SCHEMES:
            raise ValueError("no way to send mail")
        return dict(environ.Env.email_url_config(url))
    except (ValueError, TypeError, AttributeError, environ.ImproperlyConfigured):
        raise WrongSetting("EMAIL_URL cannot be used: set it to smtp+tls://user:password@host:587") from None


def _stripe(said: Mapping[str, str]) -> tuple[str, str]:
    key, webhook = said.get("STRIPE_SECRET_KEY", ""), said.get("STRIPE_WEBHOOK_SECRET", "")
    if key and not key.startswith(("sk_test_", "rk_test_", "sk_live_", "rk_live_")):
        raise WrongSetting(
            "STRIPE_SECRET_KEY is not one: set it to a key that begins with rk_live_, rk_test_, sk_live_ or sk_test_"
        )
    if webhook and not all(one.strip().startswith("whsec_") for one in webhook.split(",")):
        raise WrongSetting(
            "STRIPE_WEBHOOK_SECRET is not one: set it to the secret that begins with whsec_, or to two with a comma"
        )
    if key and not webhook:
        raise WrongSetting("STRIPE_WEBHOOK_SECRET is missing beside STRIPE_SECRET_KEY: set both, or neither")
    if webhook and not key:
        raise WrongSetting("STRIPE_SECRET_KEY is missing beside STRIPE_WEBHOOK_SECRET: set both, or neither")
    return key, webhook


def _basis_points(said: Mapping[str, str], name: str) -> int:
    value = said.get(name, "").strip() or "0"
    if not (value.isascii() and value.isdecimal() and len(value) <= 5 and int(value) <= 10_000):
        raise WrongSetting(
            f"{name} is {value!r}: set it to hundredths of a percent, from 0 to 10000 (150 is 1.5 %)"
        )
    return int(value)


def _sign_up(said: Mapping[str, str], *, debug: bool) -> str:
    value = said.get("SIGN_UP", "").strip().lower() or ("open" if debug else "invited")
    if value not in SIGN_UP:
        raise WrongSetting(f"SIGN_UP is {value!r}: set it to open or invited")
    return value


def _address(said: Mapping[str, str], name: str, *, schemes: set[str], example: str) -> str:
    url = said.get(name, "")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in schemes and (parts.hostname or parts.path) and (parts.port or True)
    except ValueError:
        fine = False
    if not fine:
        raise WrongSetting(f"{name} cannot be used: set it to an address as {example}")
    return url


def _networks(said: Mapping[str, str], name: str) -> list[Network]:
    try:
        return [ipaddress.ip_network(one, strict=False) for one in _list(said, name)]
    except ValueError:
        raise WrongSetting(f"{name} is not a list of networks: set it as 10.0.0.0/8,192.168.1.7") from None


def _list(said: Mapping[str, str], name: str) -> list[str]:
    return [one.strip() for one in said.get(name, "").split(",") if one.strip()]
