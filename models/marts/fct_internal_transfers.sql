-- Of owners that are charged, not shown; within a cost centre of one legal entity nothing is booked. What is billed
-- counts, so that the books of all cost centres still sum to the vendors' invoices. A mark-up comes on top: an income
-- of the one entity and a cost of the other.
with

passed_on as (
    select
        lines_of.statement_id,
        lines_of.billing_period,
        receiver.cost_center as debit_cost_center,
        sender.cost_center as credit_cost_center,
        receiver.legal_entity as debit_entity,
        sender.legal_entity as credit_entity,
        lines_of.rule_id,
        lines_of.currency,
        cast(sum(lines_of.billed_amount) as {{ decimal_type() }}) as amount,
        bool_or(lines_of.is_estimated) as is_estimated
    from {{ ref('fct_chargeback_statements') }} as lines_of
    inner join {{ ref('owner_details') }} as receiver on lines_of.owner = receiver.owner
    inner join {{ ref('owner_details') }} as sender on lines_of.source_owner = sender.owner
    where lines_of.line_kind = 'passed_on' and receiver.charging_mode = 'chargeback'
    group by
        lines_of.statement_id, lines_of.billing_period, receiver.cost_center, sender.cost_center,
        receiver.legal_entity, sender.legal_entity, lines_of.rule_id, lines_of.currency
),

marked_up as (
    select
        passed_on.*,
        markups.markup_percent
    from passed_on
    left join {{ ref('stg_entity_markups__markups') }} as markups
        on
            passed_on.credit_entity = markups.from_entity
            and passed_on.debit_entity = markups.to_entity
            and passed_on.billing_period >= coalesce(markups.valid_from, date '0001-01-01')
            and passed_on.billing_period < coalesce(markups.valid_to, date '9999-12-31')
    where passed_on.amount != 0
    qualify
        row_number() over (
            partition by
                passed_on.statement_id, passed_on.debit_cost_center, passed_on.credit_cost_center,
                passed_on.debit_entity, passed_on.credit_entity, passed_on.rule_id
            order by markups.valid_from desc nulls last, markups.file_id desc, markups.file_row desc
        ) = 1
),

priced as (
    select
        marked_up.*,
        {{ rounded_to(
            exact_product('marked_up.amount', exact_product('marked_up.markup_percent', '0.01')),
            'coalesce(currencies.subunit_digits, 2)'
        ) }} as markup
    from marked_up
    left join {{ ref('currencies') }} as currencies on marked_up.currency = currencies.currency
)

select
    cast(md5(concat_ws(
        '|', statement_id, debit_cost_center, credit_cost_center, coalesce(debit_entity, '-'),
        coalesce(credit_entity, '-'), rule_id
    )) as uuid) as transfer_id,
    statement_id,
    billing_period,
    debit_cost_center,
    credit_cost_center,
    debit_entity,
    credit_entity,
    rule_id,
    amount,
    markup_percent,
    cast(coalesce(markup, 0) as {{ decimal_type() }}) as markup_amount,
    cast(amount + coalesce(markup, 0) as {{ decimal_type() }}) as transfer_amount,
    currency,
    is_estimated
from priced
where debit_cost_center != credit_cost_center or debit_entity is distinct from credit_entity
