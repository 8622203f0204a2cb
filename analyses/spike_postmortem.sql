-- Which deployment began a spike of usage, which rows of bill and metering show it, and what does it cost in all?
with

-- by the resource's own product, or a pattern that names it; begun on the first day, or less than a day before it
begun as (
    select
        spikes.spike_id,
        deployments.deployment_id,
        deployments.service,
        deployments.version,
        deployments.commit_id,
        deployments.deployed_at
    from {{ ref('fct_usage_spikes') }} as spikes
    inner join {{ ref('fct_charges') }} as charges
        on
            spikes.provider = charges.provider
            and spikes.resource_id = charges.resource_id
            and spikes.sku_id is not distinct from charges.sku_id
            and spikes.spike_started_on = cast(charges.charge_period_start as date)
    inner join {{ ref('fct_deployments') }} as deployments
        on
            (charges.product = deployments.service or charges.resource_id glob deployments.resource_pattern)
            and charges.charge_period_start <= deployments.deployed_at + interval 1 day
            and charges.charge_period_end > deployments.deployed_at
    where spikes.usage_date = spikes.spike_started_on
    qualify row_number() over (
        partition by spikes.spike_id order by deployments.deployed_at desc, deployments.deployment_id asc
    ) = 1
),

charged as (
    select
        spikes.spike_id,
        spikes.usage_date,
        min(charges.owner) as owner,
        string_agg(distinct charges.invoice_id, ', ' order by charges.invoice_id) as invoices,
        count(*) as charge_count,
        sum(charges.effective_cost) as effective_cost
    from {{ ref('fct_usage_spikes') }} as spikes
    inner join {{ ref('fct_charges') }} as charges
        on
            spikes.provider = charges.provider
            and spikes.resource_id = charges.resource_id
            and spikes.sku_id is not distinct from charges.sku_id
            and spikes.usage_date = cast(charges.charge_period_start as date)
    group by spikes.spike_id, spikes.usage_date
),

metered as (
    select
        spikes.spike_id,
        spikes.usage_date,
        count(*) as usage_count
    from {{ ref('fct_usage_spikes') }} as spikes
    inner join {{ ref('fct_usage') }} as reports
        on
            spikes.account_id = reports.account_id
            and spikes.sku_id = reports.sku_id
            and spikes.usage_date = cast(reports.usage_start as date)
            and list_contains(
                {{ resource_names('spikes.resource_id') }},
                lower(json_extract_string(reports.dimensions, '$.resource'))
            )
    where spikes.quantity_source = 'own'
    group by spikes.spike_id, spikes.usage_date
)

select
    begun.service,
    begun.version,
    begun.commit_id,
    begun.deployed_at,
    spikes.spike_id,
    spikes.resource_id,
    spikes.sku_id,
    spikes.usage_date,
    charged.owner,
    charged.invoices,
    coalesce(charged.charge_count, 0) as charge_count,
    coalesce(metered.usage_count, 0) as usage_count,
    spikes.quantity,
    spikes.usual_quantity,
    spikes.excess_quantity,
    spikes.unit,
    charged.effective_cost,
    spikes.excess_cost,
    spikes.spike_cost,
    case
        when begun.deployment_id is not null
            then sum(spikes.excess_cost) over (partition by begun.deployment_id, spikes.currency)
    end as deployment_cost,
    spikes.currency
from {{ ref('fct_usage_spikes') }} as spikes
left join begun on spikes.spike_id = begun.spike_id
left join charged on spikes.spike_id = charged.spike_id and spikes.usage_date = charged.usage_date
left join metered on spikes.spike_id = metered.spike_id and spikes.usage_date = metered.usage_date
order by deployment_cost desc, spikes.spike_cost desc, spikes.spike_id asc, spikes.usage_date asc
