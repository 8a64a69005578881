#!/usr/bin/python3
"""A durable agent in Python with nothing but python3-websockets: it keeps the books.

It handles the messages of its inbox, does tasks, and goes on by itself when the
connection breaks or the daemon is killed. What it has done with a message stands in
a file before it is acknowledged, so that a message that comes again is done once.

Run it with ORCHESTRATOR_URL and ORCHESTRATOR_TOKEN set, and the file as its argument.
"""

import asyncio
import json
import os
import sys
import uuid

import websockets

URL = os.environ.get("ORCHESTRATOR_URL", "ws://127.0.0.1:7420/rpc")
TOKEN = os.environ["ORCHESTRATOR_TOKEN"]
BOOK = sys.argv[1] if len(sys.argv) > 1 else "book.jsonl"
CARD = {
    "name": "Books",
    "version": "1.0.0",
    "skills": [{"id": "balance", "description": "What the entries of an account add up to."}],
}


class Refused(Exception):
    """What the daemon answered instead of a result."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.passes = error.get("data", {}).get("retryable", False)


class Book:
    """Entries by the message that brought each."""

    def __init__(self, path):
        self.entries = {}
        self.file = open(path, "a+", encoding="utf-8")
        self.file.seek(0)
        for line in self.file:
            entry = json.loads(line)
            self.entries[entry["message"]] = entry

    def add(self, message_id, payload):
        if message_id in self.entries:
            return
        entry = {"message": message_id, **payload}
        self.file.write(json.dumps(entry) + "\n")
        self.file.flush()
        os.fsync(self.file.fileno())
        self.entries[message_id] = entry

    def balance(self, account):
        return sum(e["amount"] for e in self.entries.values() if e["account"] == account)


class Agent:
    def __init__(self, book):
        self.book = book
        self.socket = None
        self.online = asyncio.Event()
        self.waiting = {}
        self.running = {}
        self.last_id = 0

    async def run(self):
        pause = 0.1
        while True:
            try:
                headers = {"Authorization": f"Bearer {TOKEN}"}
                async with websockets.connect(URL, extra_headers=headers) as self.socket:
                    opening = asyncio.create_task(self.open())
                    pause = 0.1
                    async for text in self.socket:
                        await self.receive(json.loads(text))
                    await opening
            except (OSError, websockets.WebSocketException) as error:
                print(f"not connected: {error}", file=sys.stderr)
            self.online.clear()
            for answer in self.waiting.values():
                answer.set_exception(ConnectionError("the connection broke"))
            self.waiting.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5)

    async def open(self):
        """Said again on each connection: who we are, and that everything may come."""
        try:
            await self.ask("agent.register", {"agentId": "books", "card": CARD})
            await self.ask("inbox.open", {"agentId": "books", "window": 8})
            await self.ask("task.open", {"agentId": "books", "window": 4})
        except (ConnectionError, websockets.ConnectionClosed):
            return
        except Refused as refusal:
            if not refusal.passes:
                raise SystemExit(str(refusal)) from None
            await self.socket.close()
            return
        self.online.set()
        print("books is ready", flush=True)

    async def ask(self, method, params):
        self.last_id += 1
        answer = self.waiting[self.last_id] = asyncio.get_running_loop().create_future()
        await self.send(id=self.last_id, method=method, params=params)
        return await answer

    async def surely(self, method, params):
        """Asks until there is an answer: for calls that do no more when made twice."""
        while True:
            await self.online.wait()
            try:
                return await self.ask(method, params)
            except (ConnectionError, websockets.ConnectionClosed):
                await asyncio.sleep(0.1)
            except Refused as refusal:
                if not refusal.passes:
                    raise
                await asyncio.sleep(1)

    async def send(self, **message):
        await self.socket.send(json.dumps({"jsonrpc": "2.0", **message}))

    async def receive(self, message):
        method, params = message.get("method"), message.get("params")
        if method is None:
            answer = self.waiting.pop(message.get("id"), None)
            if answer is None or answer.done():
                return
            if "error" in message:
                answer.set_exception(Refused(message["error"]))
            else:
                answer.set_result(message["result"])
        elif method == "message.handle":
            # The answer acknowledges it; an error hands it back, for another attempt unless it says that none can help.
            try:
                self.book.add(params["message"]["id"], params["payload"])
                await self.send(id=message["id"], result=None)
            except (TypeError, KeyError) as error:
                failure = {"code": -32602, "message": str(error), "data": {"retryable": False}}
                await self.send(id=message["id"], error=failure)
        elif method == "task.assign":
            task = params["task"]
            if task["taskId"] not in self.running:
                work = asyncio.create_task(self.do(task, params["input"]))
                self.running[task["taskId"]] = work
                work.add_done_callback(lambda _: self.running.pop(task["taskId"]))
            await self.send(id=message["id"], result=None)
        elif method == "task.canceled":
            work = self.running.get(params["taskId"])
            if work is not None:
                work.cancel()
        elif "id" in message:
            failure = {"code": -32601, "message": f"{method} is not answered here"}
            await self.send(id=message["id"], error=failure)

    async def do(self, task, account):
        attempt = {"taskId": task["taskId"], "epoch": task["epoch"]}
        beating = asyncio.create_task(self.beat(attempt, task["leaseMs"] / 3000))
        try:
            await self.surely("task.progress", {**attempt, "progress": 0.5, "message": "adding up"})
            await asyncio.sleep(0.2)
            key = str(uuid.uuid4())
            output = {"account": account, "balance": self.book.balance(account)}
            await self.surely("task.complete", {**attempt, "output": output, "idempotencyKey": key})
        except Refused as refusal:
            # The task is another's by now, or over.
            print(f"task {task['taskId']}: {refusal}", file=sys.stderr)
        finally:
            beating.cancel()

    async def beat(self, attempt, every):
        """Keeps the task ours for as long as we work on it, on whichever connection."""
        while True:
            await asyncio.sleep(every)
            await self.surely("task.heartbeat", attempt)


asyncio.run(Agent(Book(BOOK)).run())
