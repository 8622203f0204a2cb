"""What happened each month: vendors' invoices, drivers, metrics, closes, balances and accesses."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from trueup.simulate.files import write_rows
from trueup.simulate.world import World

# Days after the end of the month, from its first: vendors' invoices come on the third day, the
# books are closed on the sixth.
INVOICED, CLOSED = 2, 5
GRACE_DAYS = 3
INVOICES = """
    select
        invoice_prefix || strftime(billing_period, '%Y%m') as invoice_id, 'payable' as direction,
        issuer, legal_name as recipient, payer_id as account_id,
        $month_end + interval 2 day as issued_at, $period as period_start,
        $month_end::date as period_end, line_no, line_kind, null as sku_id,
        coalesce(service || ' ' || line_kind, line_kind) as description, quantity, unit,
        null as unit_price, amount, currency,
        case line_kind when 'tax' then tax_percent end as tax_rate, 'final' as status,
        $month_end::date + 32 as due_at,
        sum(amount) over (partition by payers.payer_no) as stated_total, po_number
    from vendor_invoice_lines as invoice_lines
    inner join payers on invoice_lines.payer_no = payers.payer_no
    inner join purchase_orders on payers.payer_no = purchase_orders.payer_no
    cross join company
    where billing_period = $period
    order by payers.payer_no, line_no
"""
# How much of the requests are each team's, and of the calls each customer's: what shared costs are
# allocated by. Of a provider whose month ends some hours later, these count to the last day.
DRIVERS = """
    select
        'requests' as driver_id,
        least(used.usage_start, $month_end - interval 1 day)::date as driver_date,
        teams.team as owner, null as tenant, sum(used.quantity) as value,
        'Requests' as unit, 'false' as is_estimated
    from used
    inner join skus on used.sku_no = skus.sku_no
    inner join resources on used.resource_no = resources.resource_no
    inner join teams on resources.team_no = teams.team_no
    where skus.family = 'requests'
    group by all
    union all
    select
        'calls', event_time::date, platform.team, tenant, sum(quantity), 'Calls',
        case when any_value(customer_usage.sample_of) > 1 then 'true' else 'false' end
    from customer_usage
    inner join offers on customer_usage.offer_no = offers.offer_no
    inner join customers on customer_usage.tenant_no = customers.tenant_no
    inner join teams as platform on platform.team_no = 0
    where offers.offer = 'calls' and billing_period = $period
    group by all
    order by all
"""
# Transactions of products follow the level of their usage; requests and users are customers'.
METRICS = """
    select
        hour_start::date as metric_date, 'transactions' as metric, teams.team as owner,
        products.product, null as tenant, null as cohort,
        sum(permille * (products.product_no + 3)) as value
    from levels
    inner join products on levels.product_no = products.product_no
    inner join teams on products.team_no = teams.team_no
    where hour_start >= $period and hour_start < $month_end
    group by all
    union all
    select
        event_time::date, case offers.offer when 'calls' then 'requests' else 'users' end, null,
        null, tenant, cohort, cast(max(quantity) as bigint)
    from customer_usage
    inner join offers on customer_usage.offer_no = offers.offer_no
    inner join customers on customer_usage.tenant_no = customers.tenant_no
    where offers.offer in ('calls', 'seats') and billing_period = $period
    group by all
    order by all
"""
CLOSES = f"""
    select
        $period as billing_period, direction, $month_end + interval {CLOSED} day
        + interval 9 hour as closed_at, approver as actor, {GRACE_DAYS} as grace_days
    from (values ('internal'), ('payable'), ('receivable')) as directions (direction)
    inner join teams on teams.team_no = 0
    order by direction
"""
# What the books say of each account at the end of the month, from invoices of the year so far.
BALANCES = """
    select gl_account, $period as period, sum(amount) as balance, currency
    from (
        select vendor_accounts.gl_account, currency, amount
        from vendor_invoice_lines as invoice_lines
        inner join payers on invoice_lines.payer_no = payers.payer_no
        inner join ledger_accounts as vendor_accounts
            on invoice_lines.line_kind = vendor_accounts.line_kind
            and vendor_accounts.direction = 'payable'
        where year(billing_period) = year($period)
        union all
        select customer_accounts.gl_account, currency, -amount
        from customer_due
        inner join customers on customer_due.tenant_no = customers.tenant_no
        inner join ledger_accounts as customer_accounts
            on customer_due.line_kind = customer_accounts.line_kind
            and customer_accounts.direction = 'receivable'
        where year(billing_period) = year($period)
    )
    group by gl_account, currency
    order by gl_account, currency
"""
COSTS = """
    select $period as period, item, amount, 'USD' as currency
    from running_costs where billing_period = $period order by item
"""
ACCESSES = """
    select
        strftime(accessed_at, '%Y-%m-%dT%H:%M:%SZ') as time, actor, action, object,
        case when is_allowed then 'allowed' else 'denied' end as outcome,
        case when is_allowed then 'reporting' else 'not of this cost centre' end as reason
    from accesses
    where accessed_at >= $period and accessed_at < $month_end
    order by accessed_at, actor
"""
ONCE = {
    "gl_accounts/accounts.csv": """
        select match, gl_account, null as cost_center
        from (values
            ('usage', '6200'), ('usage;*;' || (select team from teams where team_no = 0), '6205'),
            ('commitment_*', '6210'), ('commitment_unused', '6220'), ('fee', '6230'),
            ('credit', '6290'), ('refund', '6290'), ('tax', '1570')
        ) as matches (match, gl_account)
        order by match""",
    "allocation_rules/rules.csv": """
        select
            rule_id, priority, platform.team as pool, method, driver_id, others.teams as targets,
            case method when 'fixed' then others.shares end as fixed_shares, weight_by,
            match_category, match_service, step, $starts_at::date as valid_from, null as valid_to
        from (values
            ('tax', 10, 'fixed', null, null, 'Tax', null, 1),
            ('credits', 20, 'even', null, null, 'Credit', null, 1),
            ('requests', 30, 'driver', 'requests', null, 'Usage', null, 1),
            ('commitments', 40, 'proportional', null, 'effective_cost', 'Purchase', null, 1),
            ('rest', 90, 'residual', null, null, null, null, 2)
        ) as rules
            (rule_id, priority, method, driver_id, weight_by, match_category, match_service, step)
        inner join teams as platform on platform.team_no = 0
        cross join (
            select
                string_agg(team, ';' order by team_no) as teams,
                string_agg(
                    team || '=' || case team_no when 1 then 22 else 13 end, ';' order by team_no
                ) as shares
            from teams where team_no > 0
        ) as others
        order by priority""",
    "deployments/deployments.csv": """
        select
            deployed_at, product as service, version, team as owner, null as resource_pattern,
            "commit"
        from deployments
        inner join products on deployments.product_no = products.product_no
        inner join teams on products.team_no = teams.team_no
        order by deployment_no""",
    # the availability of the month that it left, cut to thousandths of a percent
    "incidents/incidents.csv": """
        select
            'INC-' || lpad(incident_no::varchar, 4, '0') as incident_id, started_at,
            started_at + to_minutes(minutes) as ended_at, product as services,
            (
                select string_agg(tenant, ';' order by tenant_no) from tenants
                where tenant_no % every = first_tenant % every
            ) as tenants,
            (day(last_day(started_at)) * 1440 - minutes) * 100000
            // (day(last_day(started_at)) * 1440) * 0.001::decimal(4, 3) as sla_percent
        from incidents
        inner join products on incidents.product_no = products.product_no
        order by incident_no""",
    "maintenance_windows/windows.csv": """
        select
            day_start + interval 2 hour as starts_at, day_start + interval 4 hour as ends_at,
            export as scope, 'migration of ' || export as reason
        from days
        inner join payers on days.payer_no = payers.payer_no
        where isodow(day_start) = 7 and day(day_start) > 21 and export in ('oci_cost', 'azure_cost')
        order by starts_at, scope""",
    "decisions/decisions.csv": f"""
        select
            $starts_at - interval 1 day as decided_at, 'allocation' as subject_type,
            rule_id as subject_id, 'approve' as action, null as amount, null as currency,
            approver as actor, 'agreed with the teams' as reason, null as reference
        from unnest(['tax', 'credits', 'requests', 'commitments', 'rest']) as rules (rule_id)
        inner join teams on team_no = 0
        union all
        select distinct
            billing_period + interval 1 month + interval {CLOSED} day + interval 9 hour, 'close',
            strftime(billing_period, '%Y-%m') || '/' || direction, 'approve', null, null, approver,
            'books are complete', null
        from days
        cross join (values ('internal'), ('payable'), ('receivable')) as directions (direction)
        inner join teams on team_no = 0
        order by decided_at, subject_id""",
    # of every ninth invoice some of the usage is disputed, and every second time something is got
    # back
    "disputes/disputes.csv": """
        with invoices as (
            select
                'vendor' as kind, invoice_prefix || strftime(billing_period, '%Y%m') as invoice_id,
                billing_period, currency, sum(amount) as amount
            from vendor_invoice_lines as invoice_lines
            inner join payers on invoice_lines.payer_no = payers.payer_no
            where line_kind = 'usage'
            group by all
            union all
            select
                'customer', number_prefix || lpad(invoice_no::varchar, 6, '0'), billing_period,
                currency, sum(amount)
            from customer_due
            inner join customers on customer_due.tenant_no = customers.tenant_no
            cross join company
            where line_kind = 'usage'
            group by all
        ),

        counted as (
            select *, row_number() over (partition by kind order by billing_period, invoice_id) as n
            from invoices
        )

        select
            'D-' || upper(kind[1]) || lpad(n::varchar, 4, '0') as dispute_id, kind,
            invoice_id as subject_id,
            billing_period + interval 1 month + interval 12 day + interval 8 hour as opened_at,
            round(amount * 0.02::decimal(3, 2), 2) as claimed,
            case when n % 2 = 0 then round(amount * 0.01::decimal(3, 2), 2) end as recovered,
            currency, case when n % 2 = 0 then 'settled' else 'open' end as status,
            'T-' || n as reference
        from counted
        where n % 9 = 4
        order by dispute_id""",
    # idle resources outside of production are stopped
    "actions/actions.csv": """
        select
            'stop:' || resource_id as action_id, gone_at as executed_at, 'stopped' as outcome,
            'scheduler' as actor
        from resources
        where environment != 'production' and gone_at < $ends_at and is_planned
        order by gone_at, resource_no
        limit 20""",
}
# File, query, and when it arrives: days after the end of the month.
MONTHLY = (
    ("invoices/vendors/{month}.csv", INVOICES, INVOICED),
    ("allocation_drivers/{month}.csv", DRIVERS, 0),
    ("business_metrics/{month}.csv", METRICS, 0),
    ("period_closes/{month}.csv", CLOSES, CLOSED),
    ("gl_balances/{month}.csv", BALANCES, CLOSED),
    ("operating_costs/{month}.csv", COSTS, CLOSED),
    ("access_log/{month}.jsonl", ACCESSES, 0),
)


def write(world: World, landing: Path) -> None:
    """Write what stands in one file for the whole time, once all months are written."""
    plan = world.plan
    for name, query in ONCE.items():
        dated = query.replace("$starts_at", f"timestamp '{plan.starts_at}'").replace(
            "$ends_at", f"timestamp '{plan.ends_at}'"
        )
        write_rows(world.connection, dated, landing / name, plan.ends_at + timedelta(days=14))


def write_month(world: World, period: date, landing: Path) -> None:
    """Write the month's records; metering and customers go before."""
    world.run("own/records.sql", period=period)
    month_end = (datetime(period.year, period.month, 1) + timedelta(days=32)).replace(day=1)
    for name, query, days in MONTHLY:
        dated = query.replace("$period", f"date '{period}'").replace(
            "$month_end", f"timestamp '{month_end}'"
        )
        path = landing / name.format(month=f"{period:%Y-%m}")
        arrives_at = month_end + timedelta(days=days, hours=10)
        write_rows(world.connection, dated, path, arrives_at)
