from rich.markup import escape

from stack.showing import print_table, table


def shown(made, capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    print_table(made, "There is none.")
    return capsys.readouterr().out


def test_a_narrow_terminal_cuts_no_cell(capsys, monkeypatch):
    made = table("run", "source", "items", "why", numbers=("items",), folded=("why",))
    made.add_row("1", escape("a[1]-long-name"), "12,345,678", "it is too far away " * 3)
    for columns in (20, 40, 60, 200):
        text = shown(made, capsys, monkeypatch, columns)
        row = text.splitlines()[1].split()
        assert row[:3] == ["1", "a[1]-long-name", "12,345,678"], columns
        assert "".join(text.split()).count("away") == 3


def test_a_table_without_rows_is_a_sentence(capsys, monkeypatch):
    assert shown(table("run"), capsys, monkeypatch, 80) == "There is none.\n"
