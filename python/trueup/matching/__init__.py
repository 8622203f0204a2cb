"""Billed rows matched with expected ones by rules that are data, set-based, on a DuckDB connection.

rules     rows of a table of rules as checked values (seed matching_rules)
criteria  what rules say as SQL: mapped keys, text criteria, gaps, tolerances
matcher   the rules in their order: candidates, rounds of nearest pairs, what no rule can decide
"""

from trueup.matching.matcher import Matching, match
from trueup.matching.rules import MatchingError, Rule, read_rules

__all__ = ["Matching", "MatchingError", "Rule", "match", "read_rules"]
