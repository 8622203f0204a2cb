{#- A view, made in one statement: DuckDB replaces it in place. dbt's own way makes another one beside it and renames
    both, which takes twice as long. -#}
{% materialization view, adapter='duckdb' %}
    {%- set view = this.incorporate(type='view') -%}
    {%- set before = load_cached_relation(this) -%}
    {%- if before is not none and not before.is_view -%}
        {%- do adapter.drop_relation(before) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        create or replace view {{ view }} as ({{ sql }})
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [view]}) }}
{% endmaterialization %}
