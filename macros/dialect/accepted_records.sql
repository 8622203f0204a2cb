{#- Rows and money of each current file of a source that holds records, by its own declaration: one row per
    source, file, billing period and currency. -#}
{% macro accepted_records() -%}
    {%- for node in (graph.sources.values() if execute else []) if node.source_name == 'raw' and (
        node.config.meta.get('holds', 'records') == 'records'
    ) %}
        {%- set meta = node.config.meta %}
        {%- set moment_of_period = moment('cast(' ~ meta.get('billing_period', 'null') ~ ' as varchar)') %}
    select
        '{{ node.name }}' as source, file_id,
        cast(date_trunc('{{ meta.get("period", "month") }}', {{ moment_of_period }}) as date) as billing_period,
        cast({{ meta.get('currency', 'null') }} as varchar) as currency, count(*) as row_count,
        coalesce(sum(try_cast({{ meta.get('amount', '0') }} as {{ decimal_type() }})), 0) as amount
    from {{ node.relation_name }}
    group by all
    {{ '' if loop.last else 'union all' }}
    {%- endfor %}
{%- endmacro %}
