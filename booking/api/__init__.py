"""The HTTP API. Boring doors: translate, one call down, translate back."""
