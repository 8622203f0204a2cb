-- Every row of both sides, once, with the match key that it is in.
{%- set sides = [
    ('billed', 'charges', 'charge_id', 'billed_cost', 'pricing_unit', 'billing_currency', 'provider',
        'coalesce(members.sub_account_id, members.billing_account_id)'),
    ('expected', 'due_charges', 'expected_charge_id', 'expected_amount', 'unit', 'currency', 'counterparty',
        'members.account_id'),
] %}
with

diffs as (
    select * from {{ ref('reconciliation_diffs') }}
)

{% for side, rows, id, amount, unit, currency, counterparty, account in sides %}
    select
        diffs.diff_id,
        '{{ side }}' as side,
        members.{{ id }} as row_id,
        members.{{ amount }} as amount,
        diffs.currency,
        members.file_id,
        members.file_row,
        diffs.partition_id,
        diffs.partition_version
    from {{ ref(rows) }} as members
    inner join diffs
        on
            members.{{ counterparty }} = diffs.counterparty
            and members.billing_period = diffs.billing_period
            and {{ account }} = diffs.account_id
            and members.charge_kind = diffs.charge_kind
            and members.{{ currency }} = diffs.currency
            and members.sku_id is not distinct from diffs.sku_id
            and {{ usage_date('members.charge_kind', 'members.charge_period_start') }}
            is not distinct from diffs.usage_date
            and members.{{ unit }} is not distinct from diffs.unit
    where {{ 'true' if side == 'billed' else 'members.direction = diffs.direction' }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
