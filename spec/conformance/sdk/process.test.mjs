// Commands and code through the official SDK.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  DaytonaBadRequestError, DaytonaProcessExecutionTimeoutError, DaytonaTimeoutError,
} from './sdk.cjs'
import { failure, newClient, remove } from './support.mjs'

const client = newClient()
let sandbox

before(async () => {
  sandbox = await client.create({ envVars: { FROM_CREATE: 'yes' } })
})

after(async () => {
  if (sandbox) await remove(client, sandbox)
  await client[Symbol.asyncDispose]()
})

describe('executeCommand', () => {
  it('gives exit code and both outputs in order', async () => {
    const run = await sandbox.process.executeCommand('echo one; echo two >&2; echo three; exit 3')
    assert.equal(run.exitCode, 3)
    assert.equal(run.result, 'one\ntwo\nthree\n')
    assert.equal(run.artifacts.stdout, run.result)
  })

  it('takes cwd and env', async () => {
    await sandbox.fs.createFolder('deep/er', '755')
    const home = await sandbox.getWorkDir()
    const run = await sandbox.process.executeCommand(
      'pwd; echo "$WORD $FROM_CREATE"', 'deep/er', { WORD: "it's $HOME \"é\"" })
    assert.equal(run.result, `${home}/deep/er\nit's $HOME "é" yes\n`)
    assert.equal(run.exitCode, 0)
  })

  it('reports a bad cwd in its result', async () => {
    const run = await sandbox.process.executeCommand('echo no', '/no/such/directory')
    assert.equal(run.exitCode, -1)
    assert.match(run.result, /no such file or directory/)
  })

  it('reports -1 for a shell that was killed', async () => {
    assert.equal((await sandbox.process.executeCommand('kill -9 $$')).exitCode, -1)
  })

  it('is killed at its timeout', async () => {
    const start = Date.now()
    const error = await failure(sandbox.process.executeCommand('sleep 60', undefined, undefined, 1),
      DaytonaTimeoutError, { statusCode: 408, message: 'command execution timeout' })
    assert.ok(error instanceof DaytonaProcessExecutionTimeoutError, error.code)
    assert.ok(Date.now() - start < 10000)
    const alive = await sandbox.process.executeCommand('pgrep -x sleep || echo none')
    assert.equal(alive.result, 'none\n')
  })

  it('passes large and binary-like output', async () => {
    const run = await sandbox.process.executeCommand(
      'head -c 3000000 /dev/zero | tr "\\0" x; printf "\\303\\251\\377<&>"')
    assert.equal(run.result.length, 3000000 + 'é\ufffd<&>'.length)
    assert.equal(run.result.slice(-5), 'é\ufffd<&>')
  })

  it('runs commands side by side', async () => {
    const numbers = [...Array(8).keys()]
    const runs = await Promise.all(numbers.map((n) => sandbox.process.executeCommand(`echo ${n}`)))
    assert.deepEqual(runs.map((run) => run.result), numbers.map((n) => `${n}\n`))
  })

  it('refuses blank commands and bad names', async () => {
    await failure(sandbox.process.executeCommand(''), DaytonaBadRequestError, {
      statusCode: 400, code: 'INVALID_REQUEST_BODY', message: /invalid request body/,
    })
    await failure(sandbox.process.executeCommand(' \n'), DaytonaBadRequestError, {
      statusCode: 400, message: /command cannot be empty or whitespace-only/,
    })
    await failure(sandbox.process.executeCommand('true', undefined, { '1A': 'x' }),
      DaytonaBadRequestError,
      { statusCode: 400, message: /invalid environment variable name: '1A'/ })
  })
})

describe('codeRun', () => {
  it('runs Python with argv and env', async () => {
    const run = await sandbox.process.codeRun(
      'import os, sys\nprint(sys.argv[1:], os.environ["WORD"])\nsys.exit(4)',
      { argv: ['a', 'b'], env: { WORD: 'é' } })
    assert.equal(run.result, "['a', 'b'] é\n")
    assert.equal(run.exitCode, 4)
    assert.deepEqual(run.artifacts.charts ?? [], [])
  })

  it('shows Python errors', async () => {
    const run = await sandbox.process.codeRun('raise ValueError("it broke")')
    assert.equal(run.exitCode, 1)
    assert.match(run.result, /ValueError: it broke/)
  })

  it('is killed at its timeout', async () => {
    await failure(sandbox.process.codeRun('import time\ntime.sleep(60)', undefined, 1),
      DaytonaTimeoutError, { statusCode: 408 })
  })

  // Runs code in a sandbox of its own language. A sandbox without the
  // language's program says so with exit code 127, as a shell does.
  const runElsewhere = async (t, language, code, params) => {
    const other = await client.create({ language })
    try {
      const run = await other.process.codeRun(code, params, 60)
      if (run.exitCode === 127) t.skip(run.result.trim())
      return run
    } finally {
      await remove(client, other)
    }
  }

  it('runs JavaScript', async (t) => {
    const run = await runElsewhere(t, 'javascript',
      'console.log([1, 2].map((n) => n * 21), process.argv.slice(1))', { argv: ['x'] })
    if (run.exitCode === 127) return
    assert.equal(run.result, "[ 21, 42 ] [ 'x' ]\n")
    assert.equal(run.exitCode, 0)
  })

  it('runs TypeScript', async (t) => {
    const run = await runElsewhere(t, 'typescript', 'const n: number = 6; console.log(n * 7)')
    if (run.exitCode === 127) return
    assert.equal(run.result, '42\n')
    assert.equal(run.exitCode, 0)
  })

  it('gives charts', async (t) => {
    const probe = await sandbox.process.executeCommand(
      'python3 -c "import matplotlib, numpy, PIL"')
    if (probe.exitCode !== 0) return t.skip('matplotlib is missing in the sandbox')
    const run = await sandbox.process.codeRun(
      'import matplotlib\nmatplotlib.use("Agg")\nimport matplotlib.pyplot as plt\n'
      + 'plt.plot([1, 2, 3], [4, 5, 6], label="rising")\nplt.title("A line")\n'
      + 'plt.xlabel("x")\nplt.ylabel("y")\nplt.show()\nprint("done")', undefined, 60)
    assert.equal(run.result, 'done\n')
    assert.equal(run.artifacts.charts.length, 1)
    const [chart] = run.artifacts.charts
    assert.equal(chart.type, 'line')
    assert.equal(chart.title, 'A line')
    assert.equal(chart.x_label, 'x')
    assert.equal(chart.elements[0].label, 'rising')
    assert.deepEqual(chart.elements[0].points, [[1, 4], [2, 5], [3, 6]])
    assert.equal(Buffer.from(chart.png, 'base64').subarray(1, 4).toString(), 'PNG')
  })
})
