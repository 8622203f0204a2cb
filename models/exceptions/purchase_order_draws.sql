-- What each vendor's invoice takes of each purchase order that it names, in the order of issue, and what is wrong with
-- that. Where no purchase order was ever landed, none is asked for.
with

orders as (
    select * from {{ ref('stg_purchase_orders__orders') }}
),

drawn as (
    select
        issuer,
        invoice_id,
        currency,
        po_number,
        max(issued_at) as issued_at,
        cast(sum(amount_owed) as {{ decimal_type() }}) as drawn_amount
    from {{ ref('invoice_lines') }}
    where direction = 'payable' and po_number is not null and not is_void
    group by issuer, invoice_id, currency, po_number
),

held as (
    select
        drawn.*,
        orders.vendor,
        orders.currency as order_currency,
        orders.ordered_amount,
        orders.valid_from,
        orders.valid_to,
        cast(sum(drawn.drawn_amount) over (
            partition by drawn.po_number
            order by drawn.issued_at, drawn.issuer, drawn.invoice_id, drawn.currency
            rows between unbounded preceding and current row
        ) as {{ decimal_type() }}) as drawn_so_far
    from drawn
    left join orders on drawn.po_number = orders.po_number
    where exists (from {{ ref('stg_purchase_orders__orders') }})
)

select
    issuer,
    invoice_id,
    currency,
    po_number,
    drawn_amount,
    ordered_amount,
    drawn_so_far,
    case
        when vendor is null then 'purchase order ' || po_number || ' is unknown'
        when vendor != issuer then 'purchase order ' || po_number || ' is of ' || vendor
        when order_currency != currency then 'purchase order ' || po_number || ' is in ' || order_currency
        when cast(issued_at as date) < valid_from or cast(issued_at as date) >= valid_to
            then 'purchase order ' || po_number || ' is not valid at the day of issue'
        when drawn_so_far > ordered_amount
            then
                'purchase order ' || po_number || ' is drawn over by '
                || cast(drawn_so_far - ordered_amount as decimal(38, 2)) || ' ' || currency
    end as fault
from held
