"""A simulated company that samples a function's calls, and whose customers' reports come late."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from answers import Answers, compiled_analyses
from helpers import PROJECT, in_long_form, release, trueup

from trueup.simulate.plan import Plan
from trueup.simulate.run import simulate
from trueup.simulate.score import score

PLANTED = ("TF1", "TS4")
SEEDS = (6, 7, 9)
pytestmark = in_long_form


@pytest.fixture(scope="module", params=SEEDS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a seed's world and of the home that was refreshed from it."""
    folder = tmp_path_factory.mktemp(f"seed{request.param}")
    plan = Plan(seed=request.param, months=2, lines=12_000)
    world = simulate(plan, PLANTED, folder / "world", lambda text: None)
    as_of = f"{plan.ends_at + timedelta(days=20):%Y-%m-%dT%H:%M:%SZ}"
    outcome = trueup("refresh", folder / "home", world.landing, "--as-of", as_of)
    assert outcome.returncode == 0, outcome.stderr
    return folder


def test_both_are_found_with_their_money(folder: Path) -> None:
    thresholds = PROJECT / "seeds" / "score_thresholds.csv"
    published = folder / "home" / "published" / "current.duckdb"
    card = score(published, folder / "world" / "truth", thresholds)
    found = {each.id: each for each in card.scores if each.planted}
    assert found.keys() == set(PLANTED)
    for each in found.values():
        assert (each.found, each.cause_right, each.amount_error) == (1, 1, 0)
    assert card.false_alarms == ()


def test_samples_lean_further_than_chance(folder: Path) -> None:
    """By three to nine percent, as planted, and what each sample says of its own; scaled up."""
    with release(folder / "home") as connection:
        rows = connection.execute("""
            select is_biased, abs(bias_quantity) between billed_quantity * 0.02
                and billed_quantity * 0.14, quantity > quantity_measured * 5
            from marts.fct_sampled_usage where billed_quantity is not null
        """).fetchall()
    assert rows == [(True, True, True)]


def test_customers_are_invoiced_for_what_their_positions_cost(folder: Path) -> None:
    home = folder / "home"
    rows = Answers(home, compiled_analyses(home)).rows("entitlement_true_up")
    invoiced = [row for row in rows if row["invoiced_amount"] is not None]
    assert any(row["overage_quantity"] > 0 for row in invoiced)
    # what came after the books were final is on no position, and on no invoice either
    wrong = [row for row in invoiced if row["invoiced_less_due"] and not row["late_quantity"]]
    assert wrong == []
