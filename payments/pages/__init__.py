"""The pages of money that clients see."""
