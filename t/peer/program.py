"""A program of somebody else as a party: it is started, and its words are awaited."""

import time

from sip import Failure, Timeout


class Program:
    def __init__(self, scene, name):
        self.scene = scene
        self.name = name
        self.log = scene.path(f"{name}.log")
        self.process = None

    def launch(self, command, ready, **options):
        """Starts it, and waits for the words that say that it is there."""
        self.process = self.scene.background(
            command, log=f"{self.name}.log", **options)
        self.wait_for(ready)

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def wait_for(self, text, wait=10, times=1):
        """Waits until it has printed that so often."""
        deadline = time.monotonic() + wait
        while self.output().count(text) < times:
            if self.process.poll() is not None:
                raise Failure(f"{self.name} ended:\n{self.output()[-2000:]}")
            if time.monotonic() > deadline:
                raise Timeout(f"{self.name} never said {text!r}:\n"
                              f"{self.output()[-2000:]}")
            time.sleep(0.02)
