"""The site on a real port: uvicorn in a thread of the test process. Django's own live server speaks WSGI only."""

import socket
import threading
import time

import uvicorn


class LiveSite:
    """The ASGI application of the project on a free loopback port, or the one given; `url` has no slash at its end."""

    def __init__(self, port: int = 0) -> None:
        # Named TCP: else asyncio leaves Nagle's delay on and every answer takes 40 ms.
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            "bookinghub.asgi:application",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}, name="live site", daemon=True
        )

    def start(self) -> None:
        self._thread.start()
        deadline = time.monotonic() + 120
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the live site did not start")
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(60)
        self._listener.close()


class _Server(uvicorn.Server):
    """Ends the live streams when it stops, as the embedded run does."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        from bookings.live.feed import send_all_away  # Models can be loaded only once there are settings.

        send_all_away()
        await super().shutdown(sockets=sockets)
