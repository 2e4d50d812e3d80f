"""A whole bridge: a random market that speaks the feed of feed.md. Needs `pip install websockets`. Usage: bridge.py [PORT]"""
import asyncio, json, random, sys, time
from websockets.asyncio.server import serve

TICK = 0.01
book = {"bids": {10_000 - i: 5 + i for i in range(50)}, "asks": {10_001 + i: 5 + i for i in range(50)}}
sequence, trade_id, listeners = 0, 0, set()

def levels(side): return [[f"{tick * TICK:.2f}", str(size)] for tick, size in book[side].items()]

def snapshot(): return {"type": "snapshot", "symbol": "ACME", "sequence": sequence, "time": time.time_ns(),
                        "bids": levels("bids"), "asks": levels("asks")}

async def say(socket, message): await socket.send(json.dumps(message))

async def listen(socket):
    await say(socket, {"type": "hello", "feed": "tapedeck", "version": 1, "name": "Random walk"})
    try:
        async for text in socket:
            asked = json.loads(text)
            if asked["type"] == "list":
                await say(socket, {"type": "instruments", "instruments": [
                    {"symbol": "ACME", "base": "ACME", "quote": "USD", "tick": "0.01", "lot": "1"}]})
            for symbol in asked.get("symbols", []):
                if symbol != "ACME":
                    await say(socket, {"type": "error", "symbol": symbol, "reason": "only ACME is traded here"})
                elif asked["type"] in ("subscribe", "snapshot"):
                    listeners.add(socket)
                    await say(socket, {"type": "subscribed", "symbol": symbol})
                    await say(socket, snapshot())
                elif asked["type"] == "unsubscribe":
                    listeners.discard(socket)
    finally:
        listeners.discard(socket)

def move():
    """One change of one level, and sometimes a trade that takes from the best."""
    global sequence, trade_id
    side = random.choice(("bids", "asks"))
    best = max(book["bids"]) if side == "bids" else min(book["asks"])
    tick = best + random.randint(0, 20) * (-1 if side == "bids" else 1)
    size, messages = random.randint(1, 40), []
    if random.random() < 0.2:
        tick, size, trade_id = best, max(book[side][best] - 1, 1), trade_id + 1
        messages.append({"type": "trade", "symbol": "ACME", "id": trade_id, "price": f"{best * TICK:.2f}", "quantity": "1",
                         "side": "sell" if side == "bids" else "buy", "time": time.time_ns()})
    book[side][tick], sequence = size, sequence + 1
    change = {"bids": [], "asks": [], side: [[f"{tick * TICK:.2f}", str(size)]]}
    return messages + [{"type": "delta", "symbol": "ACME", "sequence": sequence, "time": time.time_ns(), **change}]

async def main(port):
    async with serve(listen, "127.0.0.1", port) as server:
        print(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        while True:
            await asyncio.sleep(0.05)
            for message in move():
                for socket in list(listeners): await say(socket, message)

asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 9000))
