{#- Cores and memory as one whole number: seconds of MiB, of which a core has as many as so many GiB. -#}
{% macro node_weight(core_seconds, byte_seconds, gib_per_core) -%}
    (
        cast(round(
            cast(coalesce({{ core_seconds }}, 0) as decimal(24, 6)) * cast({{ gib_per_core }} * 1024 as decimal(12, 4)), 0
        ) as hugeint)
        + cast(trunc(coalesce({{ byte_seconds }}, 0)) as hugeint) // 1048576
    )
{%- endmacro %}
