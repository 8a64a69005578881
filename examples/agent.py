#!/usr/bin/python3
"""An agent in Python with nothing but python3-websockets: it answers the length of what it is asked.

Run it with ORCHESTRATOR_URL and ORCHESTRATOR_TOKEN set.
"""

import asyncio
import json
import os

import websockets

URL = os.environ.get("ORCHESTRATOR_URL", "ws://127.0.0.1:7420/rpc")
TOKEN = os.environ["ORCHESTRATOR_TOKEN"]
CARD = {
    "name": "Length",
    "version": "1.0.0",
    "skills": [{"id": "length", "description": "How long a text is."}],
}


def answer(payload):
    return {"length": len(payload)}


async def main():
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with websockets.connect(URL, extra_headers=headers) as socket:

        async def send(**message):
            await socket.send(json.dumps({"jsonrpc": "2.0", **message}))

        register = {"agentId": "python", "card": CARD}
        await send(id=1, method="agent.register", params=register)
        async for text in socket:
            message = json.loads(text)
            if message.get("method") == "message.deliver":
                try:
                    result = answer(message["params"]["payload"])
                    await send(id=message["id"], result=result)
                except TypeError as error:
                    failure = {"code": -32602, "message": str(error)}
                    await send(id=message["id"], error=failure)
            elif message.get("id") == 1:
                if "error" in message:
                    raise SystemExit(message["error"]["message"])
                print("python is ready", flush=True)


asyncio.run(main())
