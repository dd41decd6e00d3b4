// What the tests share: clients, sandboxes that are deleted again, and the
// git server of the specs.

import assert from 'node:assert/strict'
import dns from 'node:dns'
import { Daytona } from './sdk.cjs'

const apiUrl = process.env.DAYTONA_API_URL
const apiKey = process.env.DAYTONA_API_KEY
assert.ok(apiUrl && apiKey, 'DAYTONA_API_URL and DAYTONA_API_KEY must name a running daytona-local')

// Names below localhost are this machine, as every browser knows. What the
// system knows depends on its configuration.
const { lookup } = dns
dns.lookup = (name, options, done) =>
  lookup(name.endsWith('.localhost') ? '127.0.0.1' : name, options, done)

export function newClient(options = {}) {
  return new Daytona({ apiUrl, apiKey, ...options })
}

// Names are this process's own, for test files may run side by side.
export function uniqueName(base) {
  return `${base}-${process.pid}-${Math.random().toString(36).slice(2, 8)}`
}

// Deletes a sandbox and waits until it is gone; it may be gone already.
export async function remove(client, sandbox) {
  try {
    await sandbox.delete(60, true)
  } catch (error) {
    if (error.statusCode !== 404) throw error
  }
  await assert.rejects(client.get(sandbox.id), { statusCode: 404 })
}

// Expects the promise to be rejected with exactly this class, or one derived
// from it, and with these fields; gives the error.
export async function failure(promise, kind, fields = {}) {
  let error
  await assert.rejects(promise, (caught) => {
    error = caught
    return true
  })
  assert.ok(error instanceof kind, `${kind.name} expected, got ${error.name}: ${error.message}`)
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof RegExp) assert.match(error[name], value)
    else assert.equal(error[name], value)
  }
  return error
}

// What the git server of the specs announced: sandboxes reach that one service
// of the machine.
export const gitServer = process.env.GIT_SERVER && JSON.parse(process.env.GIT_SERVER)

// Reads until `done` says so of what was read, and gives it.
export async function until(read, done) {
  const deadline = Date.now() + 30000
  for (;;) {
    const value = await read()
    if (done(value)) return value
    assert.ok(Date.now() < deadline, `30 s are over: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
