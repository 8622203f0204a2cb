-- Planted effects against what the release found: tables `effects` (truth) and `findings` (of each id).
-- An effect is found when a finding of its id, or of the one that it looks like, names its subject in its period; a
-- finding that names nothing planted under any id is a false alarm.

create temp table scored_effects as
with

matched as (
    select
        effects.*,
        findings.cause as found_cause,
        findings.amount as found_amount,
        findings.subject is not null as is_found
    from effects
    inner join ids on effects.id = ids.id
    left join (
        select id, subject, billing_period, currency, min(cause) as cause, sum(amount) as amount
        from findings
        group by all
    ) as findings
        on
            ids.found_as = findings.id
            and effects.subject = findings.subject
            and (findings.billing_period is null or effects.billing_period = findings.billing_period)
            and coalesce(effects.currency = findings.currency, true)
)

select
    effect_id,
    id,
    bool_and(is_found) as is_found,
    -- where no cause is told, the finding alone counts
    bool_and(is_found and coalesce(found_cause = cause, cause is null)) as is_cause_right,
    sum(abs(amount)) as amount,
    sum(abs(coalesce(found_amount, 0) - amount)) as amount_error,
    min(currency) as currency
from matched
group by effect_id, id
order by id, effect_id;

create temp table false_alarms as
select findings.*
from findings
anti join effects on findings.subject = effects.subject
order by all;

create temp table scores as
select
    ids.id,
    ids.is_built,
    count(scored.effect_id) as planted,
    count(*) filter (where scored.is_found) as found,
    count(*) filter (where scored.is_cause_right) as cause_right,
    coalesce(sum(scored.amount), 0) as amount,
    coalesce(sum(scored.amount_error), 0) as amount_error,
    (select count(distinct subject) from false_alarms where false_alarms.id = ids.id) as false_alarms
from ids
left join scored_effects as scored on ids.id = scored.id
group by ids.id, ids.is_built
order by ids.id;
