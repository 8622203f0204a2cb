"""The kinds of things in every simulated world: who bills, and what services there are."""

from __future__ import annotations

from dataclasses import dataclass

# Quantities have 3 decimals and prices 7: their product has the 10 that provider exports carry.
QUANTITY_SCALE, PRICE_SCALE, COST_SCALE = 3, 7, 10


@dataclass(frozen=True)
class Provider:
    """A provider that bills the company, and how much of all lines it bills."""

    export: str  # what it writes: the landing folder, with the version for FOCUS
    provider: str  # as charges name it; empty: a vendor of software, named by the seed
    issuer: str
    currency: str
    share: float  # of all lines
    steps: tuple[int, ...]  # hours of a line: the first where there are enough lines, else the last
    is_taxed: bool  # tax stands in the export, not on the invoice alone
    regions: tuple[str, ...]
    time_zone: str = "UTC"


PROVIDERS = (
    Provider("aws_cur", "AWS", "Amazon Web Services, Inc.", "USD", 0.30, (1, 24), True,
             ("us-east-1", "eu-west-1", "ap-southeast-2")),
    Provider("aws_cur2", "AWS", "Amazon Web Services, Inc.", "USD", 0.15, (1, 24), True,
             ("us-west-2", "eu-central-1")),
    Provider("azure_cost", "Microsoft", "Microsoft", "EUR", 0.18, (24,), False,
             ("westeurope", "eastus", "northeurope")),
    Provider("gcp_billing", "Google Cloud", "Google Cloud", "USD", 0.20, (1, 24), True,
             ("europe-west1", "us-central1"), "America/Los_Angeles"),
    Provider("oci_cost", "Oracle", "Oracle", "USD", 0.09, (1, 6), False,
             ("eu-frankfurt-1", "us-ashburn-1")),
    Provider("focus_1_2", "", "", "USD", 0.05, (24,), True, ("global",)),
    Provider("focus_1_4", "", "", "GBP", 0.03, (24,), True, ("global",)),
)  # fmt: skip


@dataclass(frozen=True)
class Family:
    """A kind of service: what is metered, what it costs about, and how its usage moves."""

    family: str
    unit: str
    price: float  # about, in US dollars a unit
    quantity: float  # about, units an hour
    share: float  # of a provider's resources
    profile: str
    is_tiered: bool = False


FAMILIES = (
    Family("compute", "Hrs", 0.19, 1, 0.26, "always"),
    Family("compute_scaled", "Hrs", 0.17, 6, 0.10, "office"),
    Family("compute_spot", "Hrs", 0.06, 4, 0.08, "evening"),
    Family("kubernetes_node", "Hrs", 0.21, 1, 0.10, "always"),
    Family("block_storage", "GB-Hours", 0.00012, 900, 0.10, "flat"),
    Family("object_storage", "GB-Hours", 0.00003, 40_000, 0.07, "flat", True),
    Family("cold_storage", "GB-Hours", 0.000006, 90_000, 0.03, "flat"),
    Family("egress", "GB", 0.085, 60, 0.07, "office", True),
    Family("requests", "Requests", 0.0000004, 900_000, 0.04, "office", True),
    Family("function_seconds", "GB-Seconds", 0.0000167, 9_000, 0.03, "office"),
    Family("database", "Hrs", 0.48, 1, 0.06, "always"),
    Family("observability", "GB", 0.31, 3, 0.03, "office"),
    Family("build_minutes", "Minutes", 0.008, 45, 0.02, "work"),
    Family("load_balancer", "Hrs", 0.0225, 1, 0.01, "always"),
)

# Resources live this share of the time on average: three in ten come late or go early.
LIFE_SHARE = 0.85
ENVIRONMENTS = ("production", "staging", "development")
