"""A real HTTP server in the place of an SMS service: it keeps what it gets and can refuse or be slow."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs


class TextService:
    """``said`` are the texts as (to, text). ``answer(status, code)`` is what the next ones get; ``wait`` is how
    many seconds it takes its time."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.asked = 0
        self.status, self.code, self.wait = 201, 0, 0.0
        service = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                service.asked += 1
                time.sleep(service.wait)
                if service.status < 300:
                    service.said.append((body["To"][0], body["Body"][0]))
                self.send_response(service.status)
                self.end_headers()
                self.wfile.write(json.dumps({"code": service.code, "message": "so it is"}).encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/{{sid}}"

    def answer(self, status: int, code: int = 0) -> None:
        self.status, self.code = status, code

    def __enter__(self) -> "TextService":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
