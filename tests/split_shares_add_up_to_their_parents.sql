{{ config(severity='warn') }}
-- Containers that carry more or less than their instance costs are charged for what nobody bills, or leave a rest
-- with nobody. Nothing billed is wrong then, so it is a warning.
select * from {{ ref('split_costs') }}
where abs(unreconciled_cost) > 0.01
