-- Both sides of the business: what vendors bill us, and what we bill customers.
select * from {{ ref('expected_vendor_charges') }}
union all by name
select * from {{ ref('unbilled_usage') }}
union all by name
select * from {{ ref('expected_customer_charges') }}
union all by name
select * from {{ ref('expected_customer_dues') }}
