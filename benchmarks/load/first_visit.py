"""What a browser downloads on its first visit, and what a class downloads together.

    python -m benchmarks.load.first_visit

Opens the page Train in a browser that has nothing of it yet: from one server process alone, and through nginx, which
compresses. It prints a table: the megabytes until the page stands, and those of a class of 30.
"""

from playwright.sync_api import Browser

from tests.browser.app import chromium, new_page, running_app, settle

CLASS = 30


def downloaded(browser: Browser, address: str) -> tuple[float, float]:
    """The MB of all files, and those of the websocket, until the page stands."""
    page = new_page(browser)
    watch = page.context.new_cdp_session(page)
    sizes = {"files": 0, "websocket": 0}

    def add(kind: str, size: int) -> None:
        sizes[kind] += size

    watch.send("Network.enable")
    watch.on("Network.loadingFinished", lambda event: add("files", event["encodedDataLength"]))
    watch.on(
        "Network.webSocketFrameReceived",
        lambda event: add("websocket", len(event["response"]["payloadData"]) * 3 // 4),  # binary frames come in base64
    )
    page.goto(address)
    settle(page)
    page.wait_for_timeout(2000)
    page.close()
    return sizes["files"] / 2**20, sizes["websocket"] / 2**20


def main() -> None:
    """Print a row for one process alone and one for nginx."""
    print(f"| | files, MB | websocket, MB | a class of {CLASS}, MB |\n|---|---|---|---|")
    for name, servers in (("one process alone", 0), ("through nginx, compressed", 2)):
        with running_app(servers=servers) as address, chromium() as browser:
            files, websocket = downloaded(browser, address)
        print(f"| {name} | {files:.2f} | {websocket:.2f} | {CLASS * (files + websocket):.0f} |", flush=True)


if __name__ == "__main__":
    main()
