import psutil
import redis

from stack.valkey import valkey


def test_what_was_written_survives_kill_9_and_nothing_listens_on_tcp(start, tmp_path):
    first = start(valkey(tmp_path / "vk"))
    server = psutil.Process(first._guard.pid).children()[0]
    assert server.net_connections("inet") == []
    with redis.Redis.from_url(first.program.address) as client:
        client.rpush("queue", "one")
    server.kill()
    first._guard.wait(5)
    again = start(valkey(tmp_path / "vk"))
    with redis.Redis.from_url(again.program.address) as client:
        assert client.lrange("queue", 0, -1) == [b"one"]


def test_a_path_too_long_for_a_socket_gets_a_short_one_until_the_end(start, tmp_path):
    process = start(valkey(tmp_path / ("d" * 60) / ("e" * 60)))
    with redis.Redis.from_url(process.program.address) as client:
        assert client.ping()
    process.stop()
    assert not process.program.folder.exists()
