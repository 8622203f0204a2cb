"""Score: what a release found of what was planted, and what it reported that was not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from trueup.simulate.faults import KINDS

HERE = Path(__file__).parent
FINDINGS = HERE / "findings"
TRUTH_COLUMNS = (
    "{'effect_id': 'varchar', 'id': 'varchar', 'subject': 'varchar', 'cause': 'varchar',"
    " 'treatment': 'varchar', 'billing_period': 'date', 'starts_at': 'timestamp',"
    " 'ends_at': 'timestamp', 'row_count': 'bigint', 'amount': 'decimal(38, 10)',"
    " 'currency': 'varchar', 'owner': 'varchar'}"
)


@dataclass(frozen=True)
class Score:
    """One id's score. Amounts are sums of absolute values over the currencies planted."""

    id: str
    is_built: bool  # a query says what the release found; without one nothing is scored
    planted: int
    found: int
    cause_right: int
    amount: Decimal
    amount_error: Decimal
    false_alarms: int
    misses: tuple[str, ...] = ()

    @property
    def recall_percent(self) -> Decimal | None:
        """Share of the planted effects that were found."""
        return _percent(self.found, self.planted)

    @property
    def precision_percent(self) -> Decimal | None:
        """Share of what was reported that was planted."""
        return _percent(self.found, self.found + self.false_alarms)

    @property
    def amount_error_percent(self) -> Decimal | None:
        """Error of the amounts found against the amounts planted."""
        return _percent(self.amount_error, self.amount)


@dataclass(frozen=True)
class ScoreCard:
    """Scores of all ids that were planted or raised an alarm, and money left unexplained."""

    scores: tuple[Score, ...]
    false_alarms: tuple[dict[str, Any], ...]
    unexplained: dict[str, Decimal]  # by currency

    def as_data(self) -> dict[str, Any]:
        """The card as JSON takes it."""
        shares = ("recall_percent", "precision_percent", "amount_error_percent")
        return {
            "scores": [
                asdict(found) | {name: getattr(found, name) for name in shares}
                for found in self.scores
            ],
            "false_alarms": list(self.false_alarms),
            "unexplained": self.unexplained,
            "failures": self.failures,
        }

    @property
    def failures(self) -> list[str]:
        """Sentences on the ids below their threshold."""
        return [sentence for score in self.scores for sentence in score.misses]


def score(release: Path, truth: Path, thresholds: Path) -> ScoreCard:
    """Compare a release with the truth of the world it was built from.

    Args:
        release: The published DuckDB file.
        truth: The folder `truth` that the simulation wrote.
        thresholds: The seed `score_thresholds`.

    Raises:
        FileNotFoundError: `truth` holds no `effects.csv`.
    """
    effects = truth / "effects.csv"
    if not effects.is_file():
        raise FileNotFoundError(f"{truth} holds no effects.csv: name the folder truth of a world.")
    with duckdb.connect() as connection:
        attached = str(release.resolve()).replace("'", "''")
        connection.execute(f"attach '{attached}' as release (read_only)")
        connection.execute(
            "create table effects as"
            f" from read_csv($file, header = true, columns = {TRUTH_COLUMNS})",
            {"file": str(effects)},
        )
        connection.execute(
            "create table findings (id varchar, subject varchar, billing_period date,"
            " cause varchar, amount decimal(38, 10), currency varchar)"
        )
        connection.execute("create table ids (id varchar, found_as varchar, is_built boolean)")
        _find(connection)
        connection.execute((HERE / "score.sql").read_text(encoding="utf-8"))
        return ScoreCard(
            tuple(_judged(connection, thresholds)),
            tuple(_rows(connection, "from false_alarms")),
            dict(connection.execute(UNEXPLAINED).fetchall()),
        )


UNEXPLAINED = """
    select currency, sum(abs(unexplained_variance))
    from release.marts.fct_reconciliation_diffs
    where status = 'exception'
    group by currency
    order by currency
"""


def _find(connection: duckdb.DuckDBPyConnection) -> None:
    """Run the query of each id that has one; it names the release's marts as `marts`."""
    connection.execute("use release")
    for name, kind in sorted(KINDS.items()):
        found_as = kind.found_as or name
        query = FINDINGS / f"{found_as}.sql"
        is_built = query.is_file()
        connection.execute("insert into memory.ids values (?, ?, ?)", [name, found_as, is_built])
        if is_built and found_as == name:
            connection.execute(
                "insert into memory.findings by name"
                f" select '{name}' as id, * from ({query.read_text(encoding='utf-8')})"
            )
    connection.execute("use memory")


def _judged(connection: duckdb.DuckDBPyConnection, thresholds: Path) -> list[Score]:
    limits = {
        row["id"]: row
        for row in _rows(
            connection,
            "from read_csv($file, header = true, all_varchar = true) where valid_to is null",
            {"file": str(thresholds)},
        )
    }
    judged = []
    for row in _rows(connection, "from scores where planted > 0 or false_alarms > 0"):
        found = Score(**row)
        limit = limits.get(found.id, limits["*"])
        judged.append(Score(**row, misses=tuple(_misses(found, limit)) if found.is_built else ()))
    return judged


def _misses(score: Score, limit: dict[str, Any]) -> list[str]:
    sentences = []
    for figure, name, words, is_low in (
        (score.recall_percent, "min_recall_percent", "of the planted effects found", True),
        (score.precision_percent, "min_precision_percent", "of the findings planted", True),
        (score.amount_error_percent, "max_amount_error_percent", "error of the amounts", False),
    ):
        bound = Decimal(limit[name])
        if figure is not None and (figure < bound if is_low else figure > bound):
            direction = "less" if is_low else "more"
            sentences.append(f"{score.id}: {figure} % {words}, {direction} than {bound} %")
    return sentences


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _percent(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01")) if whole else None


def print_card(output: Console, card: ScoreCard) -> None:
    """Print the card as a table, what was missed, and what was reported without being planted."""
    table = Table(title="Planted and found", title_justify="left")
    for name in ("id", "planted", "found", "cause", "false alarms", "amount", "error"):
        table.add_column(name, justify="left" if name == "id" else "right")
    for found in card.scores:
        outcome = str(found.found) if found.is_built else "not built yet"
        cause = str(found.cause_right) if found.is_built else ""
        error = f"{found.amount_error:f}" if found.is_built else ""
        alarms = str(found.false_alarms)
        table.add_row(
            found.id, str(found.planted), outcome, cause, alarms, f"{found.amount:f}", error
        )
    output.print(table)
    for currency, amount in card.unexplained.items():
        output.print(f"unexplained: {amount:f} {currency}")
    for alarm in card.false_alarms[:20]:
        output.print(
            f"false alarm: {alarm['id']} {alarm['subject']} {alarm['cause']}", soft_wrap=True
        )
    for sentence in card.failures:
        output.print(sentence, soft_wrap=True)
