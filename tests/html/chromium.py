"""Headless Chromium, driven over a pair of pipes by the DevTools protocol; the standard library only.

A Page collects what a test wants to know: requests, messages of the console, errors of scripts, violations of the
Content-Security-Policy. Nothing here sleeps: each call waits for an answer or an event of the browser, at most TIMEOUT
seconds.
"""
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

TIMEOUT = 180  # a guard against a browser that hangs, no assertion


def find():
    """The browser's program; None: there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Browser:
    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="page_test.")
        read_theirs, self.write = os.pipe()
        self.read, write_theirs = os.pipe()

        def pipes():  # the browser reads from descriptor 3 and writes to 4
            for ours, theirs in ((os.dup(read_theirs), 3), (os.dup(write_theirs), 4)):
                os.dup2(ours, theirs)

        flags = ["--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
                 "--disable-dev-shm-usage", "--disable-background-networking", "--no-proxy-server",
                 "--force-device-scale-factor=1", f"--user-data-dir={self.folder}",
                 "--disable-ipc-flooding-protection"]  # a test visits more steps a second than a reader
        if os.geteuid() == 0:
            flags.append("--no-sandbox")  # Chromium's sandbox refuses root
        self.log = open(os.path.join(self.folder, "log"), "w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen([program, *flags, "about:blank"], preexec_fn=pipes, close_fds=False,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        os.close(read_theirs)
        os.close(write_theirs)
        self.buffer = b""
        self.number = 0
        self.answers = {}
        self.pages = {}

    def close(self):
        os.close(self.write)  # ends the browser
        try:
            self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.read)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pump(self, deadline):
        """Reads one piece of what the browser sends."""
        ready, _, _ = select.select([self.read], [], [], max(0, deadline - time.monotonic()))
        piece = os.read(self.read, 1 << 20) if ready else b""
        if not piece:
            self.log.seek(0)
            raise RuntimeError(f"the browser does not answer: {self.log.read()[-500:]}")
        self.buffer += piece
        *messages, self.buffer = self.buffer.split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self.answers[message["id"]] = message
            elif message.get("sessionId") in self.pages:
                self.pages[message["sessionId"]].events.append(message)

    def wait(self, condition):
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            self.pump(deadline)

    def call(self, method, parameters=None, session=None):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters or {}}
        if session:
            message["sessionId"] = session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        number = self.number
        self.wait(lambda: number in self.answers)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, url, width=1280, height=800, scheme="dark"):
        return Page(self, url, width, height, scheme)


class Page:
    def __init__(self, browser, url, width, height, scheme):
        self.browser, self.events = browser, []
        target = browser.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.target = target
        self.session = browser.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        browser.pages[self.session] = self
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride",
                  {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.media("", scheme)
        self.go(url)

    def call(self, method, parameters=None):
        return self.browser.call(method, parameters, self.session)

    def media(self, media, scheme="dark"):
        self.call("Emulation.setEmulatedMedia", {"media": media, "features": [
            {"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]})

    def go(self, url):
        self.events.clear()
        self.call("Page.navigate", {"url": url})
        self.browser.wait(lambda: any(e["method"] == "Page.loadEventFired" for e in self.events))

    def run(self, script):
        """The value of an expression; an error of the script is raised."""
        result = self.call("Runtime.evaluate", {"expression": script, "returnByValue": True, "awaitPromise": True})
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def key(self, key):
        code = {"ArrowRight": 39, "ArrowLeft": 37, "PageDown": 34, "PageUp": 33, "Home": 36, "End": 35, "Tab": 9,
                "Enter": 13, " ": 32}[key]
        text = {"Enter": "\r", " ": " "}.get(key, "")
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code,
                                                 "text": text if kind == "keyDown" else ""})

    def click(self, selector):
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)}).innerText")

    def requests(self):
        return [e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"]

    def complaints(self):
        """What the browser reports: console, errors, policy."""
        reports = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [e for e in self.events if e["method"] in reports]

    def picture(self, path, whole=False):
        import base64
        data = self.call("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        if self.browser.pages.pop(self.session, None):
            self.browser.call("Target.closeTarget", {"targetId": self.target})
