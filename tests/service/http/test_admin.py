"""The admin key."""

from types import SimpleNamespace

import pytest

from config.settings import Settings
from service.http.admin import require_key
from service.http.problems import Problem


def asked(key: str | None, **headers: str) -> SimpleNamespace:
    return SimpleNamespace(app=SimpleNamespace(ctx=SimpleNamespace(admin_key=key)), headers=headers)


async def test_the_key_opens():
    await require_key(asked("s3cret", authorization="Bearer s3cret"))
    await require_key(asked("s3cret", authorization="bearer  s3cret "))


@pytest.mark.parametrize(
    "header",
    ["", "s3cret", "Basic s3cret", "Bearer", "Bearer S3cret", "Bearer s3cret2", "Bearer \udcff"],
)
async def test_any_other_is_told_what_to_send(header: str):
    with pytest.raises(Problem) as told:
        await require_key(asked("s3cret", authorization=header))
    assert told.value.status == 401
    assert told.value.headers == {"WWW-Authenticate": 'Bearer realm="showroom"'}


@pytest.mark.parametrize("key", [None, ""])
async def test_without_the_setting_there_is_nothing_and_the_answer_names_it(key: str | None):
    with pytest.raises(Problem, match="SHOWROOM_ADMIN_KEY") as told:
        await require_key(asked(key, authorization="Bearer "))
    assert told.value.status == 404


def test_the_key_is_not_shown():
    assert "s3cret" not in repr(Settings(admin_key="s3cret"))
