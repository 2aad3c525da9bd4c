"""The web server's door."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

application = get_wsgi_application()
# Every page and what it stands on, loaded before the first visitor, who would wait for it.
list(get_resolver().url_patterns)
