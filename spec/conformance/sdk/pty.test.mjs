// Terminals through the official SDK.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { DaytonaConnectionError, DaytonaNotFoundError, DaytonaProcessNotFoundError } from './sdk.cjs'
import { failure, newClient, remove, uniqueName } from './support.mjs'

const client = newClient()
let sandbox

before(async () => {
  sandbox = await client.create()
})

after(async () => {
  if (sandbox) await remove(client, sandbox)
  await client[Symbol.asyncDispose]()
})

// What a terminal shows, and a way to wait for some of it.
function screen() {
  const decoder = new TextDecoder()
  let text = ''
  let seen = () => {}
  return {
    get text() { return text },
    onData(data) {
      text += decoder.decode(data, { stream: true })
      seen()
    },
    async shows(pattern) {
      const deadline = setTimeout(() => seen('late'), 10000)
      while (!pattern.test(text)) {
        const late = await new Promise((resolve) => { seen = resolve })
        assert.ok(!late, `${pattern} is not in ${JSON.stringify(text)}`)
      }
      clearTimeout(deadline)
    },
  }
}

async function open(options = {}) {
  const shown = screen()
  const id = uniqueName('pty')
  const pty = await sandbox.process.createPty({ id, onData: shown.onData, ...options })
  await pty.waitForConnection()
  return { id, pty, shown }
}

describe('PTY', () => {
  it('is made with a size, a directory and an environment', async () => {
    const { id, pty, shown } = await open({
      cols: 120, rows: 33, cwd: '/tmp', envs: { WORD: 'it\'s "é" <&>' },
    })
    assert.equal(pty.isConnected(), true)
    await pty.sendInput('stty size; pwd; echo "[$WORD]"\n')
    await shown.shows(/33 120\r\n\/tmp\r\n\[it's "é" <&>\]/)
    const info = await sandbox.process.getPtySessionInfo(id)
    assert.deepEqual([info.id, info.cols, info.rows, info.active, info.cwd],
      [id, 120, 33, true, '/tmp'])
    assert.ok((await sandbox.process.listPtySessions()).some((each) => each.id === id))
    await pty.kill()
  })

  for (const [command, exitCode, error] of [
    ['exit 0', 0, undefined], ['exit 3', 3, 'non-zero exit'], ['exit 143', 143, 'SIGTERM'],
  ]) {
    it(`gives the result of ${command}`, async () => {
      const { id, pty, shown } = await open()
      await pty.sendInput(`echo la''st words; ${command}\n`)
      assert.deepEqual(await pty.wait(), { exitCode, error })
      assert.match(shown.text, /last words/)
      assert.equal(pty.isConnected(), false)
      await failure(sandbox.process.getPtySessionInfo(id), DaytonaProcessNotFoundError,
        { statusCode: 404, message: 'PTY session not found' })
    })
  }

  it('is shown to who connects later', async () => {
    const { id, pty, shown } = await open()
    const other = screen()
    const second = await sandbox.process.connectPty(id, other)
    await second.waitForConnection()
    await second.sendInput('echo for b""oth\n')
    await Promise.all([shown.shows(/for both/), other.shows(/for both/)])
    await pty.disconnect()
    await second.sendInput('exit 5\n')
    assert.equal((await second.wait()).exitCode, 5)
  })

  it('is resized', async () => {
    const { id, pty, shown } = await open()
    const info = await pty.resize(90, 20)
    assert.deepEqual([info.id, info.cols, info.rows], [id, 90, 20])
    await pty.sendInput('stty size\n')
    await shown.shows(/20 90/)
    assert.equal((await sandbox.process.resizePtySession(id, 91, 21)).cols, 91)
    await sandbox.process.killPtySession(id)
  })

  it('is killed', async () => {
    const { id, pty, shown } = await open()
    await pty.sendInput('echo st""arts; sleep 300\n')
    await shown.shows(/starts/)
    const ended = pty.wait()
    await pty.kill()
    assert.deepEqual(await ended, { exitCode: 137, error: 'SIGKILL' })
    await failure(sandbox.process.killPtySession(id), DaytonaNotFoundError, { statusCode: 404 })
    assert.equal((await sandbox.process.executeCommand('pgrep -x sleep || echo none')).result,
      'none\n')
  })

  it('passes Ctrl-C on', async () => {
    const { pty, shown } = await open()
    await pty.sendInput('sh -c "echo st""arts; exec sleep 300"\n')
    await shown.shows(/starts/)
    await pty.sendInput('\x03')
    await pty.sendInput('echo st""atus $?\n')
    await shown.shows(/status 130/)
    await pty.kill()
  })

  it('refuses what is taken or not there', async () => {
    const { id, pty } = await open()
    await assert.rejects(sandbox.process.createPty({ id, onData() {} }))
    await pty.kill()
    await failure(sandbox.process.connectPty(uniqueName('none'), { onData() {} }),
      DaytonaConnectionError, { message: /not found/ })
  })
})
