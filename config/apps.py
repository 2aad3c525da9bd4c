from django.apps import AppConfig, apps
from django.core import checks
from django.db.models.signals import post_migrate, pre_migrate, pre_save


class ConfigConfig(AppConfig):
    """Makes commands and tasks of operations known to Django and Celery."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from config import (
            accounts,
            celery,  # noqa: F401, tasks bind to the app that is loaded first
            guards,
        )

        for app in guards.APPS:
            pre_migrate.connect(guards.lower, sender=apps.get_app_config(app))
            post_migrate.connect(guards.reinstall, sender=apps.get_app_config(app))
        authenticator_added.connect(accounts.note_new_factor)
        pre_save.connect(accounts.note_address, sender="usersessions.UserSession")
        checks.register(guards.check, checks.Tags.database)  # type: ignore[call-overload]  # it may be a generator
