-- Every grant of a customer's contract with every line that it may pay.
select
    grants.contract_id,
    grants.credit_id,
    grants.priority,
    grants.amount as granted_amount,
    grants.granted_at,
    grants.expires_at,
    lines.billing_period,
    lines.charge_kind,
    lines.sku_id,
    lines.amount,
    (
        grants.skus = '*'
        or len(list_filter(string_split(grants.skus, ';'), pattern -> lines.sku_id glob pattern)) > 0
    )
    and grants.granted_at < lines.billing_period + interval 1 month
    and grants.expires_at > lines.billing_period as may_pay
from {{ ref('customer_lines') }} as lines
inner join {{ ref('granted_credits') }} as grants on lines.contract_id = grants.contract_id
