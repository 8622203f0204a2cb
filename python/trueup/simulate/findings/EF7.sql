-- Resources that made the cost of a service jump: each rose most on a day on which it did, and had a spike itself.
select
    resource_id as subject,
    date_trunc('month', usage_date) as billing_period,
    'usage' as cause,
    sum(excess_cost) as amount,
    currency
from marts.fct_usage_spikes
where
    spike_id in (
        select spikes.spike_id
        from marts.fct_usage_spikes as spikes
        inner join marts.fct_cost_anomalies as anomalies
            on
                spikes.provider = anomalies.provider
                and spikes.account_id = anomalies.account_id
                and spikes.resource_id = anomalies.top_resource_id
                and spikes.usage_date = anomalies.usage_date
    )
group by resource_id, date_trunc('month', usage_date), currency
