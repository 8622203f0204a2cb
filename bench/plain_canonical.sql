-- The baseline of landing and canonical charges: the files as Parquet, every value as its text, then the columns of
-- `canonical.charges` from that Parquet. One COPY a file comes before (plain.py); `archive` names its folder.
set preserve_insertion_order = false;

create view exports as
select
    * exclude (filename, file_row_number),
    parse_filename(filename) as file_id,
    file_row_number + 1 as file_row
from read_parquet(getvariable('archive') || '/*.parquet', filename = true, file_row_number = true);

create view lines as from typed_lines('exports');

create table charges as from charges_by_hand('lines');
