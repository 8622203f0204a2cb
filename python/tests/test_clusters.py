"""A planted cluster: what is wasted by kind, no money in two of them; what its services cost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from answers import Answers, compiled_analyses
from helpers import dbt, release, trueup, write_rows
from test_ownership import RULE, charge

MONDAY, TUESDAY, WEDNESDAY = (date(2025, 3, 3) + timedelta(days=n) for n in range(3))
NOON, NIGHT = 12, 22
CORES, HOUR = 2, 3600


def hour(day: date, clock: int, resource: str, cost: str, **columns: str) -> dict[str, str]:
    """A charge of one hour in an account outside production."""
    period = {
        "ChargePeriodStart": f"{day} {clock:02}:00:00",
        "ChargePeriodEnd": f"{day} {clock + 1:02}:00:00",
        "PricingQuantity": "1",
        "SubAccountId": "lab",
    }
    return charge(day, resource, cost, **(period | columns))


def charges() -> list[dict[str, str]]:
    """Each kind of waste once; the node, its volume and the address also run at night."""
    unused = {"CommitmentDiscountStatus": "Unused", "CommitmentDiscountId": "r-1",
              "CommitmentDiscountCategory": "Usage", "CommitmentDiscountType": "Reserved",
              "BilledCost": "0"}  # fmt: skip
    idle = {"ChargeDescription": "$0.005 per Idle public IPv4 address per hour"}
    disk = {"PricingUnit": "GB-Hours"}
    return [
        hour(MONDAY, NOON, "r-1", "4", **unused),
        hour(MONDAY, NIGHT, "i-9", "0.5"),
        hour(MONDAY, NOON, "i-9", "0.7"),
        hour(MONDAY, NIGHT, "eip-1", "0.25", **idle),
        *(hour(MONDAY, clock, "i-1", "1") for clock in (NOON, NIGHT)),
        *(hour(day, NOON, "i-1", "1") for day in (TUESDAY, WEDNESDAY)),
        *(hour(day, NIGHT, "vol-1", "3", **disk) for day in (MONDAY, TUESDAY, WEDNESDAY)),
        *balancers(),
    ]


def balancers() -> list[dict[str, str]]:
    """Load balancers as each controller tags them, and a disk that only names its cluster."""
    tags = {
        "lb-1": {"kubernetes.io/service-name": "shop/web", "kubernetes.io/cluster/one": "owned"},
        "lb-2": {"service.k8s.aws/stack": "shop/api", "elbv2.k8s.aws/cluster": "one"},
        "lb-3": {"ingress_k8s_aws_stack": "public", "kubernetes_io_cluster_two": "shared"},
        "ip-4": {"k8s-azure-service": "shop/a,media/b", "k8s-azure-cluster-name": "kubernetes",
                 "aks-managed-cluster-name": "three"},
        "disk-5": {"kubernetes.io/cluster/one": "owned", "note": "kubernetes.io/service-name"},
    }  # fmt: skip
    network = {"ServiceCategory": "Networking", "SubAccountId": "network"}
    rows = [
        charge(MONDAY, resource, "1.000000000000000001", Tags=json.dumps(tag), **network)
        for resource, tag in tags.items()
    ]
    earlier = json.dumps(tags["lb-1"] | {"kubernetes.io/service-name": "shop/old"})
    return [
        *rows,
        charge(MONDAY - timedelta(1), "lb-1", "2", Tags=earlier, **network),
        charge(MONDAY, "lb-1", "0.5", ChargeDescription="Data", **network),
        charge(WEDNESDAY, "lb-1", "4", **network),
    ]


def reported(day: date, clock: int) -> dict[str, str]:
    """The hour of a report that says something of it."""
    return {
        "report_period_start": "2025-03-01 00:00:00 +0000 UTC",
        "report_period_end": "2025-04-01 00:00:00 +0000 UTC",
        "interval_start": f"{day} {clock:02}:00:00 +0000 UTC",
        "interval_end": f"{day} {clock:02}:59:59 +0000 UTC",
    }


def pod(day: date, clock: int) -> dict[str, str]:
    """A pod that has one of the node's two cores."""
    return reported(day, clock) | {
        "pod": "web-1", "namespace": "shop", "node": "node-1", "resource_id": "i-1",
        "pod_usage_cpu_core_seconds": str(HOUR), "pod_request_cpu_core_seconds": "0",
        "pod_limit_cpu_core_seconds": "0", "pod_usage_memory_byte_seconds": "0",
        "pod_request_memory_byte_seconds": "0", "pod_limit_memory_byte_seconds": "0",
        "node_capacity_cpu_cores": str(CORES), "node_capacity_memory_bytes": "0",
        "node_capacity_cpu_core_seconds": str(CORES * HOUR),
        "node_capacity_memory_byte_seconds": "0", "pod_labels": "label_tenant:acme",
    }  # fmt: skip


def mount() -> dict[str, str]:
    """The only hour in which the pod mounts its volume."""
    return reported(MONDAY, NIGHT) | {
        "namespace": "shop", "pod": "web-1", "node": "node-1", "persistentvolumeclaim": "data",
        "persistentvolume": "pv-1", "csi_volume_handle": "vol-1", "storageclass": "",
        "csi_driver": "", "persistentvolumeclaim_capacity_bytes": "1000000000",
        "persistentvolumeclaim_capacity_byte_seconds": "3600000000000",
        "volume_request_storage_byte_seconds": "3600000000000",
        "persistentvolumeclaim_usage_byte_seconds": "0", "persistentvolume_labels": "",
        "persistentvolumeclaim_labels": "",
    }  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the planted cluster, which reports nothing of Wednesday. Read it only."""
    place = tmp_path_factory.mktemp("cluster")
    landing = place / "landing"
    write_rows(landing / "focus/march.csv", charges())
    rule = {"priority": "1", "match_on": "account", "pattern": "lab", "owner": "lab",
            "environment": "development"}  # fmt: skip
    write_rows(landing / "owners/rules.csv", [dict.fromkeys(RULE, "") | rule])
    policy = {"tag_key": "team", "required": "true", "allowed_values": "", "scope": "lab"}
    write_rows(landing / "tag_policies/policies.csv", [policy])
    hours = [(MONDAY, NOON), (MONDAY, NIGHT), (TUESDAY, NOON)]
    write_rows(landing / "kubernetes/one/pods.csv", [pod(*each) for each in hours])
    write_rows(landing / "kubernetes/one/volumes.csv", [mount()])
    outcome = trueup("refresh", place / "home", landing, "--json")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return place / "home"


@pytest.fixture(scope="module")
def answers(home: Path) -> Iterator[Answers]:
    """Answers of the analyses on it."""
    answers = Answers(home, compiled_analyses(home))
    yield answers
    answers.connection.close()


def test_each_kind_of_waste_is_counted_once(answers: Answers) -> None:
    """Half of the node on two reported days; the volume on the reported day without a mount."""
    found = [
        (row["waste_kind"], row["subject"], row["owner"], row["effective_cost"])
        for row in answers.rows("waste")
    ]
    assert found == [
        ("unused_commitment", "r-1", "lab", 4),
        ("unattached_volume", "vol-1", "lab", 3),
        ("idle_cluster", "one", None, Decimal("1.5")),
        ("non_production_night", "i-9", "lab", Decimal("0.5")),
        ("idle_address", "eip-1", "lab", Decimal("0.25")),
    ]


def test_a_commitment_that_nobody_uses_lacks_no_tag(answers: Answers) -> None:
    """Nor does what the policy is not for: the network's account."""
    broken = {row["resource_id"] for row in answers.rows("tag_compliance")}
    assert broken == {"i-1", "i-9", "eip-1", "vol-1"}


def test_load_balancers_are_of_the_service_that_their_tags_name(home: Path) -> None:
    """With all that they are billed; a namespace's tenant is known while its pods report."""
    with release(home) as connection:
        found = connection.execute(
            "select resource_id, usage_date, cluster, namespace, service, tenant, billed_cost"
            " from marts.fct_load_balancer_costs order by resource_id, usage_date"
        ).fetchall()
    one = Decimal("1.000000000000000001")
    assert found == [
        ("ip-4", MONDAY, "three", None, "shop/a,media/b", None, one),
        ("lb-1", MONDAY - timedelta(1), "one", "shop", "web", None, 2),
        ("lb-1", MONDAY, "one", "shop", "web", "acme", one + Decimal("0.5")),
        ("lb-1", WEDNESDAY, "one", "shop", "web", None, 4),
        ("lb-2", MONDAY, "one", "shop", "api", "acme", one),
        ("lb-3", MONDAY, "two", None, "public", None, one),
    ]


@pytest.mark.parametrize(
    "fault",
    [
        "delete from {} where resource_id = 'lb-2'",
        "insert into {} select * from {} where resource_id = 'lb-2'",
        "update {} set billed_cost = billed_cost - 0.000000000000000001 where service = 'web'",
    ],
)
def test_load_balancers_that_do_not_sum_to_their_bills_are_found(
    home: Path, tmp_path: Path, fault: str
) -> None:
    changed = Path(shutil.copytree(home, tmp_path / "home", symlinks=True))
    law, mart = "load_balancer_costs_sum_to_their_bills", "marts.marts.fct_load_balancer_costs"
    with duckdb.connect(str(changed / "build/marts.duckdb")) as connection:
        connection.execute(fault.replace("{}", mart))
    outcome = dbt(changed, "test", "--select", law)
    assert outcome.returncode == 1, outcome.stdout
    assert f"Failure in test {law}" in outcome.stdout
