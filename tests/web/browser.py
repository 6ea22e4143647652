# SPDX-License-Identifier: MIT
"""A headless Chromium by chromedriver's WebDriver protocol, with nothing but the standard library."""
import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--disable-default-apps", "--disable-domain-reliability", "--no-pings",
           "--disable-dev-shm-usage", "--hide-scrollbars"]
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Left": "\ue012", "Right": "\ue014", "Home": "\ue011",
        "End": "\ue010", "Tab": "\ue004", "Shift": "\ue008"}
BOUND = 240  # seconds before something that should happen counts as not happening
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class BrowserError(Exception):
    pass


def programs():
    """Where chromium and chromedriver are; None where one is missing."""
    found = [shutil.which(name) for name in ("chromium", "chromedriver")]
    return found if all(found) else None


class Browser:
    def __init__(self, width=1280, height=800, scheme="light"):
        chromium, chromedriver = programs()
        self.profile = tempfile.mkdtemp(prefix="lockshim-web-")
        self.driver = subprocess.Popen([chromedriver, "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True,
                                       env={**os.environ, "HOME": self.profile})
        self.session = None
        try:
            self.base = f"http://127.0.0.1:{self.port()}"
            self.begin(chromium)
            self.resize(width, height, scheme)
        except BaseException:
            self.close()
            raise

    def port(self):
        """As it says on its standard output, once it listens."""
        for line in self.driver.stdout:
            if match := re.search(r"started successfully on port (\d+)", line):
                return match[1]
        raise BrowserError("chromedriver did not start")

    def begin(self, chromium):
        answer = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "timeouts": {"script": BOUND * 1000, "pageLoad": BOUND * 1000},
            "goog:chromeOptions": {"binary": chromium, "args": OPTIONS + [f"--user-data-dir={self.profile}"]},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}})
        self.session = answer["sessionId"]

    def ask(self, method, path, body=None):
        path = f"/session/{self.session}{path}" if self.session else path
        request = urllib.request.Request(self.base + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=BOUND + 60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise BrowserError(json.load(error)["value"]["message"]) from None

    def tell(self, command, **parameters):
        """A command of Chromium's own."""
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def resize(self, width, height, scheme="light"):
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        self.tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, file):
        self.ask("POST", "/url", {"url": "file://" + os.path.abspath(file)})
        self.settle()

    def run(self, script, *arguments):
        return self.ask("POST", "/execute/sync", {"script": script, "args": arguments})

    def run_until(self, script):
        """Until SCRIPT calls its argument; what it gives is the answer."""
        return self.ask("POST", "/execute/async", {"script": script, "args": []})

    def settle(self):
        """Until what was asked for is drawn: after two frames, since a change asks for the next one."""
        self.run_until("const done = arguments[0];"
                       "requestAnimationFrame(() => requestAnimationFrame(() => done()))")

    def act(self, *sources):
        self.ask("POST", "/actions", {"actions": list(sources)})
        self.ask("DELETE", "/actions")
        self.settle()

    def click(self, x, y, times=1):
        press = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self.act(self.pointer([self.move(x, y)] + press * times))

    def hover(self, x, y):
        self.act(self.pointer([self.move(x, y)]))

    def drag(self, x, y, to_x, to_y):
        self.act(self.pointer([self.move(x, y), {"type": "pointerDown", "button": 0},
                               self.move((x + to_x) / 2, (y + to_y) / 2, 50), self.move(to_x, to_y, 50),
                               {"type": "pointerUp", "button": 0}]))

    def pinch(self, x, y, reach, to_reach):
        """Two fingers, as far to both sides."""
        self.act(*({"type": "pointer", "id": f"finger {side}", "parameters": {"pointerType": "touch"}, "actions": [
            self.move(x + side * reach, y), {"type": "pointerDown", "button": 0},
            self.move(x + side * to_reach, y, 100), {"type": "pointerUp", "button": 0}]} for side in (-1, 1)))

    @staticmethod
    def move(x, y, duration=0):
        return {"type": "pointerMove", "x": round(x), "y": round(y), "duration": duration}

    @staticmethod
    def pointer(actions):
        return {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": actions}

    def wheel(self, x, y, delta):
        self.act({"type": "wheel", "id": "wheel", "actions": [
            {"type": "scroll", "x": round(x), "y": round(y), "deltaX": 0, "deltaY": delta, "duration": 0}]})

    def keys(self, *keys):
        """Real key strokes to what has the focus."""
        strokes = []
        for key in keys:
            value = KEYS.get(key, key)
            strokes += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.act({"type": "key", "id": "keys", "actions": strokes})

    def element(self, selector):
        found = self.ask("POST", "/element", {"using": "css selector", "value": selector})
        return "/element/" + found[ELEMENT]

    def press(self, selector):
        self.ask("POST", self.element(selector) + "/click", {})
        self.settle()

    def type(self, selector, text):
        element = self.element(selector)
        self.ask("POST", element + "/clear", {})
        self.ask("POST", element + "/value", {"text": text})
        self.settle()

    def log(self, kind):
        return self.ask("POST", "/se/log", {"type": kind})

    def screenshot(self, file):
        with open(file, "wb") as to:
            to.write(base64.b64decode(self.ask("GET", "/screenshot")))

    def close(self):
        try:
            if self.session:
                self.ask("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.driver.stdout.close()
            for _ in range(50):  # its processes write there until the last of them is gone
                shutil.rmtree(self.profile, ignore_errors=True)
                if not os.path.exists(self.profile):
                    return
                time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
