-- A month's vendor invoices, of what is billed: lines of `vendor_invoice_lines`.
insert into vendor_invoice_lines
with

grouped as (
    select
        lines.payer_no,
        case lines.kind
            when 'commitment_fee' then 'recurring'
            when 'upfront_fee' then 'fee'
            when 'credit' then 'credit'
            when 'tax' then 'tax'
            else 'usage'
        end as line_kind,
        skus.service,
        skus.unit,
        sum(lines.quantity) filter (where lines.kind not in ('covered', 'unused')) as quantity,
        sum(lines.billed_cost) as billed_cost,
        count(*) as row_count
    from lines
    left join skus on lines.sku_no = skus.sku_no
    group by all
),

-- Each line takes what the running total, rounded to cents, has grown by: the lines sum to the rounded sum.
rounded as (
    select
        *,
        coalesce(sum(billed_cost) over before_it, 0) as cost_before
    from grouped
    window before_it as (
        partition by payer_no, line_kind = 'tax' order by line_kind, service
        rows between unbounded preceding and 1 preceding
    )
),

amounts as (
    select
        * exclude (billed_cost, cost_before),
        round(cost_before + billed_cost, 2) - round(cost_before, 2) as amount
    from rounded
),

-- where the export has no tax, the invoice alone has it
with_tax as (
    select * from amounts
    where amount != 0
    union all by name
    select
        amounts.payer_no,
        'tax' as line_kind,
        round(sum(amounts.amount) * any_value(payers.tax_percent) * 0.01::decimal(3, 2), 2) as amount,
        0 as row_count
    from amounts
    inner join payers on amounts.payer_no = payers.payer_no
    where not payers.is_taxed
    group by amounts.payer_no
)

select
    $period as billing_period,
    payer_no,
    row_number() over (partition by payer_no order by line_kind = 'tax', line_kind, service) as line_no,
    line_kind,
    service,
    unit,
    quantity,
    cast(amount as decimal(18, 2)) as amount,
    row_count
from with_tax
order by payer_no, line_no;
