// The official TypeScript SDK doing what exec.lua, fan_out.lua and
// directory.lua do.
// usage: sdk.cjs start | sdk.cjs exec PORT COUNT | sdk.cjs fan-out PORT COUNT
//        sdk.cjs directory API_URL SANDBOX_ID TREE TARGET COUNT
//        sdk.cjs follow API_URL FILE BYTES COUNT   as live.lua read, seconds each
const fs = require("fs");
const path = require("path");
const { Daytona } = require("@daytona/sdk");

// It has no directories, so this is its way of many files: up and down with
// one request each, names from a local walk and from its search. Modes and
// empty directories are not kept.
async function directory(apiUrl, id, tree, target, count) {
  const daytona = new Daytona({ apiKey: process.env.DAYTONA_API_KEY, apiUrl });
  const sandbox = await daytona.get(id);
  async function timed(name, fn) {
    const start = process.hrtime.bigint();
    await fn();
    console.log(name, String((process.hrtime.bigint() - start) / 1000n));
  }
  await sandbox.process.executeCommand("true");
  for (let i = 1; i <= Number(count); i++) {
    const remote = `sdk-${i}`;
    const local = path.join(target, remote);
    await timed("up", () =>
      sandbox.fs.uploadFiles(
        fs
          .readdirSync(tree, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => path.join(entry.path, entry.name))
          .map((source) => ({
            source,
            destination: path.join(remote, path.relative(tree, source)),
          })),
      ),
    );
    await timed("down", async () => {
      const { files } = await sandbox.fs.searchFiles(remote, "*.txt");
      const requests = files.map((source) => ({
        source,
        destination: path.join(local, source.slice(source.indexOf(remote))),
      }));
      for (const name of new Set(requests.map((r) => path.dirname(r.destination)))) {
        fs.mkdirSync(name, { recursive: true });
      }
      const results = await sandbox.fs.downloadFiles(requests);
      if (results.filter((r) => !r.error).length !== 1000) throw results[0];
    });
    await sandbox.fs.deleteFile(remote, true);
  }
}

// FILE is what live.lua prepare has written.
async function follow(apiUrl, file, bytes, count) {
  const daytona = new Daytona({ apiKey: process.env.DAYTONA_API_KEY, apiUrl });
  const [id, , session, command] = fs.readFileSync(file, "utf8").split("\n");
  const sandbox = await daytona.get(id);
  for (let i = 0; i < Number(count); i++) {
    let out = 0;
    let err = 0;
    const start = process.hrtime.bigint();
    await sandbox.process.getSessionCommandLogs(
      session,
      command,
      (chunk) => (out += chunk.length),
      (chunk) => (err += chunk.length),
    );
    console.log(Number(process.hrtime.bigint() - start) / 1e9);
    if (out !== Number(bytes) || err !== Number(bytes)) throw `${out} ${err}`;
  }
}

async function main() {
  const [job, port, count] = process.argv.slice(2);
  if (job === "directory") return directory(...process.argv.slice(3));
  if (job === "follow") return follow(...process.argv.slice(3));
  const url = `http://127.0.0.1:${job === "start" ? 9 : port}/api`;
  const daytona = new Daytona({ apiKey: "k", apiUrl: url });
  if (job === "start") return;
  const sandbox = await daytona.get("8d1e2f30-5b7c-4d21-9f3e-0123456789ab");
  let left = Number(count);
  async function worker() {
    while (left-- > 0) {
      await sandbox.process.executeCommand("true", undefined, undefined, 10);
    }
  }
  const workers = job === "fan-out" ? 50 : 1;
  await Promise.all(Array.from({ length: workers }, worker));
}

// Left alone, the SDK's idle keep-alive connection holds the process for
// another three minutes.
main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
