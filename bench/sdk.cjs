// The official TypeScript SDK doing what exec.lua does.
// usage: sdk.cjs start | sdk.cjs exec PORT COUNT
const { Daytona } = require("@daytona/sdk");

async function main() {
  const [job, port, count] = process.argv.slice(2);
  const url = `http://127.0.0.1:${job === "start" ? 9 : port}/api`;
  const daytona = new Daytona({ apiKey: "k", apiUrl: url });
  if (job === "start") return;
  const sandbox = await daytona.get("8d1e2f30-5b7c-4d21-9f3e-0123456789ab");
  for (let i = 0; i < Number(count); i++) {
    await sandbox.process.executeCommand("true", undefined, undefined, 10);
  }
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
