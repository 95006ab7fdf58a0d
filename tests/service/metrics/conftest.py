"""What a scrape says, as numbers by name and labels."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

KEY = {"Authorization": "Bearer s3cret"}

UNUSED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Who makes a client for one request need not read all certificates each time."""

Samples = dict[str, float]


def samples(text: str) -> Samples:
    """`name{label="value",…}` → value, labels in their order of names."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f'{name}="{sample.labels[name]}"' for name in sorted(sample.labels))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def scrape(api: httpx.Client | str) -> Samples:
    if isinstance(api, str):
        answer = httpx.get(f"{api}/metrics", headers=KEY, timeout=30, verify=UNUSED)
    else:
        answer = api.get("/metrics", headers=KEY)
    assert answer.status_code == 200, answer.text
    return samples(answer.text)


@pytest.fixture
def execute(postgres_url: str) -> Callable[[str], Any]:
    def run(statement: str) -> Any:
        async def go() -> Any:
            connection = await asyncpg.connect(postgres_url)
            try:
                return await connection.execute(statement)
            finally:
                await connection.close()

        return asyncio.run(go())

    return run
