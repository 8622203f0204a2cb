-- What a pair moves: its expected amount, to the billed side and from the expected side. Zero over the pair.
{%- set sides = [('billed', ''), ('expected', '-')] %}
{% for side, sign in sides %}
    select
        direction,
        counterparty,
        {{ side }}_period as billing_period,
        account_id,
        sku_id,
        charge_kind,
        {{ side }}_date as usage_date,
        unit,
        currency,
        price_source,
        {{ sign }}expected_amount as moved_amount,
        {{ sign }}stated_amount as moved_stated_amount
    from {{ ref('timing_pairs') }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
