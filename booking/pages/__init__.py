"""The pages that clients see. Boring doors: translate, one call down, translate back."""
