// What the official SDK makes of refusals.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  Daytona, DaytonaAuthenticationError, DaytonaConnectionError, DaytonaError, DaytonaNotFoundError,
} from './sdk.cjs'
import { failure, newClient, remove, uniqueName } from './support.mjs'

const client = newClient()
let sandbox

before(async () => {
  sandbox = await client.create({ name: uniqueName('errors') })
})

after(async () => {
  if (sandbox) await remove(client, sandbox)
  await client[Symbol.asyncDispose]()
})

describe('a wrong key', () => {
  const stranger = newClient({ apiKey: 'dtn_wrong' })
  after(() => stranger[Symbol.asyncDispose]())

  it('is refused by the API', async () => {
    for (const call of [() => stranger.get(sandbox.id), () => stranger.create(),
      () => stranger.list().next()]) {
      await failure(call(), DaytonaAuthenticationError,
        { statusCode: 401, message: 'Invalid credentials' })
    }
  })

  it('is refused by the toolbox', async () => {
    const url = `${sandbox.toolboxProxyUrl}/${sandbox.id}/process/execute`
    const wrong = { authorization: 'Bearer dtn_wrong' }
    for (const headers of [{}, wrong, { authorization: 'Basic eDp5' }]) {
      const answer = await fetch(url, {
        method: 'POST', body: '{"command":"true"}',
        headers: { 'content-type': 'application/json', ...headers },
      })
      assert.equal(answer.status, 401)
      const body = await answer.json()
      assert.equal(body.statusCode, 401)
      assert.equal(body.code, 'UNAUTHORIZED')
    }
  })
})

describe('errors', () => {
  it('carry status, message and the class of their status', async () => {
    const error = await failure(client.get('not here/at all?'), DaytonaNotFoundError, {
      statusCode: 404, message: 'Sandbox with ID or name not here/at all? not found',
    })
    assert.ok(error instanceof DaytonaError)
  })

  it('of the toolbox name themselves and their source', async () => {
    await failure(sandbox.fs.getFileDetails('nothing'), DaytonaNotFoundError, {
      statusCode: 404, code: 'FILE_NOT_FOUND', source: 'DAYTONA_DAEMON',
    })
  })

  it('tell a stopped sandbox from a missing server', async () => {
    const other = await client.create()
    await other.stop()
    await failure(other.process.executeCommand('true'), DaytonaError)
    await remove(client, other)
    const nowhere = new Daytona({ apiUrl: 'http://127.0.0.1:1/api', apiKey: 'dtn_x' })
    await failure(nowhere.get('x'), DaytonaConnectionError)
    await nowhere[Symbol.asyncDispose]()
  })
})
