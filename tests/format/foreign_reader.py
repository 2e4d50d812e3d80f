"""Reads a recording with the `mcap` package, rebuilds a book from it, and writes a recording that Tapedeck reads.

Everything that is known here of a recording stands in docs/recording.md; what the frames mean, Kraken's own documentation says.
"""

import datetime
import json
import os
import struct
import subprocess
import sys
import tempfile
import zlib
from decimal import Decimal

import zstandard
from mcap.reader import make_reader
from mcap.writer import CompressionType, Writer

OPENED, TEXT, SENT, DERIVED = 0, 1, 4, 8
SYMBOL = "BTC/USD"
SECONDS = 6
# Some minutes of a busy market, in which several keyframes are worth their bytes.
HOURS = 0.02
UNPACKED_MAX = 64 << 20


class Packets:
    """The packets of a recording: venue, link, number, time, kind and payload."""

    def __init__(self, path):
        with open(path, "rb") as file:
            reader = make_reader(file)
            self.profile = reader.get_header().profile
            self.metadata = {record.name: record.metadata for record in reader.iter_metadata()}
            self.attachments = {record.name for record in reader.iter_attachments()}
            self.all = [self.packet(*read) for read in reader.iter_messages(log_time_order=False)]

    @staticmethod
    def packet(schema, channel, message):
        assert schema.name == channel.message_encoding == "tapedeck.packet.v1", schema
        assert channel.topic == f"/{channel.metadata['venue']}/{channel.metadata['link']}", channel
        assert message.log_time == message.publish_time
        number = int(channel.metadata["number_high"]) << 32 | message.sequence
        place = (channel.metadata["venue"], int(channel.metadata["link"]))
        return (*place, number, message.log_time, message.data[0], message.data[1:])

    def of(self, kind):
        return [payload for *_, found, payload in self.all if found == kind]

    def check_order(self):
        """Times never run backwards, and the numbers of a link have no hole."""
        times = [time for _, _, _, time, _, _ in self.all]
        assert times == sorted(times)
        last = {}
        for venue, link, number, _, kind, _ in self.all:
            if kind < DERIVED:
                assert number == last.get((venue, link), number - 1) + 1, (venue, link, number)
                last[venue, link] = number


class Book:
    """One Kraken book by the rules of the venue, as exact decimals."""

    def __init__(self, depth):
        self.depth, self.sides, self.n_right, self.digits = depth, {"bids": {}, "asks": {}}, 0, None

    def take(self, kind, data):
        if kind == "snapshot":
            self.sides = {"bids": {}, "asks": {}}
        for side, levels in self.sides.items():
            for level in data[side]:
                if level["qty"] == 0:
                    levels.pop(level["price"], None)
                else:
                    levels[level["price"]] = level["qty"]
            for price in self.best(side)[self.depth:]:
                del levels[price]
        assert self.checksum() == data["checksum"], f"after {self.n_right} right: {data}"
        self.n_right += 1

    def best(self, side):
        return sorted(self.sides[side], reverse=side == "bids")

    def checksum(self):
        """CRC-32 over price and quantity of the best ten asks, then bids, without points and leading zeros."""
        price_digits, quantity_digits = self.digits
        text = ""
        for side in ("asks", "bids"):
            for price in self.best(side)[:10]:
                text += plain(price, price_digits) + plain(self.sides[side][price], quantity_digits)
        return zlib.crc32(text.encode())


def plain(number, decimals):
    return f"{number:.{decimals}f}".replace(".", "").lstrip("0")


def frames(packets):
    return [json.loads(text, parse_float=Decimal, parse_int=Decimal) for text in packets.of(TEXT)]


def instrument(packets):
    """Decimals of price and quantity, by the venue's list."""
    for frame in frames(packets):
        if frame.get("channel") == "instrument" and frame["type"] == "snapshot":
            for pair in frame["data"]["pairs"]:
                if pair["symbol"] == SYMBOL:
                    return int(pair["price_precision"]), int(pair["qty_precision"])
    raise AssertionError(f"{SYMBOL} is not listed")


def depth(packets):
    """Levels a side, by what was subscribed to."""
    for text in packets.of(SENT):
        sent = json.loads(text)
        if sent["method"] == "subscribe" and sent["params"]["channel"] == "book":
            return sent["params"].get("depth", 10)
    raise AssertionError("no book was subscribed to")


def rebuild(packets, book):
    for frame in frames(packets):
        if frame.get("channel") == "book":
            for data in frame["data"]:
                if data["symbol"] == SYMBOL:
                    book.take(frame["type"], data)
    return book


def from_image(packets, whole):
    """The book with which a range begins that was cut out of a recording: an image, derived from what was before."""
    (image,) = [json.loads(payload) for payload in packets.of(DERIVED)]
    assert image["version"] == 1 and packets.all[0][4] == DERIVED
    (known,) = [one for one in image["instruments"] if one["symbol"] == SYMBOL]
    (running,) = [one for one in image["books"] if one["symbol"] == SYMBOL]
    assert running["fault"] is None and known["tick_size"], image
    book = Book(running["depth"] or whole.depth)
    book.digits = (known["price_decimals"], known["quantity_decimals"])
    for side in ("bids", "asks"):
        book.sides[side] = {Decimal(price): Decimal(quantity) for price, quantity in running[side]}
    assert book.checksum() == running["checksum"]["value"], "the image sums to what it says"
    return book


def write(path, packets):
    """A recording by another hand: plain chunks, and none of the records that only Tapedeck needs."""
    with open(path, "wb") as file:
        writer = Writer(file, compression=CompressionType.NONE, chunk_size=100_000)
        writer.start(profile="tapedeck", library="a foreign writer")
        about = {"format": "1", "program": "a foreign writer", "simulated": "true"}
        writer.add_metadata("tapedeck.recording", about)
        schema = writer.register_schema("tapedeck.packet.v1", "text/plain", b"see docs/recording.md")
        channels = {}
        for venue, link, number, time, kind, payload in packets.all:
            if (venue, link) not in channels:
                metadata = {"venue": venue, "link": str(link), "number_high": "0"}
                channels[venue, link] = writer.register_channel(
                    f"/{venue}/{link}", "tapedeck.packet.v1", schema, metadata)
            writer.add_message(
                channels[venue, link], time, struct.pack("B", kind) + payload, time, sequence=number)
        writer.finish()


def check_keyframes(path):
    """Keyframes and the blocks that they share: how many there are of each, after every length and checksum."""
    unpack = zstandard.ZstdDecompressor()
    times = {time for _, _, _, time, _, _ in Packets(path).all}
    with open(path, "rb") as file:
        attachments = list(make_reader(file).iter_attachments())
    n_keyframes, blocks, packs = 0, {}, set()
    for one in attachments:
        if one.name.startswith("tapedeck.keyframe."):
            assert {one.log_time, one.create_time} <= times and one.create_time == min(times), one.name
            assert 0 < len(unpack.decompress(one.data, max_output_size=UNPACKED_MAX)) <= UNPACKED_MAX
            n_keyframes += 1
        elif one.name.startswith("tapedeck.blocks."):
            assert one.name not in packs, one.name
            packs.add(one.name)
            blocks.update(blocks_of(one.data, unpack))
    return n_keyframes, len(blocks)


def blocks_of(data, unpack):
    """The blocks of one attachment, by name: the list with its checksum, then each by its length and checksum."""
    length, checksum = struct.unpack_from("<II", data)
    listed, rest = data[8:8 + length], data[8 + length:]
    assert zlib.crc32(listed) == checksum
    while listed:
        (name_length,) = struct.unpack_from("<H", listed)
        name = listed[2:2 + name_length].decode()
        size, checksum = struct.unpack_from("<II", listed, 2 + name_length)
        block, rest, listed = rest[:size], rest[size:], listed[2 + name_length + 8:]
        assert zlib.crc32(block) == checksum, name
        yield name, unpack.decompress(block, max_output_size=UNPACKED_MAX)
    assert not rest, "nothing stands behind the last block"


def verified(tapedeck, path, home):
    said = subprocess.run([tapedeck, "verify", path, "--json"], env=home, capture_output=True, text=True, timeout=60)
    told = json.loads(said.stdout)
    assert (said.returncode, told["verdict"]) == (0, "right"), told
    (one,) = told["files"][0]["instruments"]
    return {name: one[name] for name in ("symbol", "packets", "book_updates", "trades", "checksums_right", "gaps")}


def moment(nanoseconds):
    """RFC 3339 with all nine digits."""
    second = datetime.datetime.fromtimestamp(nanoseconds // 10**9, datetime.timezone.utc)
    return f"{second:%Y-%m-%dT%H:%M:%S}.{nanoseconds % 10**9:09}Z"


def record(tapedeck, folder, home):
    sim = subprocess.Popen([tapedeck, "sim", "--json", "--seed", "5"], stdout=subprocess.PIPE, text=True, env=home)
    try:
        endpoints = json.loads(sim.stdout.readline())["kraken"]
        path = os.path.join(folder, "tape.mcap")
        subprocess.run(
            [tapedeck, "record", "--venue", "kraken", "--instrument", SYMBOL, "--endpoint", f"ws={endpoints['ws']}",
             "--endpoint", f"rest={endpoints['rest']}", "--for", f"{SECONDS}s", "--out", path],
            check=True, env=home, timeout=60, stdout=subprocess.DEVNULL)
        return path
    finally:
        sim.terminate()
        sim.wait(10)


def main():
    tapedeck = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        home = {**os.environ, "TAPEDECK_HOME": folder}
        path = record(tapedeck, folder, home)
        packets = Packets(path)
        packets.check_order()
        assert packets.profile == "tapedeck"
        assert packets.metadata["tapedeck.recording"]["simulated"] == "true", packets.metadata
        assert any(address.startswith(b"ws://127.0.0.1:") for address in packets.of(OPENED))
        assert "tapedeck.index.v1" in packets.attachments, packets.attachments
        book = Book(depth(packets))
        book.digits = instrument(packets)
        rebuild(packets, book)
        proof = verified(tapedeck, path, home)
        assert book.n_right == proof["checksums_right"] > 20, (book.n_right, proof)

        middle = packets.all[len(packets.all) // 2][3]
        cut = os.path.join(folder, "cut.mcap")
        subprocess.run([tapedeck, "trim", path, "--from", moment(middle), "--out", cut], check=True, env=home,
                       timeout=60, stdout=subprocess.DEVNULL)
        ranged = Packets(cut)
        ranged.check_order()
        again = rebuild(ranged, from_image(ranged, book))
        assert again.sides == book.sides and 0 < again.n_right < book.n_right

        long = os.path.join(folder, "long.mcap")
        subprocess.run([tapedeck, "sim", "--to", long, "--hours", str(HOURS)], check=True, env=home, timeout=120,
                       stdout=subprocess.DEVNULL)
        n_keyframes, n_blocks = check_keyframes(long)
        assert n_keyframes > 1 < n_blocks, (n_keyframes, n_blocks)

        foreign = os.path.join(folder, "foreign.mcap")
        write(foreign, packets)
        assert verified(tapedeck, foreign, home) == proof, proof
        print(f"a foreign library reads and writes recordings: {len(packets.all)} packets, {book.n_right} checksums right, "
              f"{again.n_right} of them again from an image; {n_keyframes} keyframes and {n_blocks} blocks are whole")


main()
