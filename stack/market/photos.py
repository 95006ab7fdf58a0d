"""Photos, drawn: a car's outline in its color, seen from several sides."""

from stack.market import paint

WIDTH, TOP, BOTTOM = 640, -40, 440  # four by three, as pages show cars: nothing is cut off
GROUND = 300  # where the wheels stand

# Outlines of the body above the wheels, then of the windows, nose to the left.
SHAPES = {
    "Sedan": (
        "M60 262C58 236 76 224 118 218L196 210C232 172 262 158 318 156C384 154 416 168 462 204L548"
        " 214C582 220 590 236 588 264L574 272H74Z",
        "M218 208C244 180 268 172 308 170V208ZM320 170C372 170 400 180 436 206L320 208Z",
    ),
    "SUV": (
        "M58 258C56 222 70 206 112 200L184 192C214 146 240 132 300 130H450C496 132 520 156 538 196"
        "L572 206C586 214 588 240 586 262L574 272H72Z",
        "M206 190C230 156 250 146 296 146V190ZM310 146H390V190H310ZM404 146H446C482 148 500 164"
        " 512 190H404Z",
    ),
    "Truck": (
        "M48 258C46 220 58 204 104 198L176 192C198 150 216 138 258 136H338C356 138 362 148 366 192"
        "H594C600 200 600 240 596 262L584 272H62Z",
        "M196 190C214 160 226 152 258 152V190ZM270 152H334C342 154 346 164 348 190H270Z",
    ),
    "Hatchback": (
        "M78 262C76 234 92 220 130 214L204 206C238 166 266 150 326 148C404 146 444 160 484 204"
        "L540 214C556 222 562 240 560 264L548 272H92Z",
        "M226 204C252 176 272 166 314 164V204ZM328 164C386 162 420 174 454 204H328Z",
    ),
    "Coupe": (
        "M56 262C56 238 78 228 124 222L210 212C252 178 290 164 344 164C402 164 440 184 478 208"
        "L560 220C584 228 588 242 586 264L572 272H72Z",
        "M236 210C268 186 296 178 340 178C384 178 414 192 436 210Z",
    ),
    "Convertible": (
        "M56 262C56 238 78 228 124 222L222 214L258 184L266 186L250 214H470L560 220C584 228 588 242"
        " 586 264L572 272H72Z",
        "M232 212L258 186L262 188L246 212Z",
    ),
    "Wagon": (
        "M58 262C56 236 74 222 116 216L194 208C228 168 256 154 312 152H484C518 154 540 176 556 210"
        "L580 218C588 228 590 242 588 264L574 272H72Z",
        "M214 206C240 176 262 168 304 166V206ZM318 166H402V206H318ZM416 166H480C504 168 518 182"
        " 530 206H416Z",
    ),
    "Minivan": (
        "M56 260C56 226 82 204 128 192L182 178C222 140 256 126 320 124H486C532 126 556 160 570 206"
        "L584 216C590 228 590 244 586 264L572 272H70Z",
        "M196 178C228 150 254 142 304 140V182ZM318 140H404V182H318ZM418 140H482C512 142 528 158"
        " 538 182H418Z",
    ),
    "Van": (
        "M60 260C60 216 84 190 126 172L158 116C166 102 180 96 202 96H556C576 98 584 112 586 140"
        "V262L574 272H72Z",
        "M152 170L174 122C180 114 190 112 204 112H244V172Z",
    ),
}
VANS = {"Passenger Van": "Van", "Cargo Van": "Van"}
SKIES = ("#dfe9f3", "#e9e4da", "#dfe8e1", "#e6e2ee")

# The parts of the picture that the views show: x, y, width, height; then mirrored or not.
VIEWS = (
    (0, TOP, 640, 480, False),
    (0, TOP, 640, 480, True),
    (20, 110, 320, 240, False),
    (310, 110, 320, 240, False),
    (60, 188, 192, 144, False),
    (150, 66, 384, 288, True),
)
WHEEL = (
    '<g transform="translate({x} 268)"><circle r="40" fill="#17191d"/><circle r="24"'
    ' fill="#aeb4bb"/><path d="M-22 0H22M0-22V22M-15-15L15 15M-15 15L15-15" stroke="#6a7078"'
    ' stroke-width="4"/><circle r="6" fill="#3b4046"/></g>'
)


def draw(body: str, exterior: str, number: int) -> bytes:
    """Photo `number` (from 1) of a car with this body style and paint, as SVG."""
    shape, windows = SHAPES.get(VANS.get(body, body), SHAPES["Sedan"])
    color = paint.HEX[paint.family(exterior)]
    x, y, width, height, mirrored = VIEWS[(number - 1) % len(VIEWS)]
    sky = SKIES[(number - 1) // len(VIEWS) % len(SKIES)]
    flip = f' transform="translate({WIDTH} 0) scale(-1 1)"' if mirrored else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x} {y} {width} {height}" width="640"'
        f' height="480" role="img"><rect y="{TOP}" width="640" height="480" fill="{sky}"/>'
        f'<rect y="{GROUND - 12}" width="640" height="{BOTTOM - GROUND + 12}" fill="#b9bec4"/>'
        f'<path d="M0 {GROUND - 12}H640" stroke="#a2a8af" stroke-width="2"/><g{flip}>'
        f'<ellipse cx="322" cy="{GROUND + 8}" rx="280" ry="12" fill="#7d838a" opacity=".6"/>'
        f'<path d="{shape}" fill="{color}" stroke="#30353b" stroke-width="2"/>'
        f'<path d="{windows}" fill="#2c3a48" opacity=".88"/>'
        '<path d="M74 262H574" stroke="#14171c" stroke-opacity=".35" stroke-width="5"/>'
        '<path d="M64 230L96 226L92 240L66 244Z" fill="#fff5cf"/>'
        '<path d="M566 222L584 228L584 246L568 242Z" fill="#b3261e"/>'
        f"{WHEEL.format(x=158)}{WHEEL.format(x=484)}</g></svg>"
    ).encode()
