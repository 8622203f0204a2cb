-- The real AWS report, over and over, as the deliveries of other months. Variable `report`: its path.
-- Joins stay as written, the report on the hashed side: rows come out in counted order, copy after copy.
set disabled_optimizers = 'join_order,build_side_probe_side';

create table report as
select
    row_number() over () - 1 as position,
    *
from read_csv(getvariable('report'), header = true, all_varchar = true);

-- A moment of November 2023 at the same place of another month; the month's end stays the month's end.
create macro moved(moment, month, added_days) as case
    when cast(moment as timestamp) = timestamp '2023-12-01' then cast(month + interval 1 month as timestamp)
    else month + (cast(moment as timestamp) - timestamp '2023-11-01') + to_days(added_days)
end;

create macro moment_text(moment) as strftime(moment, '%Y-%m-%dT%H:%M:%S.000Z');

create macro interval_text(first, last) as
    strftime(first, '%Y-%m-%dT%H:%M:%SZ') || '/' || strftime(last, '%Y-%m-%dT%H:%M:%SZ');

-- Numbers as the report writes them: plain from 0.001 on, else with an exponent, never without a decimal.
create macro trimmed(digits) as regexp_replace(rtrim(digits, '0'), '[.]$', '.0');

create macro exponent_text(units) as
    trimmed(units[1] || '.' || units[2:] || '0') || 'E-' || (11 - length(units));

create macro number_text(amount) as case
    when amount = 0 then '0.0'
    when amount < 0.001 then exponent_text(cast(cast(amount * 10000000000 as bigint) as varchar))
    else trimmed(cast(amount as varchar))
end;

create macro exact(digits) as
    cast(cast(digits as decimal(38, 18)) as decimal(18, 10));

-- `row_count` rows of a month; with `only_day`, those of one day of the report, `added_days` later.
-- Each copy of the report has an account of its own within the month, and over all months a quantity
-- 0.01 % above the copy before it. Costs are computed anew from the line's own rates, at ten decimals as
-- in the report; what the report's own rounding was off by stays off. Copy 0 is the report to the letter.
create macro month_rows(month, row_count, copies_before, only_day, added_days) as table
with

rated as (
    select
        *,
        exact("lineItem/UsageAmount") as amount,
        exact("lineItem/UnblendedRate") as rate,
        exact("pricing/publicOnDemandRate") as public_rate,
        exact("lineItem/UnblendedCost") - round(amount * rate, 10) as rounded_off
    from report
    where only_day is null or day(cast("lineItem/UsageStartDate" as timestamp)) = only_day
),

counted as (
    select
        range as number,
        range // 1281 as copy_of_month,
        copies_before + range // 1281 as copy_number
    from range(row_count)
),

multiplied as (
    select
        rated.*,
        counted.*,
        case
            when rated.rate is null then amount  -- tax
            else cast(round(amount * cast(1 + copy_number % 10000 * 0.0001 as decimal(5, 4)), 10) as decimal(18, 10))
        end as quantity
    from counted
    inner join rated on counted.number % 1281 = rated.position
)

select
    * exclude (position, amount, rate, public_rate, rounded_off, number, copy_of_month, copy_number, quantity)
    replace (
        substr(sha256(concat_ws(
            '|', "identity/LineItemId", "identity/TimeInterval", month, copy_of_month, added_days
        )), 1, 52) as "identity/LineItemId",
        interval_text(
            moved(split_part("identity/TimeInterval", '/', 1), month, added_days),
            moved(split_part("identity/TimeInterval", '/', 2), month, added_days)
        ) as "identity/TimeInterval",
        moment_text(moved("bill/BillingPeriodStartDate", month, 0)) as "bill/BillingPeriodStartDate",
        moment_text(moved("bill/BillingPeriodEndDate", month, 0)) as "bill/BillingPeriodEndDate",
        moment_text(moved("lineItem/UsageStartDate", month, added_days)) as "lineItem/UsageStartDate",
        moment_text(moved("lineItem/UsageEndDate", month, added_days)) as "lineItem/UsageEndDate",
        cast(100000000000 + copy_of_month as varchar) as "lineItem/UsageAccountId",
        number_text(quantity) as "lineItem/UsageAmount",
        coalesce(
            number_text(cast(round(quantity * rate, 10) + rounded_off as decimal(28, 10))), "lineItem/UnblendedCost"
        ) as "lineItem/UnblendedCost",
        coalesce(
            number_text(cast(round(quantity * public_rate, 10) as decimal(28, 10))), "pricing/publicOnDemandCost"
        ) as "pricing/publicOnDemandCost"
    )
from multiplied;
