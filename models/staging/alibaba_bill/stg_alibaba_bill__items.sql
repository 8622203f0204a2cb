with source as (
    select * from {{ source('raw', 'alibaba_bill') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('BillAccountID') }} as bill_account_id,
    {{ raw_text('OwnerID') }} as owner_id,
    {{ raw_text('InstanceID') }} as instance_id,
    {{ raw_text('ProductCode') }} as product_code,
    {{ raw_text('CommodityCode') }} as commodity_code,
    {{ raw_text('BillingItemCode') }} as billing_item_code,

    -- attributes
    {{ raw_text('BillAccountName') }} as bill_account_name,
    {{ raw_text('ProductName') }} as product_name,
    {{ raw_text('ProductDetail') }} as product_detail,
    {{ raw_text('SubscriptionType') }} as subscription_type,
    {{ raw_text('Item') }} as item,
    {{ raw_text('BillingItem') }} as billing_item,
    {{ raw_text('BillingType') }} as billing_type,
    {{ raw_text('NickName') }} as nick_name,
    {{ raw_text('InstanceSpec') }} as instance_spec,
    {{ raw_text('Region') }} as region,
    {{ raw_text('Zone') }} as zone,
    {{ raw_text('ResourceGroup') }} as resource_group,
    {{ raw_text('CostUnit') }} as cost_unit,
    {{ raw_text('Tag') }} as tag,
    {{ raw_text('ServicePeriod') }} as service_period,
    {{ raw_text('ServicePeriodUnit') }} as service_period_unit,
    {{ raw_text('UsageUnit') }} as usage_unit,
    {{ raw_text('ListPriceUnit') }} as list_price_unit,
    {{ raw_text('Currency') }} as currency,

    -- amounts; a list of tier prices is no price
    {{ raw_decimal('Usage') }} as usage_quantity,
    try_cast({{ raw_text('ListPrice') }} as {{ decimal_type() }}) as list_price,
    {{ raw_decimal('PretaxGrossAmount') }} as pretax_gross_amount,
    {{ raw_decimal('InvoiceDiscount') }} as invoice_discount,
    {{ raw_decimal('DeductedByCoupons') }} as deducted_by_coupons,
    {{ raw_decimal('PretaxAmount') }} as pretax_amount,
    {{ raw_decimal('DeductedByCashCoupons') }} as deducted_by_cash_coupons,
    {{ raw_decimal('DeductedByPrepaidCard') }} as deducted_by_prepaid_card,
    {{ raw_decimal('PaymentAmount') }} as payment_amount,
    {{ raw_decimal('OutstandingAmount') }} as outstanding_amount,

    -- times
    cast(coalesce({{ raw_text('BillingCycle') }} || '-01', strftime({{ raw_date('BillingDate') }}, '%Y-%m-01')) as date)
        as billing_period,
    {{ raw_date('BillingDate') }} as billing_date
from source
