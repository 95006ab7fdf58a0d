"""`make chaos`: writers write, everything else is broken, and then the index is compared.

    python -m tests.chaos --rounds 20 --seed 7

A round is writers (`writers`) beside acts of violence (`violence`), then a wait until nothing is on
its way any more (`settling`), then a look at every document (`comparison`).
"""
