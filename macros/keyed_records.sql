{#- Select of a source's records by their idempotency key, for record_keys: `files` are the files to read, `key` the
    columns that make a record what it is, `payload` those that may not differ between two deliveries of it. -#}
{% macro keyed_records(source, records, key, payload, period='null', currency='null', amount='0', options={}) -%}
    select
        '{{ source }}' as source,
        records.file_id,
        records.file_row,
        {{ period }} as billing_period,
        {{ currency }} as currency,
        {{ amount }} as amount,
        {{ identity(key) }} as record_key,
        {{ identity(options.revised_together) if options.revised_together else 'null' }} as revision_key,
        {{ identity(payload) }} as payload,
        coalesce({{ options.revision or 0 }}, 0) as revision,
        {{ options.preference or 0 }} as preference,
        {{ 'fault_column, fault_value, fault_reason' if options.has_faults else 'null, null, null' }},
        files.partition_id,
        files.partition_version
    from {{ records }} as records
    inner join changed_files as files
        on records.file_id = files.file_id and files.billing_period is not distinct from {{ period }}
{%- endmacro %}

{#- The partitions of one record source: its files, and the records that they hold again. -#}
{% macro partitions_of(source) -%}
    (select * from {{ ref('usage_partitions') }} where source = '{{ source }}')
{%- endmacro %}
