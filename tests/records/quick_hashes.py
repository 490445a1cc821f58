"""Argon2 in one pass over little memory, for tests that sign in often; what a real hash costs is in test_users."""

from functools import partial

from argon2 import PasswordHasher

QUICK = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)  # passes, KiB, lanes
