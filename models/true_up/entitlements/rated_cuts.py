from trueup.rating.warehouse import rated_cuts


def model(dbt, session):
    dbt.config(materialized="table")
    return rated_cuts(session, dbt.ref("priced_tiers"), dbt.ref("cut_usage"))
