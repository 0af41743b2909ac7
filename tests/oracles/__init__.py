"""Judges for the tests: they share no code and no library with the product, so that one mistake cannot hide in both."""
