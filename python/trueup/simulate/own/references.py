"""What the company agreed and decided: vendors' prices and contracts, owners, budgets, rates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from trueup.simulate.draw import Columns
from trueup.simulate.files import write_rows
from trueup.simulate.plan import Plan
from trueup.simulate.world import World

CURRENCIES = ("USD", "EUR", "GBP")
# Units of each currency in US dollars on the first day, about.
DOLLARS = {"USD": 1.0, "EUR": 1.08, "GBP": 1.27}

QUERIES = {
    "rate_cards/vendors.csv": """
        select
            contract_versions.rate_card_id, prices.version, skus.sku_id,
            case
                when count(*) over version_tiers > 1
                    then 'graduated'
                else 'standard'
            end as model,
            prices.tier, prices.tier_from, prices.tier_to, prices.price as unit_price,
            payers.currency, 'account' as aggregation_scope, 'month' as reset,
            cast(prices.effective_from as date) as effective_from,
            cast(prices.effective_to as date) as effective_to
        from prices
        inner join skus on prices.sku_no = skus.sku_no
        inner join payers on skus.payer_no = payers.payer_no
        inner join contract_versions
            on payers.payer_no = contract_versions.payer_no
            and prices.contract_version = contract_versions.version
        window version_tiers as (partition by prices.sku_no, contract_version, prices.version)
        order by
            payers.payer_no, skus.sku_no, prices.contract_version, prices.version, prices.tier""",
    "contracts/vendors.csv": """
        select
            contract_id, version, 'payable' as direction, provider as counterparty,
            payer_id as account_id, contract_versions.rate_card_id, currency, effective_from,
            effective_to, tax_percent as tax_rate,
            'invoice' as tax_scope, 'false' as tax_included, time_zone, 30 as payment_terms_days
        from payers
        inner join contract_versions on payers.payer_no = contract_versions.payer_no
        order by payers.payer_no, version""",
    "commitments/vendors.csv": """
        select
            commitments.commitment_id, payers.contract_id, commitments.kind,
            skus.sku_id as sku_pattern, units + unused_units as quantity_per_hour,
            unit_upfront * 0.0000001::decimal(8, 7) * (units + unused_units)
            * date_diff('hour', starts_at, ends_at) as upfront_fee,
            unit_fee * 0.0000001::decimal(8, 7) * (units + unused_units) as recurring_fee_per_hour,
            payers.currency, commitments.starts_at, commitments.ends_at
        from commitments
        inner join payers on commitments.payer_no = payers.payer_no
        inner join skus on commitments.sku_no = skus.sku_no
        order by commitment_no""",
    "credits/vendors.csv": """
        select
            credits.credit_id, payers.contract_id, credit_no + 1 as priority, credits.amount,
            payers.currency, granted_at, granted_at + interval 1 year as expires_at
        from credits
        inner join payers on credits.payer_no = payers.payer_no
        order by credit_no""",
    # a tag says who owns; what belongs to no resource, such as tax, is the platform's
    "owners/owners.csv": """
        select
            10 as priority, 'tag:team' as match_on, team as pattern, team as owner, cost_center
        from teams
        union all
        select 90, 'account', payers.payer_id, teams.team, teams.cost_center
        from payers cross join teams where teams.team_no = 0
        order by all""",
    "owner_directory/owners.csv": """
        select team as owner, cost_center, mode, approver from teams order by team_no""",
    "tag_policies/policies.csv": """
        select tag_key, 'true' as required, allowed_values, null as scope
        from (values
            ('team', (select string_agg(team, ';' order by team_no) from teams)),
            ('environment', 'production;staging;development')
        ) as policies (tag_key, allowed_values)""",
}


def write(world: World, landing: Path) -> None:
    """Write the files that stay for the whole time; they arrive before the first month."""
    arrives_at = world.plan.starts_at
    for name, query in QUERIES.items():
        write_rows(world.connection, query, landing / name, arrives_at)
    for name, table in {
        "fx_rates/rates.csv": fx_rates(world.plan),
        "budgets/budgets.csv": budgets(world),
    }.items():
        world.connection.register("drawn", pa.table(dict(table)))
        write_rows(world.connection, "from drawn", landing / name, arrives_at)
        world.connection.unregister("drawn")


def fx_rates(plan: Plan) -> Columns:
    """A rate for each day and pair of currencies: a walk around today's, with 6 decimals."""
    random = plan.stream("fx")
    days = np.datetime64(plan.starts_at, "D") - 7 + np.arange(plan.hours // 24 + 45)
    walks = {
        currency: DOLLARS[currency] * np.exp(np.cumsum(random.normal(0, 0.003, len(days))))
        for currency in CURRENCIES
    }
    walks["USD"] = np.ones(len(days))
    pairs = [(a, b) for a in CURRENCIES for b in CURRENCIES if a != b]
    return {
        "rate_date": np.tile(days, len(pairs)),
        "from_currency": np.repeat([pair[0] for pair in pairs], len(days)),
        "to_currency": np.repeat([pair[1] for pair in pairs], len(days)),
        "rate": [f"{rate:.6f}" for a, b in pairs for rate in walks[a] / walks[b]],
        "source": np.full(len(days) * len(pairs), "treasury"),
    }


def budgets(world: World) -> Columns:
    """A budget for each team and month: a little more than what its resources use at list price."""
    random = world.plan.stream("budgets")
    teams = world.connection.execute("""
        select teams.team, coalesce(sum(resources.base_quantity * skus.base_price), 0) as size
        from teams
        left join resources on teams.team_no = resources.team_no and resources.is_planned
        left join skus on resources.sku_no = skus.sku_no
        group by teams.team_no, teams.team
        order by teams.team_no""").fetchnumpy()
    months = [np.datetime64(period, "D") for period in world.plan.periods]
    ends = [*months[1:], np.datetime64(world.plan.ends_at, "D")]
    hourly = teams["size"].astype(float) / 10**10
    room = random.uniform(1.0, 1.4, (len(months), len(hourly)))
    amounts = np.round(hourly * 730 * room / 100 + 1) * 100
    count = len(hourly)
    return {
        "budget_id": [f"B{n:05}" for n in range(amounts.size)],
        "owner": np.tile(teams["team"], len(months)),
        "period_start": np.repeat(months, count),
        "period_end": np.repeat(ends, count),
        "amount": amounts.astype(np.int64).ravel(),
        "currency": ["USD"] * amounts.size,
    }
