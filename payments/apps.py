from django.apps import AppConfig
from django.core import checks


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        from payments.gateways import modes

        checks.register(modes.check, checks.Tags.database)  # type: ignore[call-overload]  # it may be a generator
