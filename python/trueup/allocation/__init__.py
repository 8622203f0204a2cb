"""Costs passed on from the owners that have them to those that pay, by rules that are data.

rules   rows of a table of rules as checked values (input `allocation_rules`)
split   an amount in parts, exactly: largest remainders
engine  the rules in their steps: what each takes up, who gets how much, what stays and why
"""

from trueup.allocation.engine import allocate
from trueup.allocation.rules import Rule, read_rules

__all__ = ["Rule", "allocate", "read_rules"]
