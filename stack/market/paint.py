"""The plain color behind a maker's name for it, and how it is drawn."""

from functools import cache

# The first word that is found decides, so "Snow White Pearl" is white.
WORDS = (
    ("White", "white ice cap snow pearl alpine polar glacier oxford cream"),
    ("Black", "black ebony onyx midnight raven phantom obsidian jet caviar"),
    (
        "Gray",
        "gray grey gun granite magnet meteor graphite underground sting ash slate titan lunar",
    ),
    ("Silver", "silver billet steel platinum lucid moon"),
    ("Blue", "blue lakeshore navy sea ocean sky aqua indigo"),
    ("Red", "red burgundy ruby crimson maroon scarlet garnet cherry lava flame"),
    ("Green", "green army forest olive sage moss emerald cypress"),
    ("Brown", "brown bronze mocha espresso java copper terra"),
    ("Beige", "beige tan sand khaki champagne quicksand desert"),
    ("Gold", "gold"),
    ("Orange", "orange sunset inferno"),
    ("Yellow", "yellow hellayella lemon"),
    ("Purple", "purple violet plum amethyst"),
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
    lower = name.lower()
    for color, words in WORDS:
        if any(word in lower for word in words.split()):
            return color
    return "Other"
