"""The dashboard's room for the rules that a provider works by."""
