import logging

from config.log import Formatter


def test_control_characters_are_written_as_escapes() -> None:
    record = logging.LogRecord("a", logging.INFO, "", 1, "red \x1b[31m\r%s\x9b", ("b\x00",), None)
    assert Formatter("%(message)s").format(record) == "red \\x1b[31m\\x0db\\x00\\x9b"


def test_lines_of_a_traceback_stay_lines() -> None:
    record = logging.LogRecord("a", logging.INFO, "", 1, "one\n\ttwo ü", (), None)
    assert Formatter("%(message)s").format(record) == "one\n\ttwo ü"
