"""The rating engine: what usage should have cost, exactly, with the tiers that it took.

Pure functions over Arrow batches and NumPy arrays. Amounts and quantities are whole numbers of a
unit that is fine enough for the card at hand (`units`), so that nothing is lost before the one
rounding that the card asks for; there is no float anywhere.

cards     a rate card's rows as a checked value, with its defects by name
units     a card's numbers as whole numbers of one unit of quantity and one of money
models    how a period's position is priced: graduated, volume, percentage, packages
engine    rows of usage in order, priced as differences of their period's amount
batches   the rows' groups, and their state from before
results   the priced rows' columns
rounding  the four ways to round, the same above and below zero
money     decimal columns as whole numbers and back
meters    what a meter makes of events
contract  proration, discounts in their order, minimum commitment, prepaid credit, tax
stream    usage from a database through the engine and back
warehouse  the Python models of models/pricing
hours     usage by hour of the clock
commitments  what reservations, savings plans and balances cover of it, and what nothing uses
draws     the same for the warehouse, span after span
"""

from trueup.rating.cards import Cards, read_cards
from trueup.rating.engine import Rated, rate, rate_batches

__all__ = ["Cards", "Rated", "rate", "rate_batches", "read_cards"]
