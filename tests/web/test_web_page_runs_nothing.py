# SPDX-License-Identifier: MIT
"""A name is text and nothing else, and nothing leaves the page."""
import json

from pages import PageTest, main

MARKUP = "/srv/</script><img src=x onerror=globalThis.ran=1>"


class Hostile(PageTest):
    TRACE = "hostile.trace"

    def files(self):
        return {span[4] for span in self.spans()}

    def requests(self):
        messages = [json.loads(entry["message"])["message"] for entry in self.browser.log("performance")]
        return [message["params"]["request"]["url"] for message in messages
                if message["method"] == "Network.requestWillBeSent"]

    def assert_no_markup(self):
        """But for the two scripts that are the page's own."""
        self.assertEqual(2, self.ask("document.querySelectorAll('img, svg, b, script').length"))

    def test_names_are_text(self):
        for span, _ in enumerate(self.spans()):
            self.browser.run("page.choose(arguments[0], true)", span)
            self.browser.settle()
            self.assert_no_markup()
        self.browser.hover(*self.middle(0))
        self.assert_no_markup()
        self.assertIsNone(self.ask("globalThis.ran ?? null"))
        self.assertIn(MARKUP, self.files())
        self.assertIn("<b>bold</b> [10]", self.lanes())
        self.assertIn(MARKUP[-31:], self.text("#files"))

    def test_what_can_not_be_seen_is_shown(self):
        self.assertIn("/srv/\\u{202e}gnp.exe", self.files())
        self.assertIn('/srv/\\xff\\xc0\\xaf\\xed\\xa0\\x80\\u{a}\\u{9}"\\<!--', self.files())

    def test_nothing_is_asked_of_a_network(self):
        self.requests()
        self.browser.open(self.file)
        self.browser.press("#in")
        self.assertEqual([], self.ask("performance.getEntriesByType('resource').map((entry) => entry.name)"))
        urls = self.requests()
        self.assertIn(f"file://{self.file}", urls)
        self.assertEqual([], [url for url in urls if not url.startswith(("file:", "data:"))])


class Forbidden(Hostile):
    """What the page's own policy keeps from running, were it in there all the same."""

    def tearDown(self):
        self.assertIn("Content Security Policy", str(self.browser.log("browser")))

    test_names_are_text = test_what_can_not_be_seen_is_shown = test_nothing_is_asked_of_a_network = None

    def test_script_is_not_run(self):
        self.browser.run("""const script = document.createElement("script");
            script.textContent = "globalThis.ran = 4"; document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", "<img src='data:,' onerror='globalThis.ran = 5'>");""")
        self.browser.settle()
        self.assertIsNone(self.ask("globalThis.ran ?? null"))

    def test_request_is_refused(self):
        refused = self.browser.run_until("""const done = arguments[0], refused = [];
            document.addEventListener("securitypolicyviolation", (event) => {
              if (refused.push(event.effectiveDirective) === 3) done(refused.sort());
            });
            fetch("http://127.0.0.1:9/").catch(() => {});
            new Image().src = "http://127.0.0.1:9/";
            navigator.sendBeacon("http://127.0.0.1:9/", "");""")
        self.assertEqual(["connect-src", "connect-src", "img-src"], refused)


if __name__ == "__main__":
    main()
