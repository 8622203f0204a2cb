-- What is read to price a partition; one that neither a contract nor a public card prices is left unread.
with

priceable as (
    select accounts.partition_id
    from {{ ref('charge_accounts') }} as accounts
    inner join {{ ref('account_contracts') }} as contracts
        on
            accounts.provider = contracts.provider
            and accounts.billing_account_id = contracts.billing_account_id
            and accounts.account_id = contracts.account_id
    union
    select accounts.partition_id
    from {{ ref('charge_accounts') }} as accounts
    inner join {{ ref('public_rate_cards') }} as cards on accounts.provider = cards.provider
)

select
    partitions.partition_id,
    partitions.partition_version,
    inputs.input_version
from {{ ref('pricing_partitions') }} as partitions
inner join {{ ref('partition_inputs') }} as inputs on partitions.partition_id = inputs.partition_id
where partitions.direction = 'receivable' or partitions.partition_id in (select partition_id from priceable)
