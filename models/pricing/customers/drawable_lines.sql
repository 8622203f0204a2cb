-- Every grant of a customer's contract with every line that it may pay.
select
    granted.contract_id,
    granted.credit_id,
    granted.priority,
    granted.amount as granted_amount,
    granted.granted_at,
    granted.expires_at,
    dues.billing_period,
    dues.charge_kind,
    dues.sku_id,
    dues.amount,
    (
        granted.skus = '*'
        or len(list_filter(string_split(granted.skus, ';'), pattern -> dues.sku_id glob pattern)) > 0
    )
    and granted.granted_at < dues.billing_period + interval 1 month
    and granted.expires_at > dues.billing_period as may_pay
from {{ ref('customer_lines') }} as dues
inner join {{ ref('granted_credits') }} as granted on dues.contract_id = granted.contract_id
