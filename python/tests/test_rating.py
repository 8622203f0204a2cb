"""The rating library against a slow reference, and its laws."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from rating_worlds import rated, referred, world


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False))
def test_rating_equals_the_reference(random: Random) -> None:
    made = world(random)
    assert rated(made) == referred(made)
