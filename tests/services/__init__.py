"""Throwaway servers for tests and benchmarks. Standard library only: `hub` uses them before anything is installed."""
