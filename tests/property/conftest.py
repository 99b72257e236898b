"""Hypothesis on shared machines: a slow example is no failure, time limits belong to pytest-timeout."""

from hypothesis import HealthCheck, settings

from tests.support.current import current

__all__ = ["current"]

settings.register_profile("kursnav", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kursnav")
