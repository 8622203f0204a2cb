{#- The pseudonym of a personal identifier in a raw column: its HMAC-SHA-256 (RFC 2104) in hex. DuckDB has no
    HMAC, so the plugin hands over the key padded for the inner and the outer hash. Without a key it is null:
    no identifier ever passes unhashed. -#}
{% macro pseudonym(column) -%}
    sha256(
        unhex(getvariable('pseudonym_outer'))
        || unhex(sha256(unhex(getvariable('pseudonym_inner')) || encode({{ raw_text(column) }})))
    )
{%- endmacro %}
