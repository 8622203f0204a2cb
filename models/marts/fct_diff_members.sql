{{ config(
    materialized='view',
    pre_hook="set search_path = '{{ this.database }}.{{ this.schema }}'",
    post_hook="reset search_path",
) }}

-- depends_on: {{ ref('fct_charges') }}, {{ ref('fct_expected_charges') }}, {{ ref('fct_invoice_lines') }}
-- A charge is matched by the key of what is expected for it. Without a database name, so that the view holds in every
-- release file and under every alias.
select
    expected.diff_id,
    'billed' as side,
    charges.charge_id as row_id,
    'charge' as row_kind,
    charges.pricing_quantity as quantity,
    charges.billed_cost as amount,
    charges.billing_currency as currency,
    charges.file_id,
    charges.file_row
from fct_charges as charges
inner join fct_expected_charges as expected on charges.charge_id = expected.charge_id
union all
select
    diff_id,
    'billed' as side,
    invoice_line_id as row_id,
    'invoice_line' as row_kind,
    quantity,
    amount_owed as amount,
    currency,
    file_id,
    file_row
from fct_invoice_lines
where direction = 'receivable'
union all
select
    diff_id,
    'expected' as side,
    expected_charge_id as row_id,
    'expected_charge' as row_kind,
    quantity,
    expected_amount as amount,
    currency,
    file_id,
    file_row
from fct_expected_charges
where direction != 'internal'
