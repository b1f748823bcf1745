"""The secrets: sealed, bound to what they belong to, opened only where they are used."""
