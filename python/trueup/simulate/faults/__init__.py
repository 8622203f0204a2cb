"""Failure modes and scenarios that can be planted, by id."""

from __future__ import annotations

from trueup.simulate.effects import Effect
from trueup.simulate.faults import (
    allocation,
    bills,
    contracts,
    kubernetes,
    metering,
    periods,
    shapes,
    usage,
)

PLANTED: tuple[type[Effect], ...] = (
    bills.RenamedSku,
    bills.BilledTwice,
    bills.FunctionBilledTwice,
    bills.CoarseRounding,
    bills.WrongTier,
    bills.UnknownPriceChange,
    usage.ServiceJump,
    usage.UnexplainedSpike,
    usage.RunawayAutoscaler,
    usage.RetryStorm,
    usage.SpikeByNamespace,
    usage.StorageDoubles,
    usage.RunawayProduction,
    usage.LoopingBatch,
    usage.RepositoryMinutes,
    usage.SuddenAbuse,
    usage.FunctionMemory,
    usage.ClusterSize,
    usage.DearerDatabase,
    usage.OutageDoubles,
    usage.IncidentCost,
    contracts.NewContract,
    contracts.NewPriceModel,
    contracts.StalePriceList,
    periods.OtherBoundary,
    periods.LateCredit,
    metering.MissingUsage,
    metering.PipelineOutage,
    metering.SampledUsage,
    metering.RegionsInvoked,
    shapes.ManyResources,
    shapes.TinyAndHuge,
    shapes.StorageTiering,
    kubernetes.ClusterTriples,
    kubernetes.RequestedNotUsed,
    kubernetes.SharedCluster,
    allocation.TwoOwners,
    allocation.MissingDriver,
    allocation.AwkwardShares,
)
KINDS: dict[str, type[Effect]] = {kind.id: kind for kind in PLANTED}
