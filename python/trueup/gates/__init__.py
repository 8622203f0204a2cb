"""Gates: Great Expectations suites run in SQL on dbt's open DuckDB connection."""
