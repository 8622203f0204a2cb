-- The ledger's own segments, which outlive every build.
select * from read_parquet(getvariable('ledger_segments'))
