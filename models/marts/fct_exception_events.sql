{{ config(materialized='incremental', incremental_strategy='append') }}

select * from {{ ref('exception_events') }}
{% if is_incremental() %}
    where run_id not in (select told.run_id from {{ this }} as told)
{% endif %}
