"""The plain color behind a maker's name for it, and how it is drawn."""

from functools import cache

# Words that hint at a color when a name has no plain color in it, as in "Ice Cap".
HINTS = (
    ("White", "ice snow pearl alpine polar glacier oxford cream"),
    ("Black", "ebony onyx midnight raven phantom obsidian jet caviar"),
    ("Gray", "grey gun granite magnet meteor graphite underground sting ash slate titan lunar"),
    ("Silver", "billet steel platinum lucid moon"),
    ("Blue", "lakeshore navy sea ocean sky aqua indigo"),
    ("Red", "burgundy ruby crimson maroon scarlet garnet cherry lava flame"),
    ("Green", "army forest olive sage moss emerald cypress"),
    ("Brown", "bronze mocha espresso java copper terra"),
    ("Beige", "tan sand khaki champagne quicksand desert"),
    ("Orange", "sunset inferno"),
    ("Yellow", "hellayella lemon"),
    ("Purple", "violet plum amethyst"),
)
HEX = {
    "White": "#f1f2ef",
    "Black": "#23262b",
    "Gray": "#7b8087",
    "Silver": "#bcc1c6",
    "Blue": "#2f5d9b",
    "Red": "#a3242c",
    "Green": "#3f6049",
    "Brown": "#6b4b35",
    "Beige": "#c9b896",
    "Gold": "#b9964b",
    "Orange": "#d2691e",
    "Yellow": "#e3c02c",
    "Purple": "#5c3d7a",
    "Other": "#8d99a6",
}


@cache
def family(name: str) -> str:
    """The plain color of a paint, "Other" if its name does not tell."""
    words = name.split()
    for word in words:
        if word.capitalize() in HEX:
            return word.capitalize()
    for color, hints in HINTS:
        if any(word.lower().startswith(tuple(hints.split())) for word in words):
            return color
    return "Other"
