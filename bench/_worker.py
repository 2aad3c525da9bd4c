"""A worker that is never idle: round after round of what is due."""

import django
from django.utils import timezone

django.setup()

from payments import webhooks  # noqa: E402, models need a set-up Django

while True:
    webhooks.apply_due(at=timezone.now())
