// Sessions and their logs through the official SDK.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  DaytonaCommandAlreadyCompletedError, DaytonaConflictError, DaytonaProcessNotFoundError,
  DaytonaSessionEndedError,
} from './sdk.cjs'
import { failure, newClient, remove, uniqueName } from './support.mjs'

const client = newClient()
let sandbox, shell

before(async () => {
  sandbox = await client.create()
  shell = sandbox.process
})

after(async () => {
  if (sandbox) await remove(client, sandbox)
  await client[Symbol.asyncDispose]()
})

async function newSession() {
  const id = uniqueName('session')
  await shell.createSession(id)
  return id
}

// Follows a command to its end and gives what both callbacks got.
async function follow(id, command) {
  const got = { stdout: '', stderr: '' }
  await shell.getSessionCommandLogs(id, command,
    (text) => { got.stdout += text }, (text) => { got.stderr += text })
  return got
}

describe('sessions', () => {
  it('are created, shown, listed and deleted', async () => {
    const id = await newSession()
    assert.deepEqual(await shell.getSession(id), { sessionId: id, commands: [] })
    assert.ok((await shell.listSessions()).some((session) => session.sessionId === id))
    await failure(shell.createSession(id), DaytonaConflictError, { statusCode: 409 })
    await shell.deleteSession(id)
    await failure(shell.getSession(id), DaytonaProcessNotFoundError,
      { statusCode: 404, message: 'session not found' })
  })

  it('keep the state of their shell', async () => {
    const id = await newSession()
    await shell.executeSessionCommand(id, { command: 'cd /tmp; export WORD=é' })
    const run = await shell.executeSessionCommand(id, { command: 'pwd; echo $WORD; echo no >&2; (exit 4)' })
    assert.equal(run.exitCode, 4)
    assert.equal(run.stdout, '/tmp\né\n')
    assert.equal(run.stderr, 'no\n')
    const command = await shell.getSessionCommand(id, run.cmdId)
    assert.equal(command.exitCode, 4)
    const logs = await shell.getSessionCommandLogs(id, run.cmdId)
    assert.equal(logs.stdout, '/tmp\né\n')
    assert.equal(logs.stderr, 'no\n')
  })

  it('end with an exit in a command', async () => {
    const id = await newSession()
    const run = await shell.executeSessionCommand(id, { command: 'exit 3' })
    assert.equal(run.exitCode, 3)
    await failure(shell.executeSessionCommand(id, { command: 'true' }), DaytonaSessionEndedError,
      { statusCode: 410, message: 'session process has exited' })
    await shell.deleteSession(id)
  })

  it('take input', async () => {
    const id = await newSession()
    const started = await shell.executeSessionCommand(id,
      { command: 'read a; read b; echo "$b $a"', runAsync: true, suppressInputEcho: true })
    assert.equal(started.exitCode ?? undefined, undefined)
    const followed = follow(id, started.cmdId)
    await shell.sendSessionCommandInput(id, started.cmdId, 'one')
    await shell.sendSessionCommandInput(id, started.cmdId, 'two\n')
    assert.deepEqual(await followed, { stdout: 'two one\n', stderr: '' })
    await failure(shell.sendSessionCommandInput(id, started.cmdId, 'late'),
      DaytonaCommandAlreadyCompletedError, { statusCode: 410 })
  })

  it('are followed while they run', async () => {
    const id = await newSession()
    const { cmdId } = await shell.executeSessionCommand(id,
      { command: 'read x; for i in $(seq 200); do echo "out $i é"; echo "err $i" >&2; done', runAsync: true })
    const followed = follow(id, cmdId)
    await shell.sendSessionCommandInput(id, cmdId, 'go')
    const numbers = [...Array(200).keys()].map((n) => n + 1)
    const expected = {
      stdout: 'go\n' + numbers.map((n) => `out ${n} é\n`).join(''),
      stderr: numbers.map((n) => `err ${n}\n`).join(''),
    }
    assert.deepEqual(await followed, expected)
    assert.deepEqual(await follow(id, cmdId), expected)
  })

  it('are followed whole when there is much', async () => {
    const id = await newSession()
    const { cmdId } = await shell.executeSessionCommand(id,
      { command: 'seq 200000; seq 200000 >&2', runAsync: true })
    const numbers = Array.from({ length: 200000 }, (_, n) => `${n + 1}\n`).join('')
    const got = await follow(id, cmdId)
    assert.ok(got.stdout === numbers && got.stderr === numbers)
    const logs = await shell.getSessionCommandLogs(id, cmdId)
    assert.ok(logs.stdout === numbers && logs.stderr === numbers)
  })

  it('let followers go when they are deleted', async () => {
    const id = await newSession()
    const { cmdId } = await shell.executeSessionCommand(id, { command: 'echo on; sleep 60', runAsync: true })
    let seen
    const first = new Promise((resolve) => { seen = resolve })
    const followed = shell.getSessionCommandLogs(id, cmdId, seen, seen)
    assert.equal(await first, 'on\n')
    await shell.deleteSession(id)
    await followed
  })
})

describe('the entrypoint', () => {
  it('is shown where the sandbox has one', async (t) => {
    let session
    try {
      session = await shell.getEntrypointSession()
    } catch (error) {
      if (!(error instanceof DaytonaProcessNotFoundError)) throw error
      return t.skip('the server was started without --entrypoint')
    }
    assert.equal(session.sessionId, 'entrypoint')
    assert.equal(session.commands[0].id, 'entrypoint_command')
    let line
    const first = new Promise((resolve) => { line = resolve })
    shell.getEntrypointLogs(line, line).catch(() => {})
    assert.equal(await first, 'entered\n')
    assert.equal((await shell.getEntrypointLogs()).stdout, 'entered\n')
  })
})
