"""Failure modes and scenarios that can be planted, by id."""

from __future__ import annotations

from trueup.simulate.effects import Effect

KINDS: dict[str, type[Effect]] = {}
