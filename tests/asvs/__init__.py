"""Knows what OWASP's ASVS 5.0 asks on its levels 1 and 2, and what of this portal answers it."""
