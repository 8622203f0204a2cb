from trueup.rating.warehouse import credit_draws


def model(dbt, session):
    dbt.config(materialized="table")
    return credit_draws(session, dbt.ref("drawable_lines"))
