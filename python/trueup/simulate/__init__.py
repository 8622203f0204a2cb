"""A company with a known truth: exports, own inputs, and what the warehouse should say of them."""
