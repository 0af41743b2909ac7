"""The site on a real port: uvicorn in a thread of the test process. Django's own live server speaks WSGI only."""

import socket
import threading
import time

import uvicorn


class LiveSite:
    """The ASGI application of the project on a free loopback port; `url` has no slash at its end."""

    def __init__(self) -> None:
        # Named TCP: else asyncio leaves Nagle's delay on and every answer takes 40 ms.
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        config = uvicorn.Config(
            "bookinghub.asgi:application",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
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
