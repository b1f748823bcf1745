"""Knows how well the rules on companies are tested: each of their lines is spoiled, and some test has to notice."""
