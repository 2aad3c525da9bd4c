"""Settings, in sections. What may differ between two installations is read by `config.env`."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext

from config import env, logs, senders

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

try:
    ENV = env.read(env.lines_of(BASE_DIR / ".env") | dict(os.environ), root=BASE_DIR)
except env.WrongSetting as wrong:
    raise SystemExit(f"kept cannot start: {wrong}") from None


# --- Who we are --------------------------------------------------------------------------------

VAR_DIR = ENV.var_dir
DEBUG = ENV.debug
SECRET_KEY = ENV.secret_key
ALLOWED_HOSTS = ENV.allowed_hosts
BASE_URL = ENV.base_url
HTTPS = BASE_URL.startswith("https://")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "booking.User"

INSTALLED_APPS = [
    "booking",
    "policies",
    "payments",
    "reminders",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "django_prometheus",
    "csp",
    "config.apps.ConfigConfig",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "config.middleware.FrontDoor",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.MoreHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "config.middleware.AskedLanguage",
    "config.middleware.ReadersClocks",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.OwnForms",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.DatabaseAway",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["booking.templatetags.seated"],
        },
    },
]


# --- Database ----------------------------------------------------------------------------------

DATABASES = {"default": ENV.database}  # see config/database.py


# --- Workers and cache -------------------------------------------------------------------------

REDIS_URL = ENV.redis_url
BROKER_DIR = VAR_DIR / "broker"
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        # A web process must not hang when the broker is away: rows are the queue, the sweep will look.
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        "visibility_timeout": 300,
        "unacked_restore_throttle": 1,
    }
    CACHES = {"default": {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": REDIS_URL}}
else:
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.1,
    }
    for _folder in ("queue", "control"):
        (BROKER_DIR / _folder).mkdir(parents=True, exist_ok=True)
    CACHES = {
        "default": {"BACKEND": "config.cache_file.FileCache", "LOCATION": str(VAR_DIR / "cache.sqlite3")}
    }


# --- Languages and time ------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("it", "Italiano"), ("th", "ไทย")]
LOCALE_PATHS = [BASE_DIR / "locale"]


# --- Static files ------------------------------------------------------------------------------

# Served from where npm put it, never committed: {% static "vendor/chart.js/chart.umd.js" %}.
_VENDOR = {
    "vendor/event-calendar": "@event-calendar/build/dist",
    "vendor/chart.js": "chart.js/dist",
    "vendor/inter/files": "@fontsource-variable/inter/files",
    "vendor/noto-sans-thai/files": "@fontsource/noto-sans-thai/files",
    "vendor/altcha": "altcha/dist",
}
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS: list[str | Path | tuple[str, Path]] = [
    (prefix, BASE_DIR / "node_modules" / folder)
    for prefix, folder in _VENDOR.items()
    if (BASE_DIR / "node_modules" / folder).is_dir()
]
if (BASE_DIR / "static").is_dir():
    STATICFILES_DIRS.append(BASE_DIR / "static")
# Names with a hash of their content need `collectstatic` first, which `make run` and the image do.
_MANIFEST = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _PLAIN if DEBUG else _MANIFEST},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_MANIFEST_STRICT = False  # a missing picture must not take a page down


# --- Log-in ------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/dashboard/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "config.accounts.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# Strangers prove their address; who was made by an owner or at the command line has it proved (config.accounts).
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_SIGNUP_REDIRECT_URL = "/dashboard/start/"
SIGN_UP = ENV.sign_up
ACCOUNT_FORMS = {
    name: f"config.account_forms.{ours}"
    for name, ours in {
        "login": "LogIn",
        "signup": "SignUp",
        "add_email": "AddEmail",
        "change_password": "ChangePassword",
        "set_password": "SetPassword",
        "reset_password": "ResetPassword",
        "reset_password_from_key": "ResetPasswordFromKey",
        "reauthenticate": "ShowAgain",
    }.items()
}
MFA_ADAPTER = "config.accounts.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {"add_webauthn": "config.accounts.PasskeyForm"}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Kept"
MFA_TOTP_TOLERANCE = 1  # phones' clocks are not ours
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers themselves allow it on localhost alone
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14


# --- Web security ------------------------------------------------------------------------------

TRUSTED_PROXIES = ENV.trusted_proxies
LIMITS_EXEMPT = ENV.limits_exempt
BODY_LIMIT = 64 * 1024
# Stripe's events carry whole objects, staff paste long texts; both are known senders.
BODY_LIMITS = {"/webhooks/": 512 * 1024, "/dashboard/": 2_621_440, "/admin/": 2_621_440}
DATA_UPLOAD_MAX_MEMORY_SIZE = max(BODY_LIMITS.values())
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # dropped by FrontDoor from anyone else
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"

# A form that ends at Stripe's Checkout, or where a provider sets up its account, is redirected there, and
# browsers hold redirects to form-action too.
_CHECKOUT = ["https://checkout.stripe.com", "https://connect.stripe.com"]
if ENV.stripe_api_base:
    _parts = urlsplit(ENV.stripe_api_base)
    _CHECKOUT.append(f"{_parts.scheme}://{_parts.netloc}")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'", *_CHECKOUT],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}


# --- Mail --------------------------------------------------------------------------------------

EMAIL_BACKEND = ENV.email["EMAIL_BACKEND"]
EMAIL_HOST = ENV.email.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = ENV.email.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = ENV.email.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = ENV.email.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(ENV.email.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(ENV.email.get("EMAIL_USE_SSL"))
EMAIL_FILE_PATH = "/" + str(ENV.email.get("EMAIL_FILE_PATH") or VAR_DIR / "mail").lstrip("/")
EMAIL_TIMEOUT = 10
# Senders with an API (see config/senders.py); what one of them cannot do, it leaves out.
MAIL_SENDER = str(ENV.email.get("MAIL_SENDER") or "")
ANYMAIL = {
    **ENV.email.get("ANYMAIL", {}),
    "IGNORE_UNSUPPORTED_FEATURES": True,
    "REQUESTS_TIMEOUT": EMAIL_TIMEOUT,
    "WEBHOOK_SECRET": f"{senders.WEBHOOK_USER}:{senders.webhook_password(SECRET_KEY)}",
}
DEFAULT_FROM_EMAIL = f"Kept <no-reply@{urlsplit(BASE_URL).hostname}>"
SERVER_EMAIL = DEFAULT_FROM_EMAIL


# --- Money -------------------------------------------------------------------------------------

STRIPE_SECRET_KEY = ENV.stripe_secret_key
STRIPE_WEBHOOK_SECRET = ENV.stripe_webhook_secret
STRIPE_API_BASE = ENV.stripe_api_base
STRIPE_CONNECT = ENV.stripe_connect
STRIPE_CONNECT_FEE = ENV.stripe_connect_fee


# --- API ---------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],  # each view opens itself
    "DEFAULT_RENDERER_CLASSES": ["config.api.Renderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.Parser"],
    "DEFAULT_PAGINATION_CLASS": "config.api.Pagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.errors.answer",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Kept",
    "DESCRIPTION": "Appointments, deposits and what a change costs.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ModeEnum": "booking.models.Mode.choices",
        "ReasonEnum": "booking.api.inputs.REASONS",
        "ExceptionReasonEnum": "policies.models.Reason.choices",
        "CauseEnum": "booking.lifecycle.concerns.CAUSES",
        "ConcernAnswerEnum": "booking.api.desk_inputs.ANSWERS",
        "ChannelEnum": "booking.api.inputs.CHANNELS",
        "OwnChannelEnum": "booking.api.inputs.OWN_CHANNELS",
        "ChargeKindEnum": "booking.api.outputs.CHARGE_KINDS",
        "ChargeStateEnum": "booking.api.outputs.CHARGE_STATES",
        "PaymentStateEnum": "booking.api.desk_outputs.PAYMENT_STATES",
        "PaymentMethodEnum": "booking.api.desk_outputs.PAYMENT_METHODS",
    },
}


# --- Logs, metrics, errors ---------------------------------------------------------------------

LOGGING_CONFIG = None
logs.configure(as_json=not DEBUG)
SENTRY_DSN = ENV.sentry_dsn
if SENTRY_DSN:
    logs.report_errors(dsn=SENTRY_DSN)
