// Sandboxes through the official SDK: create, read, list, start, stop, delete
// and their settings.

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { DaytonaConflictError, DaytonaNotFoundError, DaytonaValidationError } from './sdk.cjs'
import { failure, newClient, remove, uniqueName } from './support.mjs'

const client = newClient()
const leftovers = new Set()

async function create(options) {
  const sandbox = await client.create(options)
  leftovers.add(sandbox)
  return sandbox
}

async function discard(sandbox) {
  leftovers.delete(sandbox)
  await remove(client, sandbox)
}

async function collect(iterator) {
  const found = []
  for await (const sandbox of iterator) found.push(sandbox)
  return found
}

after(async () => {
  await Promise.all([...leftovers].map((sandbox) => remove(client, sandbox)))
  await client[Symbol.asyncDispose]()
})

describe('create', () => {
  it('gives a started sandbox with the defaults', async () => {
    const sandbox = await create()
    assert.equal(sandbox.state, 'started')
    assert.match(sandbox.id, /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/)
    assert.equal(sandbox.name, sandbox.id)
    assert.deepEqual(sandbox.labels, { 'code-toolbox-language': 'python' })
    assert.equal(sandbox.autoStopInterval, 15)
    assert.equal(sandbox.autoArchiveInterval, 10080)
    assert.equal(sandbox.autoDeleteInterval, -1)
    assert.equal(sandbox.public, false)
    assert.ok(sandbox.organizationId && sandbox.target && sandbox.user && sandbox.snapshot)
    assert.ok(sandbox.cpu > 0 && sandbox.memory > 0 && sandbox.disk > 0)
    assert.ok(!Number.isNaN(Date.parse(sandbox.createdAt)))
    await discard(sandbox)
  })

  it('takes language, name, labels, env and intervals', async () => {
    const name = uniqueName('everything')
    const sandbox = await create({
      name, language: 'typescript', labels: { job: '42', 'ключ': 'значение' },
      envVars: { GREETING: 'hello there', EMPTY: '' }, autoStopInterval: 0,
      autoArchiveInterval: 60, autoDeleteInterval: 120, public: true,
    })
    const read = await client.get(sandbox.id)
    for (const each of [sandbox, read]) {
      assert.equal(each.name, name)
      assert.deepEqual(each.labels,
        { job: '42', 'ключ': 'значение', 'code-toolbox-language': 'typescript' })
      assert.deepEqual(each.env, { GREETING: 'hello there', EMPTY: '' })
      assert.equal(each.autoStopInterval, 0)
      assert.equal(each.autoArchiveInterval, 60)
      assert.equal(each.autoDeleteInterval, 120)
      assert.equal(each.public, true)
    }
    const run = await sandbox.process.executeCommand('printf "%s|%s" "$GREETING" "${EMPTY-unset}"')
    assert.equal(run.result, 'hello there|')
    await discard(sandbox)
  })

  it('refuses a name twice, and leaves it free after delete', async () => {
    const name = uniqueName('twice')
    const first = await create({ name })
    await failure(client.create({ name }), DaytonaConflictError, {
      statusCode: 409, message: `Sandbox with name ${name} already exists`,
    })
    await first.delete()
    const second = await create({ name })
    assert.notEqual(second.id, first.id)
    await discard(first)
    await discard(second)
  })

  it('refuses a name with a URL in it', async () => {
    await failure(client.create({ name: 'see https://example.com' }), DaytonaValidationError, {
      statusCode: 400, message: 'name must not contain HTML tags, URLs, or control characters',
    })
  })

  it('deletes an ephemeral sandbox when it stops', async () => {
    const sandbox = await create({ ephemeral: true })
    assert.equal(sandbox.autoDeleteInterval, 0)
    await sandbox.stop()
    assert.equal(sandbox.state, 'destroyed')
    await discard(sandbox)
  })

  it('take the token in the query, and give a cookie for it', async () => {
    const sandbox = await create()
    await serve(sandbox, 8124)
    const link = await sandbox.getPreviewLink(8124)
    const entered = await fetch(new URL(`?DAYTONA_SANDBOX_AUTH_KEY=${link.token}`, link.url))
    assert.equal(await entered.text(), 'preview')
    const [cookie] = entered.headers.getSetCookie()
    assert.match(cookie, /; HttpOnly/)
    // an absolute path, and the redirect of a directory without its slash
    const headers = { cookie: cookie.split(';')[0] }
    assert.equal(await (await fetch(new URL('/index.html', link.url), { headers })).text(), 'preview')
    const moved = await fetch(new URL('/sub', link.url), { headers, redirect: 'manual' })
    assert.equal(moved.status, 301)
    const there = new URL(moved.headers.get('location'), moved.url)
    assert.equal(await (await fetch(there, { headers })).text(), 'below')
    const other = await sandbox.getPreviewLink(8125)
    assert.notEqual(other.token, link.token)
    const refused = await fetch(other.url, { headers, redirect: 'manual' })
    assert.ok([401, 307].includes(refused.status))
    await discard(sandbox)
  })

  it('need no token where the sandbox is public', async () => {
    const sandbox = await create({ public: true })
    await serve(sandbox, 8126)
    const link = await sandbox.getPreviewLink(8126)
    assert.equal(await (await fetch(link.url)).text(), 'preview')
    const toolbox = await sandbox.getPreviewLink(2280)
    const refused = await fetch(new URL('/files', toolbox.url), { redirect: 'manual' })
    assert.ok([401, 307].includes(refused.status))
    await discard(sandbox)
  })

  it('of port 2280 lead to the toolbox', async () => {
    const sandbox = await create()
    const link = await sandbox.getPreviewLink(2280)
    const answer = await fetch(new URL('/process/execute', link.url), {
      method: 'POST', headers: { 'X-Daytona-Preview-Token': link.token }, body: '{"command":"echo here"}',
    })
    assert.equal((await answer.json()).result, 'here\n')
    await discard(sandbox)
  })
})

describe('get', () => {
  it('finds by id and by name', async () => {
    const name = uniqueName('Найди меня')
    const sandbox = await create({ name })
    assert.equal((await client.get(sandbox.id)).name, name)
    assert.equal((await client.get(name)).id, sandbox.id)
    await discard(sandbox)
  })

  it('does not find what is not there', async () => {
    await failure(client.get('no-such-sandbox'), DaytonaNotFoundError, {
      statusCode: 404, message: 'Sandbox with ID or name no-such-sandbox not found',
    })
  })
})

describe('list', () => {
  it('filters by labels and goes through all pages', async () => {
    const job = uniqueName('job')
    const made = await Promise.all(['a', 'b', 'c'].map((part) => create({ labels: { job, part } })))
    const ids = (list) => list.map((sandbox) => sandbox.id).sort()
    assert.deepEqual(ids(await collect(client.list({ labels: { job } }))), ids(made))
    assert.deepEqual(ids(await collect(client.list({ labels: { job }, limit: 1 }))), ids(made))
    assert.deepEqual(ids(await collect(client.list({ labels: { job, part: 'b' } }))), [made[1].id])
    assert.deepEqual(await collect(client.list({ labels: { job, part: 'nothing' } })), [])
    await Promise.all(made.map(discard))
  })

  it('filters by name and state, and sorts', async () => {
    const name = uniqueName('sorted')
    const first = await create({ name: `${name}-1` })
    const second = await create({ name: `${name}-2` })
    const names = async (query) =>
      (await collect(client.list({ name: name.toUpperCase(), limit: 1, ...query })))
        .map((sandbox) => sandbox.name)
    assert.deepEqual(await names({ sort: 'name', order: 'asc' }), [first.name, second.name])
    assert.deepEqual(await names({ sort: 'name', order: 'desc' }), [second.name, first.name])
    await second.stop()
    assert.deepEqual(await names({ states: ['stopped'] }), [second.name])
    const both = { states: ['started', 'stopped'], sort: 'createdAt', order: 'asc' }
    assert.deepEqual(await names(both), [first.name, second.name])
    await discard(first)
    await discard(second)
  })

  it('gives sandboxes that can be used at once', async () => {
    const made = await create({ name: uniqueName('listed') })
    const [listed] = await collect(client.list({ name: made.name }))
    assert.equal((await listed.process.executeCommand('echo $((6 * 7))')).result, '42\n')
    await discard(made)
  })

  it('refuses a limit above 200', async () => {
    await failure(collect(client.list({ limit: 201 })), DaytonaValidationError, {
      statusCode: 400, message: 'limit must not be greater than 200',
    })
  })
})

describe('stop, start, delete', () => {
  it('keep the files and change the state', async () => {
    const sandbox = await create()
    await sandbox.fs.uploadFile(Buffer.from('still here'), 'kept.txt')
    await sandbox.stop()
    assert.equal(sandbox.state, 'stopped')
    await failure(sandbox.stop(), DaytonaValidationError, {
      statusCode: 400, message: 'Sandbox is not in a stoppable state',
    })
    await sandbox.start()
    assert.equal(sandbox.state, 'started')
    await sandbox.start() // started already: no error
    assert.equal((await sandbox.fs.downloadFile('kept.txt')).toString(), 'still here')
    await sandbox.stop(60, true)
    assert.equal((await client.get(sandbox.id)).state, 'stopped')
    await sandbox.delete(60, true)
    await failure(client.get(sandbox.id), DaytonaNotFoundError, { statusCode: 404 })
    await failure(sandbox.start(), DaytonaNotFoundError, { statusCode: 404 })
    leftovers.delete(sandbox)
  })
})

describe('settings', () => {
  it('labels replace all others', async () => {
    const sandbox = await create({ labels: { old: 'yes' } })
    assert.deepEqual(await sandbox.setLabels({ fresh: 'yes' }), { fresh: 'yes' })
    await sandbox.refreshData()
    assert.deepEqual(sandbox.labels, { fresh: 'yes' })
    await discard(sandbox)
  })

  it('intervals are kept', async () => {
    const sandbox = await create()
    await sandbox.setAutostopInterval(30)
    await sandbox.setAutoArchiveInterval(0)
    await sandbox.setAutoDeleteInterval(-7)
    await sandbox.refreshActivity()
    const read = await client.get(sandbox.id)
    assert.equal(read.autoStopInterval, 30)
    assert.equal(read.autoArchiveInterval, 43200)
    assert.equal(read.autoDeleteInterval, -7)
    await discard(sandbox)
  })

  it('directories are absolute, and the home can be written', async () => {
    const sandbox = await create()
    assert.match(await sandbox.getWorkDir(), /^\//)
    const home = await sandbox.getUserHomeDir()
    assert.equal((await sandbox.process.executeCommand('echo ~')).result.trim(), home)
    const touch = await sandbox.process.executeCommand('touch x && echo yes', home)
    assert.equal(touch.result, 'yes\n')
    await discard(sandbox)
  })
})

// Starts a web server at the port and waits for it.
async function serve(sandbox, port) {
  await sandbox.fs.uploadFile(Buffer.from('preview'), 'site/index.html')
  await sandbox.fs.uploadFile(Buffer.from('below'), 'site/sub/index.html')
  await sandbox.process.executeCommand(
    `nohup python3 -m http.server ${port} --bind 127.0.0.1 --directory site >/dev/null 2>&1 &\n`
    + `until python3 -c "import socket; socket.create_connection(('127.0.0.1', ${port}))"`
    + ' 2>/dev/null; do :; done', undefined, undefined, 20)
}

describe('preview links', () => {
  it('lead to a server in the sandbox, with the token only', async () => {
    const sandbox = await create()
    await serve(sandbox, 8123)
    const link = await sandbox.getPreviewLink(8123)
    assert.equal(link.sandboxId, sandbox.id)
    assert.ok(link.token)
    assert.equal(new URL(link.url).hostname, `8123-${sandbox.id}.localhost`)
    const answer = await fetch(link.url, { headers: { 'x-daytona-preview-token': link.token } })
    assert.equal(answer.status, 200)
    assert.equal(await answer.text(), 'preview')
    const refused = await fetch(link.url, {
      headers: { 'x-daytona-preview-token': 'wrong' }, redirect: 'manual',
    })
    assert.ok([401, 307].includes(refused.status), `401 or 307 expected, got ${refused.status}`)
    assert.equal((await fetch(link.url, { redirect: 'manual' })).status, refused.status)
    await failure(sandbox.getPreviewLink(0), DaytonaValidationError, { statusCode: 400 })
    await discard(sandbox)
  })
})
