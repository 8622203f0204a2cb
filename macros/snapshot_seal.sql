{#- Hash over a row of a period's snapshot, kept in the row: what was changed later no longer agrees with it. -#}
{% macro snapshot_seal() -%}
    md5(concat_ws(
        '|', direction, coalesce(source, '-'), coalesce(provider, '-'), coalesce(billing_account_id, '-'),
        billing_period, coalesce(charge_kind, '-'), coalesce(currency, '-'), charge_count, billed_cost, effective_cost,
        coalesce(files, '-'), closed_at, final_at, frozen_at, rows_of_period
    ))
{%- endmacro %}
