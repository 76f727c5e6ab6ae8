// PouchDB replicating with express-pouchdb: what a general sync does with the same customers.
// Usage: node pouchdb.mjs <folder> <file with customers as JSON lines> <how many cold pulls>; prints one JSON object.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, file, times] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), "package.json"));
const PouchDB = require("pouchdb");
const express = require("express");

const Server = PouchDB.defaults({ prefix: join(folder, "server-") });
const app = express();
app.use("/", require("express-pouchdb")(Server, { mode: "minimumForPouchDB", logPath: join(folder, "log.txt") }));
const http = createServer(app).listen(0, "127.0.0.1");
await new Promise((resolve) => http.once("listening", resolve));
const url = `http://127.0.0.1:${http.address().port}/customers`;

const customers = readFileSync(file, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
const source = new Server("customers");
for (let i = 0; i < customers.length; i += 1000) {
  await source.bulkDocs(customers.slice(i, i + 1000).map(({ id, ...rest }) => ({ _id: id, ...rest })));
}

const wire = { requests: 0, bytes: 0 };
/** Counts requests and the bytes of both bodies. */
const counted = async (address, options = {}) => {
  wire.requests += 1;
  wire.bytes += options.body ? Buffer.byteLength(options.body) : 0;
  const answer = await PouchDB.fetch(address, options);
  const body = await answer.arrayBuffer();
  wire.bytes += body.byteLength;
  return new Response(answer.status === 204 || answer.status === 304 ? null : body, {
    status: answer.status,
    headers: answer.headers,
  });
};
const remote = new PouchDB(url, { fetch: counted });
const Client = PouchDB.defaults({ prefix: join(folder, "client-") });
let local;

async function measured(work) {
  wire.requests = wire.bytes = 0;
  const started = performance.now();
  const result = await work();
  return { seconds: (performance.now() - started) / 1000, ...wire, ...result };
}
const pull = async () => ({ rows: (await local.replicate.from(remote)).docs_written });
const push = async () => ({ rows: (await local.replicate.to(remote)).docs_written });

const result = { version: PouchDB.version, customers: customers.length };
const pulls = [];
for (let number = 1; number <= Number(times); number++) {
  local = new Client(`customers-${number}`); // a device that has nothing yet
  pulls.push(await measured(pull));
}
result.cold_pull = pulls.toSorted((a, b) => a.seconds - b.seconds)[pulls.length >> 1];
result.noop_pull = await measured(pull);
await local.put({ _id: "9", name: "one more" });
result.push_of_one = await measured(push);
console.log(JSON.stringify(result));
process.exit(0);
