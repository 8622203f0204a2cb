{{ config(materialized='table') }}

-- Which of several resources fills which tier or package nobody can tell: of such a SKU an account is matched whole.
select distinct sku_id
from {{ ref('rate_tiers') }}
where model not in ('standard', 'dynamic') or flat_fee != 0 or free_quantity != 0 or minimum_amount != 0
