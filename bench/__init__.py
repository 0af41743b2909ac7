"""Benchmarks. Each module is one, run by `./hub bench NAME`; README.md says what a benchmark owes."""
