from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Makes commands and tasks of operations known to Django and Celery."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        from config import celery  # noqa: F401, tasks bind to the app that is loaded first
