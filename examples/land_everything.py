"""Land every file of a folder of collected exports; say in a Markdown table what became of each.

Run from the project folder: python examples/land_everything.py FOLDER > docs/landed_data.md

Only landing runs (checks, archive, registry): nothing is built. Files that are no input of a
billing warehouse are listed with what they are good for.
"""

from __future__ import annotations

import argparse
import shutil
import tarfile
import tempfile
from fnmatch import fnmatch
from pathlib import Path

import duckdb

from trueup.config import resolve
from trueup.steps import land_step, only_run

AS_OF = "2026-01-31T12:00:00Z"
# pattern below the folder -> where it lands (a folder; the file keeps its name), first match counts
LANDS = (
    ("aws/*.tar.gz", "aws_cur"),
    ("k8s/*.tar.gz", "kubernetes/koku"),
    ("aws/*", "aws_cur"),
    ("generated/nise_raw/aws_cur_legacy*", "aws_cur/nise"),
    ("generated/nise_raw/aws_marketplace*", "aws_cur/marketplace"),
    ("azure/EA_*", "azure_cost/demo"),
    ("azure/*", "azure_cost"),
    ("generated/nise_raw/azure*", "azure_cost/nise"),
    ("gcp/*skus.json", "price_lists"),
    ("gcp/*", "gcp_billing"),
    ("generated/nise_raw/gcp*", "gcp_billing/nise"),
    ("oci/*price_list*", "price_lists"),
    ("oci/*", "oci_cost"),
    ("generated/nise_raw/ocp*", "kubernetes/nise"),
    ("focus_1_0/*", "focus/sample"),
    ("focus_spec_examples/*", "focus/{stem}"),
    ("generated/focus*", "focus/{stem}"),
)
# pattern -> why it is no input, and what uses it
REFERENCE = (
    ("README.md", "says where the files come from and under which licence"),
    ("allocation_peer/*/README.md", "says which rules of allocation the case shows"),
    (
        "allocation_peer/*.cfg",
        "settings of the peer's program for the case; for tests of allocation",
    ),
    (
        "allocation_peer/*_cloud_cost.csv",
        "input of an allocation case in the peer's own shape: no export",
    ),
    ("allocation_peer/*_keys.csv", "allocation keys of a case; for tests of allocation rules"),
    ("allocation_peer/*_allocated_cost.csv", "expected answer of an allocation case"),
    ("allocation_peer/*_out.csv", "expected answer of an allocation case"),
    (
        "allocation_peer/optscale/*",
        "tables of another product's database; for tests of owner rules",
    ),
    (
        "reference/azure_export_schemas/*",
        "official column lists; the declarations in models/staging follow them",
    ),
    ("reference/azure_PricingUnits.csv", "units with their block sizes; in the seed azure_units"),
    ("reference/azure_Regions.csv", "region names; in the seed regions"),
    (
        "reference/azure_Services.csv",
        "services with their FOCUS category; for the seed service_categories",
    ),
    ("reference/opencost_*", "default prices of another program; no price list of a provider"),
)
OUTCOMES = """
    with

    refused_rows as (
        select
            file_id, sum(row_count) as row_count,
            string_agg(sentence || ' (' || row_count || ')', ', ' order by row_count desc)
                as sentences
        from (
            select file_id, column_name || ' ' || min(reason) as sentence, count(*) as row_count
            from landing.quarantined_rows
            group by file_id, column_name
        )
        group by file_id
    )

    select
        files.path, files.source, files.rows_total,
        files.status = 'quarantined' or held.reason is not null,
        coalesce(bad.row_count, 0), coalesce(files.reason, held.reason, bad.sentences, '')
    from landing.files as files
    left join refused_rows as bad on files.file_id = bad.file_id
    left join (
        select file_id, min('delivery ' || status || ': ' || reason) as reason
        from (select *, unnest(contents) as file_id from landing.deliveries)
        where reason is not null
        group by file_id
    ) as held on files.file_id = held.file_id
"""
MANIFESTS = "select path, reason from landing.manifests"


def main() -> None:
    """Print the table for the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as place:
        landing = Path(place) / "landing"
        placed = {path: put(folder, path, landing) for path in files_of(folder)}
        outcomes = land(landing, Path(place) / "home")
    print_table(placed, outcomes)


def files_of(folder: Path) -> list[Path]:
    """Every file below a folder, as paths below it, sorted."""
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def put(folder: Path, path: Path, landing: Path) -> list[str] | None:
    """Copy a file to where it lands, an archive's members each; None when it is no input.

    Returns:
        Paths below the landing folder.
    """
    place = next((place for pattern, place in LANDS if fnmatch(str(path), pattern)), None)
    if place is None:
        return None
    target = landing / place.format(stem=path.stem)
    target.mkdir(parents=True, exist_ok=True)
    if path.name.endswith(".tar.gz"):
        with tarfile.open(folder / path) as archive:
            archive.extractall(target, filter="data")
            members = [member.name for member in archive if member.isfile()]
        return [str((target / name).relative_to(landing)) for name in members]
    shutil.copy2(folder / path, target / path.name)
    return [str((target / path.name).relative_to(landing))]


def land(landing: Path, home: Path) -> dict[str, tuple[str, int | None, int, str]]:
    """Land a folder in a home of its own.

    Returns:
        By path below the landing folder: source, rows (None when unreadable), rows quarantined, and
        the sentence that explains what was refused.
    """
    settings = resolve(landing, home, AS_OF)
    with only_run(settings):
        land_step(settings, lambda text: None)
    with duckdb.connect(str(settings.registry), read_only=True) as registry:
        found = registry.execute(OUTCOMES).fetchall()
        manifests = registry.execute(MANIFESTS).fetchall()
    outcomes = {
        path: ("manifest", None, 0, reason or "says which files a delivery has")
        for path, reason in manifests
    }
    for path, source, rows, is_refused, bad, why in found:
        outcomes[path] = (source, rows, (rows or 0) if is_refused else bad, why)
    return outcomes


def print_table(
    placed: dict[Path, list[str] | None], outcomes: dict[str, tuple[str, int | None, int, str]]
) -> None:
    """Print the document: one row a file, or a member of an archive."""
    print(INTRODUCTION.format(count=len(placed)))
    print("| file | source | rows | accepted | quarantined | why |\n|---|---|--:|--:|--:|---|")
    for path, landed in placed.items():
        if landed is None:
            print(f"| {path} | reference, not an input | | | | {use_of(path)} |")
        for place in landed or []:
            name = f"{path}: {Path(place).name}" if path.name.endswith(".tar.gz") else path
            print(f"| {name} | {as_cells(outcomes.get(place))} |")


def use_of(path: Path) -> str:
    """What a file that is no input is good for."""
    return next(use for pattern, use in REFERENCE if fnmatch(str(path), pattern))


def as_cells(outcome: tuple[str, int | None, int, str] | None) -> str:
    """Source, rows, accepted, quarantined and sentence of a landed file, as cells."""
    if outcome is None:
        return "not read | | | | no source takes files of this name"
    source, rows, refused, why = outcome
    sentence = " ".join(why.split()).replace("|", "\\|")
    if rows is None:
        return f"{source} | | | | {sentence}"
    return f"{source} | {rows:,} | {rows - refused:,} | {refused:,} | {sentence}"


INTRODUCTION = """# What becomes of collected real data

Written by `python examples/land_everything.py ../shared/data`: every one of its {count} files,
landed in a home of its own. Accepted rows are sound at landing; what is a duplicate or superseded
is judged when the warehouse is built. Numbers in brackets say how many rows a sentence refuses.

The worked examples of the FOCUS specification are excerpts for readers: some leave out mandatory
columns, others write dates and money as a spreadsheet shows them. A guess at either would be a
guess at money, so they are refused by name.
"""


if __name__ == "__main__":
    main()
