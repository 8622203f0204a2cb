from trueup.allocation.warehouse import allocated_costs


def model(dbt, session):
    dbt.config(materialized="incremental", incremental_strategy="append")
    return allocated_costs(
        session,
        dbt.ref("allocatable_costs"),
        dbt.ref("stg_allocation_rules__rules"),
        dbt.ref("stg_allocation_drivers__driver_values"),
        dbt.ref("allocation_partitions"),
    )
