from trueup.rating.draws import commitment_draws


def model(dbt, session):
    dbt.config(materialized="table")
    return commitment_draws(
        session,
        dbt.ref("commitment_terms"),
        dbt.ref("commitment_reach"),
        dbt.ref("committable_usage"),
    )
