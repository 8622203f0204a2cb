-- What a pair moves: its expected amount, to the billed side and from the expected side. Zero over the pair.
{%- set sides = [('billed', ''), ('expected', '-')] %}
{% for side, sign in sides %}
    select
        {{ side }}_diff_id as diff_id,
        direction,
        counterparty,
        {{ side }}_period as billing_period,
        price_source,
        {{ sign }}expected_amount as moved_amount
    from {{ ref('timing_pairs') }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
