"""Tables: delimiters, quotes, widths, JSON lines."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrapers.feeds.opening import FeedError, open_feed
from scrapers.feeds.tables import OPEN_CHARACTERS, Broken, Record, Table, read_table


def table_of(path: Path, text: str) -> tuple[Table, list[Record]]:
    path.write_text(text, encoding="utf-8", newline="")
    with open_feed(str(path)) as feed:
        table = read_table(feed)
        return table, list(table.records())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cars"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(path: Path, delimiter: str) -> None:
    rows = [["make", "price, or so", "a;b"], ["Kia", "$9,500", ""], ["VW", "x|y", "1;2"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    table, records = table_of(path, out.getvalue())
    assert (table.delimiter, table.columns) == (delimiter, rows[0])
    assert [record.cells for record in records] == rows[1:]


def test_line_numbers_are_where_a_record_begins(path: Path) -> None:
    _, records = table_of(path, 'make,notes\nKia,"one\ntwo\nthree"\n\nVW,x\n')
    assert [(record.line, record.cells) for record in records] == [
        (2, ["Kia", "one\ntwo\nthree"]),
        (6, ["VW", "x"]),
    ]


def test_a_quote_that_is_not_closed_costs_its_own_row(path: Path) -> None:
    rest = [["VW", f"{number:099}"] for number in range(OPEN_CHARACTERS // 100)]
    lines = "".join(",".join(row) + "\n" for row in rest)
    _, records = table_of(path, f'make,notes\nKia,"open\n{lines}Ford,19" wheels\n')
    assert isinstance(records[0], Broken)
    assert (records[0].line, records[0].code) == (2, "row/quote")
    assert [record.cells for record in records[1:]] == [*rest, ["Ford", '19" wheels']]
    assert records[-1].line == len(rest) + 3


def test_an_open_quote_at_the_end_costs_its_own_row(path: Path) -> None:
    _, records = table_of(path, 'make,notes\nKia,"open\nVW,x\n')
    assert [(type(record), record.line) for record in records] == [
        (Broken, 2),
        (type(records[1]), 3),
    ]
    assert records[1].cells == ["VW", "x"]


def test_inches_open_nothing(path: Path) -> None:
    _, records = table_of(path, 'make,notes\nKia,19" wheels\nVW,x\n')
    assert [record.cells for record in records] == [["Kia", '19" wheels'], ["VW", "x"]]


def test_rows_of_another_width_are_broken_and_empty_ones_nothing(path: Path) -> None:
    _, records = table_of(path, "make,model\nKia\nKia,Rio,red\nKia,Rio,,\n,\n\nKia,Rio\n")
    assert [(record.line, isinstance(record, Broken)) for record in records] == [
        (2, True),
        (3, True),
        (4, False),
        (5, False),
        (7, False),
    ]
    assert records[0].cells == ["Kia"]


def test_columns_of_one_name_are_told_apart(path: Path) -> None:
    table, _ = table_of(path, "\ufeffmake, price ,price,price\nKia,1,2,3\n")
    assert table.columns == ["make", "price", "price 2", "price 3"]


def test_excels_own_line_is_skipped(path: Path) -> None:
    table, records = table_of(path, "sep=;\nmake;model\nKia;Rio\n")
    assert (table.columns, len(records)) == (["make", "model"], 1)


def test_json_lines_are_flattened(path: Path) -> None:
    table, records = table_of(
        path,
        '{"a": {"b": 1.5}, "c": [{"u": "x"}, {"u": "y"}], "d": ["p", "q"], "e": true, "f": null}\n'
        '\n{"a": {"b": "2"}, "z": 1}\nno json\n"text"\n',
    )
    assert table.columns == ["a.b", "c[0].u", "c[1].u", "d", "e", "z"]
    assert [(record.line, record.cells) for record in records[:2]] == [
        (1, ["1.5", "x", "y", "p|q", "true", ""]),
        (3, ["2", "", "", "", "", "1"]),
    ]
    assert [(r.line, r.code) for r in records[2:] if isinstance(r, Broken)] == [
        (4, "row/json"),
        (5, "row/json"),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[{"make": "Kia"}]', "one JSON document"),
        ("<rss></rss>", "no element has the parts of a car"),
        (",".join("x" * 3_000), "this is no table of cars"),
        ('"make', "its header: A quotation mark"),
    ],
)
def test_what_is_no_table_is_told(path: Path, text: str, says: str) -> None:
    with pytest.raises(FeedError, match=says):
        table_of(path, text)


cells = st.text(
    alphabet=st.characters(
        exclude_categories=("Cs",), exclude_characters="\x00\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
    ),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8))
def test_what_a_csv_writer_wrote_is_read_back(path: Path, rows: list[tuple[str, str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("make", "model", "notes"), *rows])
    _, records = table_of(path, out.getvalue())
    assert not any(isinstance(record, Broken) for record in records)
    assert [tuple(record.cells) for record in records] == rows
