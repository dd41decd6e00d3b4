// What an account has beside sandboxes, through the official SDK: volumes,
// snapshots, secrets, warm pools.

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { DaytonaError, DaytonaNotFoundError, DaytonaValidationError } from './sdk.cjs'
import { failure, newClient, remove, uniqueName, until } from './support.mjs'

const client = newClient()

after(() => client[Symbol.asyncDispose]())

const text = async (sandbox, command) => (await sandbox.process.executeCommand(command)).result

describe('volumes', () => {
  it('are made, found, listed and deleted', async () => {
    const name = uniqueName('volume')
    const made = await client.volume.create(name)
    assert.equal(made.name, name)
    const ready = await until(() => client.volume.get(name), (volume) => volume.state === 'ready')
    assert.deepEqual([ready.id, ready.name], [made.id, name])
    assert.ok((await client.volume.list()).some((volume) => volume.id === made.id))
    assert.equal((await client.volume.get(name, true)).id, made.id)
    await client.volume.delete(ready)
    await failure(client.volume.get(name), DaytonaNotFoundError, { statusCode: 404 })
    const again = await client.volume.get(name, true)
    assert.notEqual(again.id, made.id)
    await client.volume.delete(await until(() => client.volume.get(name), (volume) => volume.state === 'ready'))
  })

  it('keep files for the sandboxes that mount them', async () => {
    const name = uniqueName('mounted')
    const volume = await client.volume.create(name)
    await until(() => client.volume.get(name), (each) => each.state === 'ready')
    const mount = (subpath) => ({ volumes: [{ volumeId: volume.id, mountPath: '/home/daytona/kept', subpath }] })
    const first = await client.create(mount())
    await text(first, 'mkdir -p kept/part && echo one > kept/part/file')
    const second = await client.create(mount('part'))
    assert.equal(await text(second, 'cat kept/file; echo two >> kept/file'), 'one\n')
    assert.equal(await text(first, 'cat kept/part/file'), 'one\ntwo\n')
    await failure(client.volume.delete(await client.volume.get(name)), DaytonaError,
      { message: /because it is in use by one or more/ })
    await Promise.all([first, second].map((sandbox) => remove(client, sandbox)))
    await client.volume.delete(await client.volume.get(name))
  })
})

describe('snapshots', () => {
  it('are listed by pages, and found by name and id', async () => {
    const all = await client.snapshot.list()
    assert.ok(all.total > 1 && all.items.length > 1)
    const [first, second] = await Promise.all([1, 2].map((page) => client.snapshot.list(page, 1)))
    assert.equal(first.items.length, 1)
    assert.notEqual(first.items[0].id, second.items[0].id)
    assert.equal(first.totalPages, all.total)
    const [snapshot] = first.items
    assert.equal((await client.snapshot.get(snapshot.name)).id, snapshot.id)
    assert.equal((await client.snapshot.get(snapshot.id)).name, snapshot.name)
    await failure(client.snapshot.get('no-such-snapshot'), DaytonaNotFoundError, { statusCode: 404 })
  })

  it('of an image are refused: there are none', async () => {
    const error = await failure(client.snapshot.create({ name: uniqueName('image'), image: 'debian:12' }),
      DaytonaError, { statusCode: 501 })
    assert.match(error.message, /daytona-local/)
  })
})

describe('secrets', () => {
  it('are made, changed, listed by pages and deleted, and never given', async () => {
    const base = uniqueName('KEY').replaceAll('-', '_')
    const made = await Promise.all(['A', 'B'].map((end) => client.secret.create({
      name: `${base}_${end}`, value: `hidden-${end}`, description: 'one', hosts: ['api.example.com'],
    })))
    assert.ok(!JSON.stringify(made).includes('hidden-'))
    const [secret] = made
    assert.deepEqual(secret.hosts, ['api.example.com'])
    assert.deepEqual(await client.secret.get(secret.id), secret)
    const changed = await client.secret.update(secret.id, { value: 'other', description: 'two' })
    assert.deepEqual([changed.description, changed.placeholder], ['two', secret.placeholder])
    const query = { name: base, sort: 'name', order: 'asc', limit: 1 }
    const first = await client.secret.list(query)
    assert.deepEqual([first.total, first.items.map((each) => each.name)], [2, [`${base}_A`]])
    const rest = await client.secret.list({ ...query, cursor: first.nextCursor })
    assert.deepEqual(rest.items.map((each) => each.name), [`${base}_B`])
    assert.equal(rest.nextCursor ?? null, null)
    for (const each of made) await client.secret.delete(each.id)
    await failure(client.secret.get(secret.id), DaytonaNotFoundError, { statusCode: 404 })
  })

  it('are refused under a bad name', async () => {
    await failure(client.secret.create({ name: '1st', value: 'x' }), DaytonaValidationError,
      { statusCode: 400, message: /name must match/ })
  })
})

describe('warm pools', () => {
  it('hold sandboxes that are given to who creates', async () => {
    const snapshot = 'daytona-small'
    const made = await client.warmPool.create({ snapshot, pool: 1 })
    assert.deepEqual([made.snapshot, made.pool], [snapshot, 1])
    const own = async () => (await client.warmPool.list()).find((pool) => pool.id === made.id)
    await until(own, (pool) => pool.currentSize === 1)
    const sandbox = await client.create({ snapshot, labels: { from: 'pool' } })
    assert.deepEqual([sandbox.state, sandbox.labels.from], ['started', 'pool'])
    assert.equal(await text(sandbox, 'echo warm'), 'warm\n')
    assert.equal((await client.warmPool.update(made.id, { pool: 2 })).pool, 2)
    await until(own, (pool) => pool.currentSize === 2)
    await client.warmPool.delete(made.id)
    assert.equal(await own(), undefined)
    await failure(client.warmPool.delete(made.id), DaytonaNotFoundError, { statusCode: 404 })
    await remove(client, sandbox)
  })
})
