"""What the product is measured against; never imported by it."""
