"""The engine's sentences as clients are told them: with the fields that people see alone."""

import re
from collections.abc import Iterable

from service.instantsearch.passing import is_of

_FIELDS = re.compile(r"(?<= are: `)(?P<names>[-\w.,<>` ]+?)(?=`\.(?:\s|$))")
"""The fields that could have been named instead: "`a, b`." or "`a`, `b`.", as it wrote them.
Nothing is looked through twice, for a sentence also has what the client wrote.
"""

_EXPERIMENT = re.compile(r" requires enabling the `[^`\n]*` experimental feature\.[^\n]*")
"""What could be switched on, which nobody who searches can."""

_SETTINGS = " To make it facet-searchable add it to the `filterableAttributes` index settings."


def in_public_names(message: str, fields: Iterable[str]) -> str:
    """A sentence without the fields that nobody sees; `fields` are those that people do."""
    public = tuple(fields)

    def listed(found: re.Match[str]) -> str:
        between = "`, `" if "`" in found["names"] else ", "
        names = found["names"].split(between)
        return between.join(name for name in names if is_of(name, public))

    message = _FIELDS.sub(listed, message).removesuffix(_SETTINGS)
    return _EXPERIMENT.sub(" is not possible here.", message)
