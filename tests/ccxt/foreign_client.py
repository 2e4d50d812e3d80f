"""Unmodified ccxt.pro against the simulated exchange: markets, order books and trades of each venue.

Only addresses are changed. ccxt keeps its books by its own rules. Kraken's checksum is held against ccxt's book after every
message here: ccxt's own check puts floats into the sum where digits belong, and so fails on any data, the venue's own too.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import zlib

import ccxt.pro

BOOKS_SEEN = 30
TRADES_SEEN = 3
SECONDS_MAX = 60


def start(program):
    """The simulated exchange as a process, and its endpoints."""
    home = tempfile.mkdtemp(prefix="tapedeck-ccxt-")
    process = subprocess.Popen(
        [program, "sim", "--json", "--seed", "3"], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "TAPEDECK_HOME": home})
    return process, json.loads(process.stdout.readline())


def binance(endpoints):
    client = ccxt.pro.binance({"options": {"defaultType": "spot", "fetchMarkets": ["spot"], "fetchCurrencies": False}})
    rest = endpoints["rest"] + "/api/v3"
    client.urls["api"].update({"public": rest, "v1": endpoints["rest"] + "/api/v1"})
    client.urls["api"]["ws"]["spot"] = endpoints["ws"] + "/ws"
    return client


def binance_usdm(endpoints):
    client = ccxt.pro.binanceusdm({"options": {"fetchMarkets": {"types": ["linear"]}, "fetchCurrencies": False}})
    for version in ("", "V2", "V3"):
        client.urls["api"]["fapiPublic" + version] = endpoints["rest"] + "/fapi/v1"
    client.urls["api"]["ws"]["linear"] = endpoints["ws"] + "/ws"
    client.urls["api"]["ws"]["future"] = endpoints["ws"] + "/ws"
    return client


def binance_coinm(endpoints):
    client = ccxt.pro.binancecoinm({"options": {"fetchMarkets": {"types": ["inverse"]}, "fetchCurrencies": False}})
    client.urls["api"]["dapiPublic"] = endpoints["rest"] + "/dapi/v1"
    client.urls["api"]["ws"]["inverse"] = endpoints["ws"] + "/ws"
    return client


def okx(endpoints):
    client = ccxt.pro.okx({"options": {"fetchMarkets": {"types": ["spot", "swap"]}, "fetchCurrencies": False}})
    client.has["fetchCurrencies"] = False
    client.urls["api"]["rest"] = endpoints["rest"]
    client.urls["api"]["ws"] = endpoints["ws"].removesuffix("/public")
    return client


def bybit(endpoints, category):
    client = ccxt.pro.bybit({"options": {"fetchMarkets": {"types": [category]}, "fetchCurrencies": False}})
    client.has["fetchCurrencies"] = False
    client.urls["api"]["public"] = endpoints["rest"]
    client.urls["api"]["ws"]["public"][category] = endpoints["ws"]
    return client


class ProvedKraken(ccxt.pro.kraken):
    """ccxt's Kraken, watched: each book message's checksum is compared with the book that ccxt has made of it."""

    n_proved = 0
    n_wrong = 0

    def handle_order_book(self, client, message):
        super().handle_order_book(client, message)
        said = message["data"][0]
        market = self.markets[said["symbol"]]
        book = self.orderbooks[said["symbol"]]
        digits = "".join(
            text(level[0], market["info"]["pair_decimals"]) + text(level[1], market["info"]["lot_decimals"])
            for side in (book["asks"], book["bids"]) for level in side[:10])
        if zlib.crc32(digits.encode()) == said["checksum"]:
            self.n_proved += 1
        else:
            self.n_wrong += 1


def text(number, decimals):
    """Digits as Kraken sums them: fixed decimals, no point, no leading zeros."""
    return f"{number:.{int(decimals)}f}".replace(".", "").lstrip("0")


def kraken(endpoints):
    client = ProvedKraken()
    client.urls["api"]["public"] = endpoints["rest"]
    client.urls["api"]["ws"]["publicV2"] = endpoints["ws"]
    client.urls["api"]["ws"]["public"] = endpoints["ws"]
    return client


def check_book(name, book):
    bids, asks = book["bids"], book["asks"]
    assert len(bids) >= 10 and len(asks) >= 10, f"{name}: only {len(bids)} bids and {len(asks)} asks"
    assert bids[0][0] < asks[0][0], f"{name}: crossed at {bids[0][0]} and {asks[0][0]}"
    assert all(bids[n][0] > bids[n + 1][0] for n in range(9)), f"{name}: bids out of order"
    assert all(asks[n][0] < asks[n + 1][0] for n in range(9)), f"{name}: asks out of order"
    assert all(size > 0 for _, size, *_ in bids[:10] + asks[:10]), f"{name}: an empty level"


async def follow(name, client, symbol):
    await client.load_markets()
    assert symbol in client.markets, f"{name}: {symbol} is not listed"
    market = client.markets[symbol]
    assert market["precision"]["price"] and market["precision"]["amount"], f"{name}: {symbol} without tick or lot"
    touches = set()
    for _ in range(BOOKS_SEEN):
        book = await client.watch_order_book(symbol)
        check_book(name, book)
        touches.add((tuple(book["bids"][0][:2]), tuple(book["asks"][0][:2])))
    assert len(touches) > 1, f"{name}: the best prices never moved"
    n_trades = 0
    while n_trades < TRADES_SEEN:
        for trade in await client.watch_trades(symbol):
            assert trade["side"] in ("buy", "sell") and trade["price"] > 0 and trade["amount"] > 0, trade
            n_trades += 1
    if isinstance(client, ProvedKraken):
        assert client.n_wrong == 0 and client.n_proved >= BOOKS_SEEN, f"{client.n_proved} checksums right, {client.n_wrong} wrong"
        print(f"{name}: {client.n_proved} checksums right")
    print(f"{name}: {len(client.markets)} markets, {BOOKS_SEEN} books, {n_trades} trades, all right")


async def follow_all(endpoints):
    clients = [
        ("binance", binance(endpoints["binance"]), "BTC/USDT"),
        ("kraken", kraken(endpoints["kraken"]), "BTC/USD"),
        ("binance_usdm", binance_usdm(endpoints["binance_usdm"]), "BTC/USDT:USDT"),
        ("binance_coinm", binance_coinm(endpoints["binance_coinm"]), "BTC/USD:BTC"),
        ("okx", okx(endpoints["okx"]), "BTC/USDT"),
        ("okx swaps", okx(endpoints["okx"]), "ETH/USDT:USDT"),
        ("bybit", bybit(endpoints["bybit"], "spot"), "BTC/USDT"),
        ("bybit linear", bybit(endpoints["bybit_linear"], "linear"), "BTC/USDT:USDT"),
    ]
    try:
        await asyncio.wait_for(
            asyncio.gather(*(follow(name, client, symbol) for name, client, symbol in clients)), SECONDS_MAX)
    finally:
        for _, client, _ in clients:
            await client.close()


def main():
    process, endpoints = start(sys.argv[1])
    try:
        asyncio.run(follow_all(endpoints))
    finally:
        process.terminate()
        process.wait(10)


main()
