"""The built site in a real browser: what the tests that look at it share."""

import gzip
import http.server
import os
import shutil
import threading
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other machine is there
)
HOW = (
    "no Chromium found: install it (Debian: apt install chromium-headless-shell, or chromium) "
    "or set CHROMIUM to its path"
)


@pytest.fixture(scope="session")
def browser():
    names = "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(HOW)
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -e .[dev]")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the site as hosts do: text compressed."""

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.suffix not in {".html", ".css", ".js"} or not path.exists():
            return super().do_GET()
        body = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def origins(site):
    """Where the site is opened from: a server on this machine, and the disk."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {"http": f"http://127.0.0.1:{server.server_port}", "file": site.as_uri()}
    server.shutdown()


@contextmanager
def new_page(browser, origins, **options):
    context = browser.new_context(**options)
    context.set_default_timeout(15_000)
    page, allowed = context.new_page(), (*origins.values(), "data:", "blob:")
    page.outside, page.errors = [], []

    def look_at(response):  # what a script asks for anew is axe's, which reads the style sheets
        if response.status >= 400 and response.request.resource_type != "xhr":
            page.errors.append(f"{response.status} {response.url}")

    context.on("request", lambda r: r.url.startswith(allowed) or page.outside.append(r.url))
    context.on("response", look_at)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    try:
        yield page
    finally:
        context.close()
