"""The books: an append-only, double-entry, hash-chained ledger in Parquet segments.

`entries` says what an entry is and how it is hashed, `store` keeps segments and the noted heads,
`post` turns events into entries or says why not, `verify` names the first bad entry, `balances`
reads the books as of a day. Nothing in here knows what is posted; models/true_up/ledger decides.
"""
