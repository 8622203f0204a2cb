from trueup.gates.suites import gate_on


def model(dbt, session):
    dbt.config(materialized="incremental", incremental_strategy="append", full_refresh=False)
    dbt.ref("reconciliation_profile")
    return gate_on(session, "reconciliation", "reconciliation_profile")
