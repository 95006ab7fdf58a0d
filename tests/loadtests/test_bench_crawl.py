from loadtests.bench_crawl import bar


def test_what_is_no_terminal_gets_no_progress(capfd):
    with bar(12_000) as show:
        for items in (1, 6_000, 12_000):
            show(items)
    assert capfd.readouterr() == ("", "")


def test_a_terminal_sees_how_far_it_is(capfd, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with bar(12_000) as show:
        show(6_000)
    assert "6,000 of 12,000 cars" in capfd.readouterr().err


def test_a_script_gets_no_progress_on_a_terminal_either(capfd, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with bar(12_000, quiet=True) as show:
        show(6_000)
    assert capfd.readouterr() == ("", "")
