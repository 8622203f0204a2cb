"""A real S3 server on this machine, and a relay before it: counts requests, plays trouble."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from functools import cache
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
from moto.server import ThreadedMotoServer

STALL = "stall"
HOP = {"connection", "date", "keep-alive", "server", "transfer-encoding"}
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


class Relay(ThreadingHTTPServer):
    """Passes requests on to the server. `faults` are used up first, one a request.

    A fault is a status with the store's error code, as (503, "SlowDown"); STALL is no answer, None
    no fault.
    `requests` are those that came, as "GET /bucket/key".
    """

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.faults: deque[tuple[int, str] | str | None] = deque()
        self.requests: list[str] = []
        self.stall_seconds = 3.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Relay

    def log_message(self, *args: object) -> None:
        """Tests read `requests`, not stderr."""

    def _answer(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        fault = self.server.faults.popleft() if self.server.faults else None
        if fault == STALL:
            time.sleep(self.server.stall_seconds)
            self.close_connection = True
        elif fault:
            status, code = fault
            self._send(int(status), {}, f"<Error><Code>{code}</Code></Error>".encode())
        else:
            connection = HTTPConnection(self.server.upstream)
            connection.request(self.command, self.path, headers=dict(self.headers.items()))
            answer = connection.getresponse()
            self._send(answer.status, dict(answer.getheaders()), answer.read())
            connection.close()

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        headers = {k: v for k, v in headers.items() if k.lower() not in HOP}
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = _answer


class Buckets:
    """The S3 server with its relay; `environment` makes clients go through the relay."""

    def __init__(self) -> None:
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        host, port = self.server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        self.relay = Relay(f"{host}:{port}")
        threading.Thread(target=self.relay.serve_forever, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        return KEYS | {"AWS_ENDPOINT_URL": self.relay.url, "AWS_REGION": "us-east-1"}

    def client(self, service: str) -> Any:
        return _client(service, self.url)

    def put(self, bucket: str, key: str, data: bytes) -> None:
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=data)

    def upload(self, folder: Path, bucket: str, prefix: str) -> None:
        """Every file below a folder, under its path."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                key = f"{prefix}/{path.relative_to(folder).as_posix()}"
                self.put(bucket, key, path.read_bytes())

    def user(self, *buckets: str) -> dict[str, str]:
        """Credentials of a new user who may read these buckets; from now on the server asks."""
        iam, name = self.client("iam"), f"reader-of-{'-'.join(buckets)}"
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        names = [f"arn:aws:s3:::{bucket}{end}" for bucket in buckets for end in ("", "/*")]
        allowed = {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"]}
        policy = {"Version": "2012-10-17", "Statement": [allowed | {"Resource": names}]}
        iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=json.dumps(policy))
        self._ask_for_credentials(True)
        return {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }

    def _ask_for_credentials(self, is_asked: bool) -> None:
        self._post("reset-auth", b"0" if is_asked else b"inf")

    def _post(self, action: str, data: bytes = b"") -> None:
        headers = {"Content-Type": "text/plain"}
        request = Request(f"{self.url}/moto-api/{action}", data, headers, method="POST")
        with urlopen(request) as answer:
            answer.read()

    def reset(self) -> None:
        """Forget everything: objects, users, requests, faults."""
        self._ask_for_credentials(False)
        self._post("reset")
        self.relay.requests.clear()
        self.relay.faults.clear()

    def stop(self) -> None:
        self.relay.shutdown()
        self.relay.server_close()
        self.server.stop()


@cache
def _client(service: str, url: str) -> Any:
    keys = {name.lower(): value for name, value in KEYS.items()}
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", **keys)
