-- What customers owe for a month, priced by their rate cards: lines of `customer_due`. All of it is exact arithmetic.
insert into customer_due
with

-- what a meter says of the month; an offer without one is due once
used as (
    select
        customer_usage.tenant_no,
        customer_usage.offer_no,
        cast(
            case when any_value(offers.aggregation) = 'max' then max(quantity) else sum(quantity) end as decimal(18, 3)
        ) as quantity
    from customer_usage
    inner join offers on customer_usage.offer_no = offers.offer_no
    where customer_usage.billing_period = $period
    group by customer_usage.tenant_no, customer_usage.offer_no
    union all
    select customers.tenant_no, offers.offer_no, 1
    from customers
    cross join offers
    where offers.aggregation = ''
),

-- a tier takes what lies in (tier_from, tier_to] of the quantity beyond the free one
tiered as (
    select
        used.tenant_no,
        used.offer_no,
        used.quantity,
        prices.*,
        greatest(used.quantity - coalesce(prices.free_quantity, 0), 0) as chargeable,
        greatest(least(chargeable, coalesce(prices.tier_to, chargeable)) - prices.tier_from, 0) as taken,
        taken > 0 and chargeable <= coalesce(prices.tier_to, chargeable) as is_last_reached,
        -- a package begun is a whole one
        (cast(taken * 1000 as bigint) + prices.package_size * 1000 - 1) // (prices.package_size * 1000) as packages
    from used
    inner join customers on used.tenant_no = customers.tenant_no
    inner join sale_prices as prices
        on
            customers.rate_card_id = prices.rate_card_id
            and used.offer_no = prices.offer_no
            and prices.effective_from <= $period
            and coalesce(prices.effective_to > $period, true)
),

tier_amounts as (
    select
        *,
        cast(
            case
                when model = 'flat' then flat_fee
                when model = 'volume' and is_last_reached and chargeable > 0 then chargeable * unit_price + flat_fee
                when model = 'volume' then 0
                when model in ('package', 'graduated_package') then cast(packages as decimal(18, 0)) * unit_price
                when model in ('percentage', 'graduated_percentage') then taken * percent * 0.01::decimal(3, 2)
                else taken * unit_price + case when taken > 0 then flat_fee else 0 end
            end as decimal(24, 10)
        ) as amount
    from tiered
),

-- the discount of the contract comes last, and the line is rounded once
usage_lines as (
    select
        tiers.tenant_no,
        tiers.offer_no,
        case when offers.aggregation = '' then 'recurring' else 'usage' end as line_kind,
        tiers.quantity,
        cast(round(
            cast(greatest(sum(tiers.amount), coalesce(any_value(tiers.minimum_amount), 0)) as decimal(24, 10))
            * (100 - case when any_value(offers.is_discounted) then any_value(customers.discount_percent) else 0 end)
            * 0.01::decimal(3, 2),
            2
        ) as decimal(18, 2)) as amount
    from tier_amounts as tiers
    inner join offers on tiers.offer_no = offers.offer_no
    inner join customers on tiers.tenant_no = customers.tenant_no
    group by tiers.tenant_no, tiers.offer_no, tiers.quantity, offers.aggregation
),

-- what a month lacks to the commitment is due as a fee
spent as (
    select tenant_no, sum(amount) as amount from usage_lines group by tenant_no
),

net as (
    select
        customers.*,
        greatest(customers.minimum_commit - spent.amount, 0) as shortfall,
        greatest(customers.minimum_commit, spent.amount) as net_amount
    from spent
    inner join customers on spent.tenant_no = customers.tenant_no
),

-- credit paid in advance or granted goes first to what is due first
earlier as (
    select
        tenant_no,
        sum(amount) as net_amount,
        max(invoice_no) as invoice_no
    from customer_due
    where line_kind not in ('credit', 'tax')
    group by tenant_no
),

drawn as (
    select
        net.*,
        least(prepaid + credit, coalesce(earlier.net_amount, 0) + net.net_amount)
        - least(prepaid + credit, coalesce(earlier.net_amount, 0)) as draw
    from net
    left join earlier on net.tenant_no = earlier.tenant_no
),

due as (
    select tenant_no, line_kind, offer_no, quantity, amount, 1 as place
    from usage_lines
    union all
    select tenant_no, 'fee', null, null, shortfall, 2 from drawn where shortfall > 0
    union all
    select tenant_no, 'credit', null, null, -draw, 3 from drawn where draw > 0
    union all
    select tenant_no, 'tax', null, null, round((net_amount - draw) * tax_rate * 0.01::decimal(3, 2), 2), 4
    from drawn where net_amount > draw
)

select
    $period as billing_period,
    tenant_no,
    -- numbered without gaps: every customer has an invoice each month
    (select coalesce(max(invoice_no), 0) from earlier) + dense_rank() over (order by tenant_no) as invoice_no,
    row_number() over (partition by tenant_no order by place, offer_no) as line_no,
    line_kind,
    offer_no,
    quantity,
    amount
from due
order by tenant_no, line_no;
