// The code interpreter through the official SDK.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  DaytonaBadRequestError, DaytonaConnectionError, DaytonaNotFoundError, DaytonaTimeoutError,
} from './sdk.cjs'
import { failure, newClient, remove } from './support.mjs'

const client = newClient()
let sandbox
let interpreter

before(async () => {
  sandbox = await client.create()
  interpreter = sandbox.codeInterpreter
})

after(async () => {
  if (sandbox) await remove(client, sandbox)
  await client[Symbol.asyncDispose]()
})

describe('runCode', () => {
  it('gives both outputs, also while it runs', async () => {
    const out = []
    const err = []
    const result = await interpreter.runCode(
      'import sys, time\nprint("é1")\ntime.sleep(0.3)\nprint("2")\nsys.stderr.write("e\\n")', {
        onStdout: (message) => out.push([message.output, Date.now()]),
        onStderr: (message) => err.push(message.output),
      })
    assert.deepEqual(result, { stdout: 'é1\n2\n', stderr: 'e\n' })
    assert.deepEqual(out.map(([text]) => text), ['é1\n', '2\n'])
    assert.ok(out[1][1] - out[0][1] >= 200)
    assert.deepEqual(err, ['e\n'])
  })

  it('reports an error', async () => {
    let seen
    const { stdout, error } = await interpreter.runCode('print("before")\n1 / 0', {
      onError: (each) => { seen = each },
    })
    assert.equal(stdout, 'before\n')
    assert.equal(error.name, 'ZeroDivisionError')
    assert.equal(error.value, 'division by zero')
    assert.match(error.traceback, /^Traceback .*\n {2}File "<stdin>", line 2\n/)
    assert.deepEqual(seen, error)
  })

  it('keeps state', async () => {
    await interpreter.runCode('kept = 41')
    assert.equal((await interpreter.runCode('print(kept + 1)')).stdout, '42\n')
  })

  it('sets an environment for one piece of code', async () => {
    const code = 'import os; print(os.environ.get("WORD"))'
    assert.equal((await interpreter.runCode(code, { envs: { WORD: 'é' } })).stdout, 'é\n')
    assert.equal((await interpreter.runCode(code)).stdout, 'None\n')
  })

  it('ends at its timeout', async () => {
    const start = Date.now()
    await failure(interpreter.runCode(
      'import time\nwhile True:\n  try: time.sleep(60)\n  except KeyboardInterrupt: pass',
      { timeout: 1 }), DaytonaTimeoutError, { message: /timed out/ })
    assert.ok(Date.now() - start < 15000)
    assert.equal((await interpreter.runCode('print("again")')).stdout, 'again\n')
  })

  it('refuses an unknown context', async () => {
    await failure(interpreter.runCode('1', { context: { id: 'none' } }), DaytonaConnectionError,
      { message: /context not found: none/ })
  })
})

describe('contexts', () => {
  it('are made, listed, used and deleted', async () => {
    assert.deepEqual(await interpreter.listContexts(), [])
    const context = await interpreter.createContext('/tmp')
    assert.equal(context.cwd, '/tmp')
    assert.equal(context.language, 'python')
    assert.equal(context.active, true)
    assert.deepEqual(await interpreter.listContexts(), [context])
    await interpreter.runCode('own = "mine"', { context })
    assert.equal((await interpreter.runCode('import os; print(own, os.getcwd())', { context }))
      .stdout, 'mine /tmp\n')
    assert.equal((await interpreter.runCode('print(own)')).error.name, 'NameError')
    await interpreter.deleteContext(context)
    assert.deepEqual(await interpreter.listContexts(), [])
    await failure(interpreter.deleteContext(context), DaytonaNotFoundError, { statusCode: 404 })
    await failure(interpreter.deleteContext({ id: 'default' }), DaytonaBadRequestError,
      { statusCode: 400 })
  })
})
