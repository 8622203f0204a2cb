-- Every grant of a customer's contract with every line that it may pay.
select
    funds.contract_id,
    funds.credit_id,
    funds.priority,
    funds.amount as granted_amount,
    funds.granted_at,
    funds.expires_at,
    dues.billing_period,
    dues.charge_kind,
    dues.sku_id,
    dues.amount,
    (
        funds.skus = '*'
        or len(list_filter(string_split(funds.skus, ';'), pattern -> dues.sku_id glob pattern)) > 0
    )
    and funds.granted_at < dues.billing_period + interval 1 month
    and funds.expires_at > dues.billing_period as may_pay
from {{ ref('customer_lines') }} as dues
inner join {{ ref('granted_credits') }} as funds on dues.contract_id = funds.contract_id
