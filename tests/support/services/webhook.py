"""A webhook on loopback that takes what is posted, as a test says."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH_AND_QUERY = "/services/T000/B000/s3cret?token=k3y"


class Webhook:
    """A server that answers each post with the next of some statuses, the last again and again."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses or (200,))
        self.posted: list[Any] = []
        """The documents that it took with a status of success."""
        self.asked: list[dict[str, str]] = []
        """Headers of all posts."""
        self.body = b"ok"
        self.headers: dict[str, str] = {}
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                webhook.asked.append(dict(self.headers))
                left = webhook.statuses
                status = left.pop(0) if len(left) > 1 else left[0]
                if self.path == PATH_AND_QUERY and 200 <= status < 300:
                    webhook.posted.append(json.loads(sent))
                self.send_response(status)
                for name, value in webhook.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(webhook.body)))
                self.end_headers()
                self.wfile.write(webhook.body)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self._http.server_port}"
        self.url = f"http://{self.place}{PATH_AND_QUERY}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
