"""The pages that clients open first, in Chromium on a slow phone: weight, requests, and when they can be used.

Chromium is told over its own protocol to be a phone on slow 4G (1.6 Mbit/s, 150 ms) with a processor four times
slower than this one; every page is opened cold. `bare` is an empty page in the same base template, so that the
ratios say what a page itself costs; sent on once, as the link of an appointment is, it says what that costs."""

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench._rounds import verdict

ROOT = Path(__file__).parent.parent
ROUNDS = 3
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 204_800, "uploadThroughput": 96_000}
SLOWER = 4
PHONE = {"width": 390, "height": 844}
MOST_BYTES, MOST_MS = 60_000, 1_000
HOW = """\
Chromium, 390 px, slow 4G (1.6 Mbit/s, 150 ms), processor {slower} times slower, cold cache, {rounds}
rounds, medians; the web server runs on the same machine. kB are 1,000 bytes over the wire, headers
included. Links and forms work from the first paint (FCP) on, for no page needs a script; it is interactive
in the strict sense when its scripts have run too and no long task is left. Who opens the link of an
appointment is sent on once first. {load:.1f} processes were running on {cores} cores.
"""
WATCH = """
window.seen = {lcp: 0, cls: 0, tasks: []};
new PerformanceObserver(list => { for (const one of list.getEntries()) seen.lcp = one.startTime })
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver(list => { for (const one of list.getEntries()) if (!one.hadRecentInput) seen.cls += one.value })
  .observe({type: "layout-shift", buffered: true});
new PerformanceObserver(list => { for (const one of list.getEntries()) seen.tasks.push([one.startTime, one.duration]) })
  .observe({type: "longtask", buffered: true});
"""
READ = """() => {
  const there = performance.getEntriesByType("navigation")[0];
  const fcp = performance.getEntriesByName("first-contentful-paint")[0];
  return {...seen, fcp: fcp ? fcp.startTime : 0, ttfb: there.responseStart, ready: there.domContentLoadedEventEnd};
}"""
FIND = """
from booking.models import Appointment, Service
from booking import tokens
service = Service.objects.filter(hidden=False, price__gt=0).select_related("provider").first()
stands = Appointment.objects.filter(status="confirmed").latest("starts_at")
print("FOUND", service.provider.slug, service.slug, tokens.manage_path(stands))
"""


@contextlib.contextmanager
def product(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The product with its demo, as in production short of TLS."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    said = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    said |= {"DEBUG": "true", "PORT": str(port), "BASE_URL": url, "VAR_DIR": str(folder / "var")}
    said |= {"DJANGO_SETTINGS_MODULE": "bench._settings", "LIMITS_EXEMPT": "127.0.0.0/8", "DATABASE_URL": ""}
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "config.run"], cwd=ROOT, env=said, stdout=log, stderr=log
        )
    try:
        _wait(f"{url}/bare/", running)
        yield url, said
    finally:
        running.terminate()
        running.wait(timeout=60)


def _wait(url: str, running: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        if running.poll() is not None:
            break
        time.sleep(0.5)
    sys.exit("the product did not start")


def addresses(environment: dict[str, str]) -> dict[str, str]:
    command = [sys.executable, "manage.py", "shell", "-c", FIND]
    run = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    provider, service, manage = run.stdout.split("FOUND ")[1].split()
    return {
        "bare": "/bare/",
        "bare, sent on": "/bare/on/",
        "provider": f"/{provider}/",
        "service": f"/{provider}/{service}/",
        "filled month": f"/{provider}/{service}/?mode=video&tz=America/New_York",
        "manage": manage,
        "embed": f"/{provider}/embed/",
    }


def opened(browser: Any, url: str) -> dict[str, Any]:
    """One cold open: what went over the wire and when the page stood."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.add_init_script(WATCH)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", SLOW_4G)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    kinds: dict[str, str] = {}
    hosts: set[str] = set()
    weight: Counter[str] = Counter()

    def answered(said: dict[str, Any]) -> None:
        kinds[said["requestId"]] = said["type"]
        hosts.add(urlsplit(said["response"]["url"]).netloc)

    def finished(said: dict[str, Any]) -> None:
        weight[kinds.get(said["requestId"], "Other")] += int(said["encodedDataLength"])

    wire.on("Network.responseReceived", answered)
    wire.on("Network.loadingFinished", finished)
    page.goto(url, wait_until="networkidle")
    page.wait_for_timeout(500)
    seen = page.evaluate(READ)
    context.close()
    ends = [start + length for start, length in seen["tasks"]]
    blocked = sum(length - 50 for start, length in seen["tasks"] if start + length > seen["fcp"])
    outside = {host for host in hosts if host and host != urlsplit(url).netloc}
    return {
        "requests": len(kinds),
        "weight": weight,
        "outside": outside,
        "ttfb": seen["ttfb"],
        "fcp": seen["fcp"],
        "lcp": seen["lcp"],
        "cls": seen["cls"],
        "tti": max([seen["fcp"], seen["ready"], *ends]),
        "blocked": blocked,
    }


def middle(runs: list[dict[str, Any]], name: str) -> float:
    return statistics.median(run[name] for run in runs)


def light(run: dict[str, Any]) -> int:
    """Bytes over the wire without fonts."""
    return sum(size for kind, size in run["weight"].items() if kind != "Font")


def report(seen: dict[str, list[dict[str, Any]]]) -> None:
    print("## Pages on a slow phone\n")
    print(HOW.format(slower=SLOWER, rounds=ROUNDS, load=os.getloadavg()[0], cores=os.cpu_count()))
    print(
        "| | requests | page | style | script | rest | fonts | **without fonts** | first byte | FCP | LCP | CLS"
        " | interactive | blocked | / bare |"
    )
    print("|" + " --- |" * 15)
    bare = middle(seen["bare"], "tti")
    for name, runs in seen.items():
        print(row(name, runs, bare))
    print("\n| | measured | goal | |\n| --- | --- | --- | --- |")
    goals(seen)


def row(name: str, runs: list[dict[str, Any]], bare: float) -> str:
    """A page: what was loaded, and when it could be used."""
    size = runs[0]["weight"]
    rest = light(runs[0]) - size["Document"] - size["Stylesheet"] - size["Script"]
    sizes = [size["Document"], size["Stylesheet"], size["Script"], rest, size["Font"], light(runs[0])]
    times = [f"{middle(runs, one):.0f} ms" for one in ("ttfb", "fcp", "lcp")]
    return (
        f"| {name} | {runs[0]['requests']} | "
        + " | ".join(f"{one / 1000:.1f}" for one in sizes)
        + f" | {' | '.join(times)} | {middle(runs, 'cls'):.3f} | {middle(runs, 'tti'):.0f} ms"
        + f" | {middle(runs, 'blocked'):.0f} ms | {middle(runs, 'tti') / bare:.2f} |"
    )


def goals(seen: dict[str, list[dict[str, Any]]]) -> None:
    heaviest = max(light(runs[0]) for runs in seen.values())
    slowest, painted, shift = (
        max(middle(runs, one) for runs in seen.values()) for one in ("tti", "fcp", "cls")
    )
    outside = {host for runs in seen.values() for run in runs for host in run["outside"]}
    print(
        f"| heaviest page without fonts | {heaviest / 1000:.1f} kB | <= 60 | {verdict(heaviest, MOST_BYTES)} |"
    )
    print(f"| slowest first paint | {painted:.0f} ms | <= 1,000 | {verdict(painted, MOST_MS)} |")
    print(f"| slowest to be interactive | {slowest:.0f} ms | <= 1,000 | {verdict(slowest, MOST_MS)} |")
    print(f"| largest layout shift | {shift:.3f} | <= 0.1 | {verdict(shift, 0.1)} |")
    print(f"| other hosts contacted | {len(outside)} | 0 | {verdict(len(outside), 0)} |")


def main() -> None:
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("## Pages on a slow phone\n\nLeft out: there is no chromium on this machine.")
        return
    with tempfile.TemporaryDirectory() as folder, product(Path(folder)) as (url, environment):
        paths = addresses(environment)
        with sync_playwright() as playwright:
            flags = ["--no-sandbox", "--disable-gpu"]
            browser = playwright.chromium.launch(executable_path=chromium, args=flags)
            for path in paths.values():  # the first open of a page in a process compiles its template
                urllib.request.urlopen(url + path, timeout=30).read()
            seen: dict[str, list[dict[str, Any]]] = {name: [] for name in paths}
            for _round in range(ROUNDS):
                for name, path in paths.items():
                    seen[name].append(opened(browser, url + path))
            browser.close()
    report(seen)


if __name__ == "__main__":
    main()
