"""What is in quarantine now, in sentences."""

from __future__ import annotations

import duckdb

SHOWN = 20  # rows told one by one; the rest stand in fct_quarantined_rows


def open_quarantine(registry: duckdb.DuckDBPyConnection, paths: list[str]) -> list[str]:
    """Sentences on refused files that still lie at one of the paths, and on refused rows in use.

    A refused file that was taken away again is settled; it stays in fct_landed_files.
    """
    files = registry.execute(
        """
        select path, path || ': ' || reason
        from landing.files
        qualify
            row_number() over (
                partition by source, path order by delivered_at desc, landed_at desc
            ) = 1
            and status = 'quarantined'
        order by path
        """
    ).fetchall()
    rows = registry.execute(
        """
        select distinct
            min(files.path) || ': row ' || bad.file_row || ', column ' || bad.column_name || ': '
            || bad.reason
            || '. The row is in quarantine; correct it and deliver the file again.' as sentence
        from landing.quarantined_rows as bad
        inner join landing.path_contents as files using (source, file_id)
        inner join (select distinct source, file_id from landing.current_files)
            using (source, file_id)
        group by bad.file_id, bad.file_row, bad.column_name, bad.reason
        order by sentence
        """
    ).fetchall()
    sentences = [sentence for path, sentence in files if path in paths]
    sentences += [sentence for (sentence,) in rows[:SHOWN]]
    if len(rows) > SHOWN:
        sentences.append(f"… and {len(rows) - SHOWN} more rows, all in fct_quarantined_rows.")
    return sentences
