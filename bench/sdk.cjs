// The official TypeScript SDK doing what exec.lua and fan_out.lua do.
// usage: sdk.cjs start | sdk.cjs exec PORT COUNT | sdk.cjs fan-out PORT COUNT
const { Daytona } = require("@daytona/sdk");

async function main() {
  const [job, port, count] = process.argv.slice(2);
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
