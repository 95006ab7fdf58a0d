from config.settings import ROOT, Settings

HEAD = """\
# Copy to `.env` and change what should differ. What is empty or left out has its default;
# the environment goes before this file.
"""
DEPENDS_ON_THE_MACHINE = {"workers": "", "sources": "sources.yml"}


def expected() -> str:
    """The example file for these settings: each with its help and its default."""
    text = HEAD
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = alias.choices[0] if alias is not None else f"SHOWROOM_{name.upper()}"
        default = DEPENDS_ON_THE_MACHINE.get(name, field.default)
        text += f"\n# {field.description}\n#{variable}={'' if default is None else default}\n"
    return text


def test_the_example_names_every_setting_with_its_help_and_default():
    assert (ROOT / ".env.example").read_text() == expected()
