-- Resources that used far more than usual since a deployment of the service that they serve, a day before at most.
with

begun as (
    select
        spikes.spike_id,
        bool_or(deployments.deployment_id is not null) as is_deployed
    from marts.fct_usage_spikes as spikes
    inner join marts.fct_charges as charges
        on
            spikes.provider = charges.provider
            and spikes.resource_id = charges.resource_id
            and spikes.sku_id = charges.sku_id
            and spikes.spike_started_on = cast(charges.charge_period_start as date)
    left join marts.fct_deployments as deployments
        on
            (
                charges.product = deployments.service
                or charges.resource_id glob deployments.resource_pattern
            )
            and deployments.deployed_at >= charges.charge_period_start - interval 1 day
            and deployments.deployed_at < charges.charge_period_end
    group by spikes.spike_id
)

select
    spikes.resource_id as subject,
    date_trunc('month', spikes.usage_date) as billing_period,
    'usage' as cause,
    sum(spikes.excess_cost) as amount,
    spikes.currency
from marts.fct_usage_spikes as spikes
inner join begun on spikes.spike_id = begun.spike_id
where begun.is_deployed
group by spikes.resource_id, date_trunc('month', spikes.usage_date), spikes.currency
