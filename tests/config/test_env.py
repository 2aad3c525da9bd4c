"""What the environment says, checked before anything starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import env

ROOT = Path(__file__).parents[2]
SECRET = "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PRODUCTION = {
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "book.example.com",
    "BASE_URL": "https://book.example.com",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.com:587",
}


def read(tmp_path: Path, **said: str) -> env.Environment:
    return env.read(PRODUCTION | said, root=tmp_path)


def test_production_starts_with_what_it_must_be_told(tmp_path):
    found = read(tmp_path)
    assert found.debug is False
    assert found.allowed_hosts == ["book.example.com"]
    assert found.database["ENGINE"] == "django.db.backends.sqlite3"
    assert found.database["NAME"] == str(tmp_path / "var" / "kept.sqlite3")
    assert found.email["EMAIL_HOST"] == "mail.example.com"
    assert found.redis_url == ""
    assert not (tmp_path / "var" / "secret_key").exists()


@pytest.mark.parametrize("name", sorted(PRODUCTION))
def test_a_missing_one_is_named_in_one_line(tmp_path, name):
    with pytest.raises(env.WrongSetting) as wrong:
        read(tmp_path, **{name: ""})
    assert str(wrong.value).startswith(f"{name} is missing: set it to ")
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("DEBUG", "perhaps", id="no_truth"),
        pytest.param("SECRET_KEY", "short", id="short_key"),
        pytest.param("SECRET_KEY", "ab" * 40, id="key_of_two_letters"),
        pytest.param("SECRET_KEY", "django-insecure-" + SECRET, id="example_key"),
        pytest.param("ALLOWED_HOSTS", "other.example.com", id="our_own_host_not_allowed"),
        pytest.param("BASE_URL", "book.example.com", id="no_scheme"),
        pytest.param("BASE_URL", "ftp://book.example.com", id="no_web_address"),
        pytest.param("BASE_URL", "https://book.example.com/path", id="a_path"),
        pytest.param("BASE_URL", "https://book.example.com:port", id="no_port"),
        pytest.param("DATABASE_URL", "mysql://localhost/kept", id="another_database"),
        pytest.param("DATABASE_URL", "kept.sqlite3", id="no_database_address"),
        pytest.param("DATABASE_URL", "postgres://localhost:port/kept", id="database_port"),
        pytest.param("REDIS_URL", "localhost:6379", id="no_redis_address"),
        pytest.param("REDIS_URL", "amqp://localhost", id="another_broker"),
        pytest.param("EMAIL_URL", "mail.example.com", id="no_mail_address"),
        pytest.param("EMAIL_URL", "pigeon://mail.example.com", id="another_mail"),
        pytest.param("STRIPE_SECRET_KEY", "pk_live_1", id="publishable_key"),
        pytest.param("STRIPE_SECRET_KEY", "sk_live_1", id="key_without_webhook_secret"),
        pytest.param("STRIPE_WEBHOOK_SECRET", "whsec_1", id="webhook_secret_without_key"),
        pytest.param("STRIPE_WEBHOOK_SECRET", "secret", id="no_webhook_secret"),
        pytest.param("STRIPE_API_BASE", "localhost", id="no_api_address"),
        pytest.param("STRIPE_CONNECT", "perhaps", id="neither_on_nor_off"),
        pytest.param("STRIPE_CONNECT_FEE", "1.5", id="no_whole_basis_points"),
        pytest.param("STRIPE_CONNECT_FEE", "10001", id="more_than_all"),
        pytest.param("SENTRY_DSN", "key", id="no_dsn"),
        pytest.param("TRUSTED_PROXIES", "proxy", id="no_network"),
        pytest.param("LIMITS_EXEMPT", "10.0.0.0/33", id="no_such_network"),
    ],
)
def test_a_wrong_one_is_named_in_one_line(tmp_path, name, value):
    with pytest.raises(env.WrongSetting) as wrong:
        read(tmp_path, **{name: value})
    said = str(wrong.value)
    assert name.removesuffix("_SECRET_KEY").removesuffix("_WEBHOOK_SECRET") in said
    assert any(word in said for word in ("set it to", "set it as", "set both", "add "))
    assert "\n" not in said


def test_a_secret_is_never_in_the_line(tmp_path):
    for name, value in {"DATABASE_URL": "mysql://u:hunter2@h/n", "EMAIL_URL": "pop://u:hunter2@h"}.items():
        with pytest.raises(env.WrongSetting) as wrong:
            read(tmp_path, **{name: value})
        assert "hunter2" not in str(wrong.value)


def test_a_development_machine_needs_to_be_told_nothing_more(tmp_path):
    found = env.read({"DEBUG": "true", "PORT": "9000"}, root=tmp_path)
    assert found.base_url == "http://localhost:9000"
    assert found.email["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
    assert len(found.secret_key) >= 50


def test_the_made_up_key_outlives_a_restart_and_is_nobody_else_s(tmp_path):
    first = env.read({"DEBUG": "true"}, root=tmp_path).secret_key
    assert env.read({"DEBUG": "true"}, root=tmp_path).secret_key == first
    assert env.read({"DEBUG": "true"}, root=tmp_path / "other").secret_key != first
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o077 == 0


def test_the_file_says_what_the_environment_does_not(tmp_path):
    (tmp_path / ".env").write_text("# a comment\nexport PORT=1\nBASE_URL='http://a'\n\nEMPTY=\nA=b=c\n")
    assert env.lines_of(tmp_path / ".env") == {"PORT": "1", "BASE_URL": "http://a", "EMPTY": "", "A": "b=c"}
    assert env.lines_of(tmp_path / "none") == {}


@pytest.mark.parametrize(
    "entry", [["manage.py", "check"], ["-m", "config.run"], ["-c", "import config.wsgi"]]
)
def test_every_door_ends_with_that_line_alone(tmp_path, entry):
    said = PRODUCTION | {
        "DEBUG": "false",
        "VAR_DIR": str(tmp_path),
        "BASE_URL": "",
        "PATH": os.environ["PATH"],
    }
    done = subprocess.run(
        [sys.executable, *entry], cwd=ROOT, env=said, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "kept cannot start: BASE_URL is missing: set it to this site's address, as https://book.example.com\n"
    )


def test_accounts_of_providers_are_played_in_the_sandbox_and_asked_for_with_keys(tmp_path):
    keys = {"STRIPE_SECRET_KEY": "rk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}
    assert read(tmp_path).stripe_connect is True
    assert read(tmp_path, **keys).stripe_connect is False
    found = read(tmp_path, **keys, STRIPE_CONNECT="true", STRIPE_CONNECT_FEE="150")
    assert (found.stripe_connect, found.stripe_connect_fee) == (True, 150)
