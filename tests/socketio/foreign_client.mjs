// The simulated bitbank and bitFlyer, heard by the venues' own kind of client: socket.io-client 4 and 2, unmodified. The books
// are kept here by the venues' rules, and each whole book that comes must be the one that the changes have led to.
//
//   node foreign_client.mjs FOLDER PROGRAM   FOLDER has the packages; PROGRAM is tapedeck
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [folder, program] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const home = mkdtempSync(join(tmpdir(), "tapedeck-socketio-"));
const WHOLES = 2;
const GIVE_UP_MS = 120_000;

/** Levels by price, as the venue writes both; a level of zero is none. */
class Book {
  sides = { bids: new Map(), asks: new Map() };

  take(side, levels) {
    for (const [price, quantity] of levels) {
      if (Number(quantity) === 0) this.sides[side].delete(Number(price));
      else this.sides[side].set(Number(price), Number(quantity));
    }
  }

  sorted(side) {
    const sign = side === "asks" ? 1 : -1;
    return [...this.sides[side]].sort(([a], [b]) => sign * (a - b));
  }

  /** What differs from a whole book, as far as that one reaches. */
  differsFrom(whole) {
    return ["bids", "asks"].some((side) => {
      const theirs = whole.sorted(side);
      return JSON.stringify(this.sorted(side).slice(0, theirs.length)) !== JSON.stringify(theirs);
    });
  }
}

/** bitbank: changes behind a whole book by number; a whole book may come later than newer changes. */
function bitbank(endpoints, pair) {
  return new Promise((resolve, reject) => {
    const socket = require("socket.io-client")(endpoints.ws, { transports: ["websocket"] });
    const known = { book: undefined, at: 0n, changes: [], n: { wholes: 0, changes: 0, trades: 0 } };
    const ids = new Set();
    const onWhole = (data) => {
      const [whole, at] = [new Book(), BigInt(data.sequenceId)];
      for (const side of ["bids", "asks"]) whole.take(side, data[side]);
      if (known.book !== undefined) {
        // What was known, led on to this number, is this book.
        const led = new Book();
        for (const side of ["bids", "asks"]) led.take(side, known.book.sorted(side));
        for (const change of known.changes.filter(({ s }) => s > known.at && s <= at)) {
          led.take("asks", change.a);
          led.take("bids", change.b);
        }
        assert(!led.differsFrom(whole), `bitbank: the book at ${at} is another`);
        known.n.wholes += 1;
      }
      Object.assign(known, { book: whole, at, changes: known.changes.filter(({ s }) => s > at) });
    };
    const onChange = ({ a, b, s }) => {
      const last = known.changes.at(-1)?.s ?? 0n;
      assert(BigInt(s) > last, "bitbank: numbers rise");
      known.changes.push({ a, b, s: BigInt(s) });
      known.n.changes += 1;
    };
    socket.on("connect_error", reject);
    socket.on("connect", () => {
      for (const room of ["depth_whole", "depth_diff", "transactions"]) socket.emit("join-room", `${room}_${pair}`);
    });
    socket.on("message", ({ room_name: room, message: { data } }) => {
      try {
        if (room === `depth_whole_${pair}`) onWhole(data);
        else if (room === `depth_diff_${pair}`) onChange(data);
        else if (room === `transactions_${pair}`) {
          for (const { transaction_id: id } of data.transactions) ids.add(id);
          known.n.trades = ids.size;
        } else assert.fail(`bitbank: ${room} was not asked for`);
      } catch (error) {
        reject(error);
      }
      if (known.n.wholes >= WHOLES && known.n.trades > 0) {
        socket.close();
        resolve(known.n);
      }
    });
  });
}

/** bitFlyer: whole books and changes without numbers, events named by their channels. */
function bitflyer(endpoints, product) {
  return new Promise((resolve, reject) => {
    const address = endpoints.rest;
    const socket = require("socket.io-client-2")(address, { transports: ["websocket"] });
    const [known, n] = [{ book: undefined }, { wholes: 0, changes: 0, trades: 0 }];
    const levels = (all) => all.map(({ price, size }) => [price, size]);
    const hear = (channel, take) => {
      socket.on(channel, (message) => {
        try {
          take(message);
        } catch (error) {
          reject(error);
        }
        if (n.wholes >= WHOLES && n.trades > 0) {
          socket.close();
          resolve(n);
        }
      });
      socket.emit("subscribe", channel);
    };
    socket.on("connect_error", reject);
    socket.once("connect", () => {
      hear(`lightning_board_snapshot_${product}`, (whole) => {
        const next = new Book();
        for (const side of ["bids", "asks"]) next.take(side, levels(whole[side]));
        if (known.book !== undefined) {
          assert(!known.book.differsFrom(next), "bitFlyer: the whole book is not where the changes led");
          n.wholes += 1;
        }
        known.book = next;
      });
      hear(`lightning_board_${product}`, (change) => {
        n.changes += 1;
        for (const side of ["bids", "asks"]) known.book?.take(side, levels(change[side]));
      });
      hear(`lightning_executions_${product}`, (trades) => {
        n.trades += trades.length;
      });
    });
  });
}

const sim = spawn(program, ["sim", "--json", "--seed", "4"], {
  env: { ...process.env, TAPEDECK_HOME: home },
  stdio: ["ignore", "pipe", "inherit"],
});
const late = setTimeout(() => {
  console.error("the simulated venues were not heard in time");
  process.exit(1);
}, GIVE_UP_MS);
try {
  const [line] = await new Promise((resolve) => createInterface({ input: sim.stdout }).once("line", (line) => resolve([line])));
  const endpoints = JSON.parse(line);
  const heard = await Promise.all([bitbank(endpoints.bitbank, "btc_jpy"), bitflyer(endpoints.bitflyer, "FX_BTC_JPY")]);
  for (const [name, n] of Object.entries({ bitbank: heard[0], bitFlyer: heard[1] })) {
    assert(n.changes > n.wholes, `${name}: ${JSON.stringify(n)}`);
    console.log(`${name} by a foreign client: ${n.wholes} whole books where ${n.changes} changes had led, ${n.trades} trades`);
  }
} finally {
  clearTimeout(late);
  sim.kill();
  rmSync(home, { recursive: true, force: true });
}
