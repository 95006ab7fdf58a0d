import os
import socket
from pathlib import Path

import pytest

from stack import sockets
from stack.process import StartError


def test_a_socket_is_beside_its_data_when_its_path_fits(tmp_path):
    name = "s"
    fits = Path("/") / ("x" * (sockets.LONGEST - len("//s")))
    assert len(os.fsencode(fits / name)) == sockets.LONGEST
    assert sockets.place(fits, name) == (fits, None)
    place, temporary = sockets.place(Path(f"{fits}x"), name)
    assert place == temporary
    assert len(os.fsencode(place / name)) <= sockets.LONGEST
    assert sockets.place(Path(f"{fits}x"), name) == (place, temporary)
    assert sockets.place(Path(f"{fits}y"), name)[0] != place


def test_length_is_counted_in_bytes():
    folder = Path("/") / ("ü" * 60)
    assert sockets.place(folder, "s")[1] is not None


def test_a_comma_cannot_be_in_the_way_to_a_socket():
    assert sockets.place(Path("/a,b"), "s")[1] is not None


def test_a_taken_port_is_told_with_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"Port {port} is taken .* SHOWROOM_PORT="):
            sockets.check_free("127.0.0.1", port)
    sockets.check_free("127.0.0.1", port)


def test_an_address_of_another_machine_is_told():
    with pytest.raises(StartError, match="set SHOWROOM_HOST"):
        sockets.check_free("203.0.113.7", 8000)


def test_a_steady_port_stays_until_somebody_else_has_it(tmp_path):
    path = tmp_path / "market" / "port"
    port = sockets.steady_port(path)
    assert sockets.steady_port(path) == port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        other = sockets.steady_port(path)
    assert other != port
    assert sockets.steady_port(path) == other
