// What else a sandbox can do and be asked through the official SDK, and what it
// says it cannot.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { DaytonaValidationError } from './sdk.cjs'
import { failure, newClient, remove, until } from './support.mjs'

describe('a sandbox', () => {
  const client = newClient()
  let sandbox

  before(async () => {
    sandbox = await client.create()
  })

  after(async () => {
    if (sandbox) await remove(client, sandbox)
    await client[Symbol.asyncDispose]()
  })

  const run = async (command) => (await sandbox.process.executeCommand(command)).result

  it('has metrics', async () => {
    const metrics = await sandbox.getMetricsLatest()
    assert.ok(metrics.cpuCount > 0 && metrics.memTotal > 0 && metrics.diskTotal > 0)
    assert.ok(!Number.isNaN(new Date(metrics.timestamp).getTime()))
  })

  it('has metrics of a time', async () => {
    const seen = await until(() => sandbox.getMetrics(), (list) => list.length > 0)
    for (const each of seen) {
      assert.ok(each.timestamp instanceof Date)
      assert.ok(each.memTotal > 0 && each.cpuCount > 0, JSON.stringify(each))
    }
    assert.deepEqual(await sandbox.getMetrics(new Date(0), new Date(1000)), [])
  })

  it('takes variables while it runs', async () => {
    await sandbox.updateEnv({ FRESH: 'yes', OTHER: 'too' })
    assert.equal(await run('echo $FRESH $OTHER'), 'yes too\n')
    await sandbox.updateEnv({}, { unset: ['OTHER'] })
    assert.equal(await run('echo $FRESH ${OTHER-none}'), 'yes none\n')
  })

  it('has an end', async () => {
    await sandbox.setTtl(60)
    await sandbox.refreshData()
    const left = new Date(sandbox.autoDestroyAt).getTime() - Date.now()
    assert.ok(left > 0 && left <= 61 * 60 * 1000)
    await sandbox.setTtl(0)
    await sandbox.refreshData()
    assert.equal(sandbox.autoDestroyAt ?? undefined, undefined)
  })

  it('is only recovered from an error', async () => {
    await failure(sandbox.recover(), DaytonaValidationError, {
      statusCode: 400, message: 'Sandbox must be in error state to recover',
    })
  })

  it('pauses, and goes on with what it had in memory', async () => {
    await sandbox.process.createSession('remembers')
    await sandbox.process.executeSessionCommand('remembers', { command: 'word=kept' })
    await sandbox.pause()
    assert.equal(sandbox.state, 'paused')
    await sandbox.start()
    assert.equal(sandbox.state, 'started')
    const { stdout } = await sandbox.process.executeSessionCommand('remembers', { command: 'echo $word' })
    assert.equal(stdout, 'kept\n')
    await sandbox.process.deleteSession('remembers')
    await assert.rejects(() => sandbox.setAutoPauseInterval(5), { statusCode: 400, message: /mutually exclusive/ })
  })

  it('forks, and becomes a snapshot that others are made of', async () => {
    await run('echo forked > ~/forked')
    const fork = await sandbox.fork()
    assert.notEqual(fork.id, sandbox.id)
    assert.equal((await fork.process.executeCommand('cat ~/forked')).result, 'forked\n')
    await remove(client, fork)
    await sandbox.createSnapshot('of-conformance')
    const other = await client.create({ snapshot: 'of-conformance' })
    assert.equal((await other.process.executeCommand('cat ~/forked')).result, 'forked\n')
    await remove(client, other)
    await client.snapshot.delete(await client.snapshot.get('of-conformance'))
  })

  it('has a language server where the machine has one', async (t) => {
    if (await run('command -v pylsp || echo none') === 'none\n') return t.skip('pylsp is missing')
    await sandbox.fs.uploadFile(Buffer.from('class Greeter:\n    def greet(self):\n        return 1\n'), 'lsp/greet.py')
    const server = await sandbox.createLspServer('python', 'lsp')
    await server.start()
    await server.didOpen('lsp/greet.py')
    const symbols = await server.documentSymbols('lsp/greet.py')
    assert.ok(symbols.some((symbol) => symbol.name === 'Greeter'), JSON.stringify(symbols))
    assert.equal((await server.sandboxSymbols('greet'))[0].name, 'Greeter')
    await server.didClose('lsp/greet.py')
    await server.stop()
  })

  it('says what is not there', async () => {
    await assert.rejects(() => sandbox.createSshAccess(),
      { statusCode: 501, message: /not supported by daytona-local/ })
  })

  it('resizes while it is stopped, is archived, and comes back as it was', async () => {
    await run('echo kept > ~/kept')
    await sandbox.stop()
    await sandbox.resize({ memory: 2 })
    assert.equal(sandbox.memory, 2)
    await sandbox.updateNetworkSettings({ networkBlockAll: true })
    await sandbox.archive()
    for (let looks = 0; sandbox.state !== 'archived' && looks < 200; looks++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      await sandbox.refreshData()
    }
    assert.equal(sandbox.state, 'archived')
    await sandbox.start()
    assert.equal(await run('cat ~/kept'), 'kept\n')
    assert.equal(sandbox.networkBlockAll, true)
  })
})
