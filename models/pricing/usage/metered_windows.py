from trueup.rating.warehouse import metered_windows


def model(dbt, session):
    dbt.config(materialized="incremental", incremental_strategy="append")
    dbt.ref("pricing_partitions")
    dbt.ref("pricing_inputs")
    return metered_windows(session, dbt.ref("windowed_usage"))
