"""The Python model of `models/reconciliation` that matches what the exact key leaves over."""

from __future__ import annotations

from typing import Any

from trueup.matching.matcher import match

FOUND = """
    select match_id, match_rule_id, side, row_id, null as other_row_id, null as reason from matches
    union all
    select null, match_rule_id, 'billed', billed_row_id, expected_row_id, reason from candidates
"""
COLUMNS = """
    cast(match_id as uuid) as match_id, match_rule_id, side, cast(row_id as uuid) as diff_id,
    cast(other_row_id as uuid) as other_diff_id, cast(reason as varchar) as reason
"""


def key_matches(session: Any, leftovers: Any, rules: Any) -> Any:
    """Rows of every match, by side, and the pairs that no rule decides, with the reason.

    Args:
        session: connection of the model.
        leftovers: relation of keys with one side, `leftover_keys`.
        rules: the seed `matching_rules`.

    Raises:
        MatchingError: a rule that cannot be matched by.
    """
    billed, expected = (leftovers.filter(f"side = '{side}'") for side in ("billed", "expected"))
    found = match(session, billed, expected, rules)
    # under names of their own on a cursor that is closed with the model
    cursor = session.cursor()
    cursor.register("matches", found.matches.to_arrow_table())
    cursor.register("candidates", found.candidates.to_arrow_table())
    return session.from_arrow(cursor.execute(FOUND).to_arrow_table()).project(COLUMNS)
