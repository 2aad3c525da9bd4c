"""First parts of our own addresses, which no provider and no service may take as its slug."""

import re

# Lower case, digits and single hyphens: what can be typed, read out and never needs escaping.
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG = 60

RESERVED_FOR_PROVIDERS = frozenset(
    """
    a about accounts admin api assets calendar dashboard embed embed-js favicon healthz help i18n jsi18n
    kept login logout media metrics pay privacy readyz robots schema security signup sitemap static
    terms webhooks well-known
    """.split()  # noqa: SIM905, one can read it
)
RESERVED_FOR_SERVICES = frozenset({"embed", "embed-js", "legal", "my-appointments", "privacy"})
