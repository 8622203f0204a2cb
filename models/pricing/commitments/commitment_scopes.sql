-- A contract says whose usage its commitments cover: a payer's account shares them over all of its accounts.
select distinct
    terms.commitment_id,
    terms.sku_pattern,
    terms.currency,
    terms.starts_at,
    terms.ends_at,
    contracts.counterparty as provider,
    unnest(string_split(contracts.account_patterns, ';')) as account_pattern
from {{ ref('commitment_terms') }} as terms
inner join {{ ref('contract_versions') }} as contracts
    on
        terms.contract_id = contracts.contract_id
        and terms.ends_at > contracts.effective_from
        and terms.starts_at < contracts.effective_to
where contracts.direction = 'payable'
