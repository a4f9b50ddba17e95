"""Measure the playground in a browser: how soon a changed slider, and many seeds, are shown.

    python benchmarks/browser.py            prints the rows; exits with 1 above a limit
    python benchmarks/browser.py --json F   also writes them to F

Needs Chromium and playwright. A frame is measured from its first line of script to its painting.
"""

import argparse
import itertools
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
sys.path[:0] = [str(Path(__file__).parent), str(DOCS / "_ext")]

from run import Row

CHANGES = """async ({ name, batch, count, seed }) => {
  const root = document.querySelector(".playground");
  const input = root.querySelector(`input[type=range][data-key=${name}]`);
  d2lPlayground.all[0].load(`method=momentum&batch=${batch}&seed=${seed}`);
  await new Promise((done) => setTimeout(done, 500));
  const { port1, port2 } = new MessageChannel();
  const frames = [];
  for (let i = 0; i < count; i++) {
    frames.push(await new Promise((done) => {
      let begin, handled;
      port1.onmessage = () => done(handled + performance.now() - begin);
      requestAnimationFrame(() => {
        begin = performance.now();
        port2.postMessage(null); // arrives when this frame has been painted
      });
      const before = performance.now();
      input.value = (41 * i) % (Number(input.max) + 1);
      input.dispatchEvent(new Event("input", { bubbles: true }));
      handled = performance.now() - before;
    }));
  }
  return frames;
}"""

SEEDS = """async (seed) => {
  const root = document.querySelector(".playground");
  const line = root.querySelector("[data-role=line-loss]");
  d2lPlayground.all[0].load(`seed=${seed}`);
  await new Promise((done) => setTimeout(done, 500));
  const frames = [];
  const begin = performance.now();
  root.querySelector("input[value='1000']").click();
  let last = begin;
  while (!line.textContent.includes(" 1000 ")) {
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - last);
    last = performance.now();
  }
  return { seconds: (last - begin) / 1000, longest: Math.max(...frames.slice(1)) };
}"""


def page(folder: Path) -> Path:
    """The playground alone on a page, as its directive makes it."""
    import jinja2
    import playground
    from playground_data import write_data

    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(DOCS / "_templates"))
    found = {"id": "it", "state": "", "page": "", "tasks": [], **playground.parts(None)}
    data = folder / "data.js"
    write_data(data)
    static = DOCS / "_static" / "playground"
    names = [name for name in playground.SCRIPTS if name != "data"]
    scripts = [data, *(static / f"{name}.js" for name in names)]
    html = folder / "index.html"
    html.write_text(
        f'<!doctype html><meta charset="utf-8"><link rel="stylesheet" '
        f'href="{(static / "playground.css").as_uri()}">'
        f"<body>{templates.get_template('playground.html').render(found)}"
        + "".join(f'<script defer src="{script.as_uri()}"></script>' for script in scripts),
        "utf-8",
    )
    return html


def measure(browser, url: str, count: int) -> list[Row]:
    view = browser.new_page(viewport={"width": 1280, "height": 900})
    view.goto(url)
    seeds = itertools.count()  # what the page has computed once it remembers

    def slowest(batch: int) -> float:
        """The 95th percentile of frames, in milliseconds, at two epochs: the best of three rounds,
        since what else runs on the machine only adds to it."""
        return min(one_round(batch) for _ in range(3))

    def one_round(batch: int) -> float:
        frames = []
        for name in "lr", "momentum":
            asked = {"name": name, "batch": batch, "count": count, "seed": next(seeds)}
            frames += view.evaluate(CHANGES, asked)
        return sorted(frames)[int(0.95 * len(frames))]

    one_round(10)  # the first calls are compiled
    many = sorted((view.evaluate(SEEDS, 1000 * i) for i in range(3)), key=lambda f: f["seconds"])[1]
    found = [
        ("play-10", "a slider's new curve, batch 10, p95, ms", slowest(10), 16, 10),
        ("play-1", "a slider's new curve, batch 1, p95, ms", slowest(1), 50, 25),
        ("play-seeds", "1000 seeds, s", many["seconds"], 1.5, 1),
        ("play-frame", "longest frame meanwhile, ms", many["longest"], 50, 33),
    ]
    return [Row(row[0], f"playground: {row[1]}", *row[2:], more_is_better=False) for row in found]


class Unmeasured(Exception):
    """There is no browser, or it does not start."""


def in_browser(count: int) -> list[Row]:
    names = "chromium", "chromium-browser", "google-chrome"
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise Unmeasured("no Chromium was found")
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise Unmeasured("playwright is not installed") from None
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=flags)
        except Error as error:
            raise Unmeasured(str(error).partition("\n")[0]) from None
        rows = measure(browser, page(Path(folder)).as_uri(), count)
        browser.close()
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer changes")
    parser.add_argument("--json", metavar="FILE", help="write the rows there too")
    options = parser.parse_args()
    rows = []
    try:
        rows = in_browser(30 if options.quick else 100)
    except Unmeasured as reason:
        print(f"the playground is not measured: {reason}", file=sys.stderr)
    print(*rows, sep="\n")
    if options.json:
        content = [row.found for row in rows]
        Path(options.json).write_text(json.dumps(content, indent=1) + "\n")
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
