"""Read a file of any format as rows of text, exactly as they stand in it."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from trueup.landing.checks import literal, quoted
from trueup.landing.files import CHUNK, Unsound, first_line, read_header, suffix_of
from trueup.landing.sources import Source

AGAIN = "Deliver it again; nothing of it was used."
MOST_COLUMNS = 5_000
LARGEST_DOCUMENT = 512 << 20  # bytes of one JSON document; JSON Lines have no limit
# A JSON text as strings and numbers: strings are taken whole, so that no digit inside one is met.
JSON_NUMBER = r'("(?:[^"\\]|\\.)*")|(-?[0-9][0-9.eE+-]*)'
MARK = "chr(1)"  # never stands in valid JSON


@dataclass(frozen=True)
class Rows:
    """The rows of a file: a relation, and SQL that gives each of its columns as text."""

    relation: str
    expressions: dict[str, str]  # header column -> SQL

    @property
    def header(self) -> list[str]:
        """Columns as delivered."""
        return list(self.expressions)


def read_rows(registry: duckdb.DuckDBPyConnection, path: Path, source: Source) -> Rows:
    """The rows of a file as text; JSON is read by the columns and the record path of its source.

    Raises:
        Unsound: the file is not what its name says.
    """
    kind = suffix_of(path.name)
    if kind.startswith(".csv"):
        return _csv(path)
    if kind.endswith(".parquet"):
        return _parquet(registry, path)
    return _json(registry, path, source)


def _csv(path: Path) -> Rows:
    header = read_header(path)
    names = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header)
    compression = "gzip" if path.suffix.lower() == ".gz" else "none"
    relation = f"""read_csv(
        {literal(str(path))}, columns = {{{names}}}, header = true, auto_detect = false,
        delim = ',', quote = '"', escape = '"', compression = '{compression}'
    )"""
    return Rows(relation, {name: quoted(name) for name in header})


def _parquet(registry: duckdb.DuckDBPyConnection, path: Path) -> Rows:
    relation = f"read_parquet({literal(str(path))}, hive_partitioning = false)"
    try:
        described = registry.execute(f"describe select * from {relation}").fetchall()
    except duckdb.Error as error:
        raise Unsound(f"it cannot be read as Parquet ({_first_line(error)}).", AGAIN) from None
    expressions: dict[str, str] = {}
    for name, kind, *_ in described:
        expressions |= _leaves(name, quoted(name), kind)
    return Rows(relation, expressions)


def _leaves(name: str, expression: str, kind: str) -> dict[str, str]:
    """Structs fall into dotted names; lists and maps become JSON text; all else its text.

    The text of a binary double is the shortest decimal that means it.
    """
    if kind.startswith("STRUCT(") and not kind.endswith("]"):
        leaves: dict[str, str] = {}
        for field, field_kind in _fields(kind):
            path = f"struct_extract({expression}, {literal(field)})"
            leaves |= _leaves(f"{name}.{field}", path, field_kind)
        return leaves
    if kind.endswith("]") or kind.startswith("MAP("):
        return {name: _numbers_as_text(f"cast(to_json({expression}) as varchar)")}
    return {name: f"cast({expression} as varchar)"}


def _fields(kind: str) -> list[tuple[str, str]]:
    """Names and types in the text of a struct type."""
    inside, fields, depth, start, is_quoted = kind[len("STRUCT(") : -1], [], 0, 0, False
    for position, letter in enumerate(inside + ","):
        if letter == '"':
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
        elif letter == "," and depth == 0:
            fields.append(inside[start:position].strip())
            start = position + 1
    found = [re.match(r'(?:"((?:[^"]|"")*)"|(\S+)) (.*)', field, re.DOTALL) for field in fields]
    return [((m[1] or m[2]).replace('""', '"'), m[3]) for m in found if m]


def _json(registry: duckdb.DuckDBPyConnection, path: Path, source: Source) -> Rows:
    """Each record's declared and undeclared keys; every number as the text that stands there."""
    documents = _documents(registry, path, source)
    paths = _json_paths(registry, documents, source)
    if len(paths) > MOST_COLUMNS:
        raise Unsound(f"its records have {len(paths):,} different keys: it is no table.", AGAIN)
    listed = ", ".join(literal(path) for path in paths.values())
    relation = f"(select json_extract_string(document, [{listed}]) as v from {documents})"
    return Rows(relation, {name: f"v[{index}]" for index, name in enumerate(paths, start=1)})


def _documents(registry: duckdb.DuckDBPyConnection, path: Path, source: Source) -> str:
    """Relation of one `document` a record."""
    start = first_line(path).lstrip(b"\xef\xbb\xbf \t")
    is_document = suffix_of(path.name).startswith(".json") and not suffix_of(path.name).startswith(
        ".jsonl"
    )
    if is_document and (start.startswith(b"[") or not _is_json(start)):
        return _records(registry, path, source)
    if is_document and source.records and _only_one_line(path):
        return _records(registry, path, source)
    scan = f"""(
        select row_number() over () as line_number, json as line
        from read_json_objects(
            {literal(str(path))}, format = 'newline_delimited', ignore_errors = true
        )
    )"""
    bad = registry.execute(
        f"select min(line_number) from {scan} where line is null or json_type(line) != 'OBJECT'"
    ).fetchone()
    if bad and bad[0]:
        raise Unsound(f"row {bad[0]} is not a JSON object: the file is cut off or damaged.", AGAIN)
    return f"(select {_numbers_as_text('line')} as document from {scan})"


def _records(registry: duckdb.DuckDBPyConnection, path: Path, source: Source) -> str:
    """Records of one JSON document: those at the source's path, an array's, or the one object."""
    if path.stat().st_size > LARGEST_DOCUMENT:
        raise Unsound("the JSON document is larger than 512 MB.", "Deliver it as JSON Lines.")
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
        text = stream.read()
    try:
        decoded = text.decode("utf-8-sig")
        json.loads(decoded)
    except ValueError as error:
        raise Unsound(f"it cannot be read as JSON ({error}).", AGAIN) from None
    at = "$[*]" if decoded.lstrip().startswith("[") else source.records
    if at and "*" not in at:
        at += "[*]"
    registry.execute(
        f"create or replace temp table json_document as select {_numbers_as_text('?')} as d",
        [decoded],
    )
    records = f"unnest(json_extract(d, {literal(at)}))" if at else "d"
    registry.execute(
        f"create or replace temp table json_records as "
        f"select {records} as document from json_document"
    )
    odd = registry.execute(
        "select count(*), count(*) filter (where json_type(document) != 'OBJECT') from json_records"
    ).fetchone()
    if odd is None or odd[0] == 0 or odd[1]:
        raise Unsound(f"it has no list of records at {at or 'its top'}.", AGAIN)
    return "json_records"


def _json_paths(
    registry: duckdb.DuckDBPyConnection, documents: str, source: Source
) -> dict[str, str]:
    """JSON path of each column: a key, or a key within it where such are declared."""
    keys = _keys(registry, documents, "json_keys(document)")
    parents = {name.split(".")[0] for name in source.types if "." in name and name not in keys}
    paths: dict[str, str] = {}
    for key in keys:
        if key not in parents:
            paths[key] = f"$.{_key(key)}"
            continue
        for child in _keys(
            registry, documents, f"json_keys(document, {literal('$.' + _key(key))})"
        ):
            paths[f"{key}.{child}"] = f"$.{_key(key)}.{_key(child)}"
    for name in source.types:
        if name.count(".") > 1 and name.split(".")[0] in keys:
            paths[name] = "$." + ".".join(_key(part) for part in name.split("."))
    return paths


def _keys(registry: duckdb.DuckDBPyConnection, documents: str, keys: str) -> list[str]:
    found = registry.execute(f"""
        select key from (select unnest({keys}) as key from {documents})
        group by key order by key limit {MOST_COLUMNS + 1}
    """).fetchall()
    return [key for (key,) in found]


def _key(name: str) -> str:
    return '"' + name.replace('"', '\\"') + '"'


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _only_one_line(path: Path) -> bool:
    """Whether a file has one line; a second one makes it JSON Lines."""
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
        stream.readline()
        return not stream.read(CHUNK).strip()


def _numbers_as_text(document: str) -> str:
    """SQL: a JSON text whose numbers are strings; DuckDB would make doubles of them."""
    both = f"'\\1' || {MARK} || '\\2' || {MARK}"
    marked = f"regexp_replace({document}, {literal(JSON_NUMBER)}, {both}, 'g')"
    return f"replace(replace({marked}, {MARK} || {MARK}, ''), {MARK}, '\"')"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
