"""Scenarios of clusters: nodes that nobody needs, cores asked for and not used, shared tenants."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from trueup.simulate.effects import Effect
from trueup.simulate.faults.notes import note_amount, note_rows
from trueup.simulate.faults.usage import UsageChange

WORKLOAD = """
    select
        clusters.cluster || '/' || namespaces.namespace || '/' || workloads.workload as subject,
        clusters.cluster_no, workloads.workload_no, namespaces.product_no, node_skus.sku_id,
        payers.currency, teams.team as owner
    from workloads
    inner join clusters on workloads.cluster_no = clusters.cluster_no
    inner join payers on clusters.payer_no = payers.payer_no
    inner join namespaces on workloads.namespace_no = namespaces.namespace_no
    inner join products on namespaces.product_no = products.product_no
    inner join teams on products.team_no = teams.team_no
    inner join (
        select nodes.cluster_no, any_value(skus.sku_id) as sku_id
        from nodes
        inner join resources on nodes.resource_no = resources.resource_no
        inner join skus on resources.sku_no = skus.sku_no
        group by nodes.cluster_no
        having bool_and(resources.is_planned)
            and count(*) filter (where born_at <= $starts_at and gone_at > $ends_at) > 0
    ) as node_skus on clusters.cluster_no = node_skus.cluster_no
    where list_contains($patterns, workloads.pattern)
    order by subject
"""


class ClusterTriples(UsageChange):
    """A deployment asks for nodes until its cluster has three times as many; half stay empty."""

    id = "RS1"

    def before_usage(self) -> None:
        """Choose the workload and the days, and add nodes, with a pod on every other one."""
        plan = self.world.plan
        self.place = self.pick(
            WORKLOAD,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            patterns=["web", "bursting", "reserved"],
        )
        first = self.month(1 if plan.months > 1 else 0)
        self.starts_at = datetime(first.year, first.month, int(self.random.integers(3, 12)))
        self.ends_at = self.starts_at + timedelta(days=int(self.random.integers(6, 15)))
        self.deploy(self.starts_at)
        ask = self.world.connection.execute
        ask(
            """
            create or replace temp table added_nodes as
            select
                (select max(resource_no) from resources)
                + row_number() over (order by copies.copy, nodes.resource_no) as resource_no,
                nodes.resource_no as parent_no,
                copies.copy,
                left(md5(concat_ws('/', $effect_id, copies.copy, nodes.node)), 10) as suffix
            from nodes
            inner join resources on nodes.resource_no = resources.resource_no
            cross join (values (1), (2)) as copies (copy)
            where cluster_no = $cluster_no and born_at <= $starts_at and gone_at >= $ends_at
            """,
            {
                "effect_id": self.effect_id,
                "cluster_no": self.place["cluster_no"],
                "starts_at": self.starts_at,
                "ends_at": self.ends_at,
            },
        )
        ask(
            """
            insert into resources
            select parents.* replace (
                added_nodes.resource_no as resource_no,
                resource_id || suffix as resource_id,
                resource_name || '-' || suffix as resource_name,
                false as is_planned,
                $starts_at as born_at,
                $ends_at as gone_at
            )
            from added_nodes
            inner join resources as parents on added_nodes.parent_no = parents.resource_no
            """,
            {"starts_at": self.starts_at, "ends_at": self.ends_at},
        )
        ask(
            "insert into nodes by name"
            " select resource_no, $cluster_no as cluster_no, 'node-' || suffix as node"
            " from added_nodes",
            {"cluster_no": self.place["cluster_no"]},
        )
        ask(
            """
            insert into places by name
            select
                (select max(place_no) from places) + row_number() over (order by resource_no)
                    as place_no,
                resource_no,
                $workload_no as workload_no,
                (select max(replica) from places where workload_no = $workload_no)
                + row_number() over (order by resource_no) as replica,
                1 as wanted_from
            from added_nodes
            where copy = 1
            """,
            {"workload_no": self.place["workload_no"]},
        )
        self.added = [number for (number,) in ask("select resource_no from added_nodes").fetchall()]

    def on_lines(self, period: date) -> None:
        """Note what the added nodes cost."""
        self.world.connection.execute(
            "update lines set effect_id = $effect_id, usual_quantity = 0"
            " where list_contains($added, resource_no)",
            {"effect_id": self.effect_id, "added": self.added},
        )
        note_amount(self, self.place, "sum(billed_cost)", "usage", "review")


class RequestedNotUsed(Effect):
    """A workload requests cores that it hardly uses: its team pays for what it asks for."""

    id = "TS1"

    def before_usage(self) -> None:
        """Choose the workload, and the few per mille of its requests that it uses."""
        plan = self.world.plan
        self.place = self.pick(
            WORKLOAD,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            patterns=["web", "reserved", "store", "spot"],
        )
        self.world.connection.execute(
            "update workloads set cpu_used_permille = $permille where workload_no = $workload_no",
            {
                "permille": int(self.random.integers(20, 80)),
                "workload_no": self.place["workload_no"],
            },
        )

    def on_lines(self, period: date) -> None:
        """Note what cores cost that were requested beyond those used: their part of the node."""
        note_rows(
            self,
            """
            select
                $subject as subject, $period as billing_period,
                min(pod_usage.usage_start) as starts_at, max(pod_usage.usage_end) as ends_at,
                count(*) as row_count,
                cast(
                    sum(
                        cast(prices.price * 10000000 as hugeint)
                        * (millicores_requested - millicores_used) * pod_usage.seconds
                    ) * 1000 // (3600 * any_value(clusters.node_millicores))
                    as decimal(38, 0)
                ) * 0.0000000001::decimal(11, 10) as amount,
                $currency as currency, $owner as owner
            from pod_usage
            inner join clusters on pod_usage.cluster_no = clusters.cluster_no
            inner join resources on pod_usage.resource_no = resources.resource_no
            inner join prices
                on resources.sku_no = prices.sku_no
                and pod_usage.usage_start >= prices.effective_from
                and pod_usage.usage_start < coalesce(prices.effective_to, timestamp '9999-12-31')
            where pod_usage.workload_no = $workload_no
            """,
            None,
            "adjustment",
            period=period,
            workload_no=self.place["workload_no"],
            subject=self.place["subject"],
            currency=self.place["currency"],
            owner=self.place["owner"],
        )


class SharedCluster(Effect):
    """Tenants share a cluster: each workload is one's, the platform's own pods are everybody's."""

    id = "IS5"

    def before_usage(self) -> None:
        """Choose the cluster, and deal its workloads to a few tenants."""
        plan = self.world.plan
        self.place = self.pick(
            """
            select
                clusters.cluster as subject, clusters.cluster_no, payers.currency
            from clusters
            inner join payers on clusters.payer_no = payers.payer_no
            inner join workloads on clusters.cluster_no = workloads.cluster_no
            where clusters.cluster_no in (
                select cluster_no from nodes
                inner join resources on nodes.resource_no = resources.resource_no
                where born_at <= $starts_at and gone_at > $ends_at
            )
            group by all
            having count(*) filter (where pattern != 'system') > 1
            order by subject""",
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
        )
        self.world.connection.execute(
            """
            update workloads set tenant_no = dealt.tenant_no
            from (
                select
                    workload_no,
                    ($first + row_number() over (order by workload_no) % $count)
                    % (select count(*) from tenants) as tenant_no
                from workloads
                where cluster_no = $cluster_no and pattern != 'system'
            ) as dealt
            where workloads.workload_no = dealt.workload_no
            """,
            {
                "first": int(self.random.integers(0, 100)),
                "count": int(self.random.integers(2, 5)),
                "cluster_no": self.place["cluster_no"],
            },
        )

    def on_lines(self, period: date) -> None:
        """Split what the nodes are billed by the core time that tenants' pods have.

        A pod has what it requests, or uses if that is more; idle nodes and the platform's pods
        follow. Parts are cut where their running sum is, so that they sum to the bill.
        """
        note_rows(
            self,
            """
            with

            bill as (
                select cast(sum(billed_cost) * 10000000000 as hugeint) as units
                from lines
                where resource_no in (select resource_no from nodes where cluster_no = $cluster_no)
            ),

            shares as (
                select
                    tenants.tenant,
                    min(usage_start) as starts_at,
                    max(usage_end) as ends_at,
                    count(*) as row_count,
                    cast(sum(greatest(pod_usage.millicores_requested, millicores_used) * seconds)
                        as hugeint) as core_time
                from pod_usage
                inner join workloads on pod_usage.workload_no = workloads.workload_no
                inner join tenants on workloads.tenant_no = tenants.tenant_no
                where pod_usage.cluster_no = $cluster_no
                group by tenants.tenant
            ),

            running as (
                select
                    *,
                    sum(core_time) over (order by tenant) as upper,
                    sum(core_time) over () as total
                from shares
            )

            select
                $subject || '/' || tenant as subject, $period as billing_period, starts_at, ends_at,
                row_count,
                cast(
                    units * upper::hugeint // total::hugeint
                    - units * (upper - core_time)::hugeint // total::hugeint
                    as decimal(38, 0)
                ) * 0.0000000001::decimal(11, 10) as amount,
                $currency as currency, null as owner
            from running
            cross join bill
            order by subject
            """,
            None,
            "allocate",
            period=period,
            cluster_no=self.place["cluster_no"],
            subject=self.place["subject"],
            currency=self.place["currency"],
        )
