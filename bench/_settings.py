"""The product's settings, with an empty view beside its own."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench._urls"
LOGGING_CONFIG = None
