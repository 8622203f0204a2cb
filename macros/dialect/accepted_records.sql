{#- Rows and money of each current file of a source that holds records, by its own declaration: one row per
    source, file, billing period and currency. -#}
{% macro accepted_records() -%}
    select
        cast(null as varchar) as source, cast(null as varchar) as file_id, cast(null as date) as billing_period,
        cast(null as varchar) as currency, 0 as row_count, cast(0 as {{ decimal_type() }}) as amount
    where false
    {%- for node in (graph.sources.values() if execute else []) if node.source_name == 'raw' %}
        {%- set meta = node.config.meta %}
        {%- if meta.get('holds', 'records') == 'records' %}
    union all
    select
        '{{ node.name }}', file_id,
        cast(date_trunc(
            '{{ meta.get("period", "month") }}', {{ moment('cast(' ~ meta.get('billing_period', 'null') ~ ' as varchar)') }}
        ) as date),
        {{ meta.get('currency', 'null') }}, count(*),
        coalesce(sum(try_cast({{ meta.get('amount', '0') }} as {{ decimal_type() }})), 0)
    from {{ node.relation_name }}
    group by all
        {%- endif %}
    {%- endfor %}
{%- endmacro %}
