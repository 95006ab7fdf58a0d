"""What can be searched: every vertical there is, by name."""

from catalog.cars import CARS
from catalog.vertical import Vertical

VERTICALS: dict[str, Vertical] = {CARS.name: CARS}
