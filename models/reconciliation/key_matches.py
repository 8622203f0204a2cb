from trueup.matching.warehouse import key_matches


def model(dbt, session):
    dbt.config(materialized="table")
    return key_matches(session, dbt.ref("leftover_keys"), dbt.ref("matching_rules"))
