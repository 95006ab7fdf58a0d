"""Turning the weather by hand, and reading how often and how fast the market was asked."""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from stack.market.control import RefusedError, body_of, guard, number, reply
from stack.market.traffic import Traffic
from stack.market.weather import UnknownWeatherError, Weather

SEEDS = 2**32


def routes(weather: Weather, traffic: Traffic, token: str) -> list[web.RouteDef]:
    """`/_weather` and `/_requests`; only for who has the token."""
    control, guarded = WeatherControl(weather, traffic), guard(token)
    return [
        web.get("/_weather", guarded(control.show)),
        web.post("/_weather", guarded(control.turn)),
        web.get("/_requests", guarded(control.requests)),
        web.delete("/_requests", guarded(control.clear)),
    ]


class WeatherControl:
    """The handlers."""

    def __init__(self, weather: Weather, traffic: Traffic) -> None:
        self.weather, self.traffic = weather, traffic

    async def show(self, _request: web.Request) -> web.Response:
        return reply(self.weather.told())

    async def turn(self, request: web.Request) -> web.Response:
        """{"weather": NAME, "share": 0 to 1, "seed": WHOLE NUMBER}, the last two if wanted."""
        body = await body_of(request)
        share = number(body, "share", 0, 1) if body.get("share") is not None else None
        seed = int(number(body, "seed", 0, SEEDS)) if "seed" in body else 0
        try:
            self.weather.turn(str(body.get("weather")), share, seed)
        except UnknownWeatherError as error:
            raise RefusedError(400, str(error)) from error
        return reply(self.weather.told())

    async def requests(self, _request: web.Request) -> web.Response:
        return reply(self.traffic.told())

    async def clear(self, _request: web.Request) -> web.Response:
        """Begin to count anew."""
        self.traffic.clear()
        return reply(self.traffic.told())


def middleware(weather: Weather, traffic: Traffic) -> Middleware:
    """Counts whoever asks for a page, and answers in the weather that there is."""

    @web.middleware
    async def through(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/_"):
            return await handler(request)
        traffic.arrive(request.path_qs)
        status = None
        try:
            response = await weather.answer(request, handler)
            status = response.status
        finally:
            traffic.leave(status)
        return response

    return through
