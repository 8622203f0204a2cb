from trueup.rating.warehouse import rated_usage


def model(dbt, session):
    dbt.config(materialized="incremental", incremental_strategy="append")
    dbt.ref("pricing_partitions")
    dbt.ref("pricing_inputs")
    return rated_usage(session, dbt.ref("priced_tiers"), dbt.ref("carded_usage"))
