-- What is read to price a partition; one that neither a contract nor a public card prices is left unread.
with

priceable as (
    select charged.partition_id
    from {{ ref('charge_accounts') }} as charged
    inner join {{ ref('account_contracts') }} as contracts
        on
            charged.provider = contracts.provider
            and charged.billing_account_id = contracts.billing_account_id
            and charged.account_id = contracts.account_id
    union
    select charged.partition_id
    from {{ ref('charge_accounts') }} as charged
    inner join {{ ref('public_rate_cards') }} as cards on charged.provider = cards.provider
)

select
    partitions.partition_id,
    partitions.partition_version,
    inputs.input_version
from {{ ref('pricing_partitions') }} as partitions
inner join {{ ref('partition_inputs') }} as inputs on partitions.partition_id = inputs.partition_id
left join priceable on partitions.partition_id = priceable.partition_id
where partitions.direction = 'receivable' or priceable.partition_id is not null
