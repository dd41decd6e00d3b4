// Links for others, who have no API key, made by the official SDK.

import assert from 'node:assert/strict'
import { get } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { DaytonaBadRequestError } from './sdk.cjs'
import { failure, newClient, remove } from './support.mjs'

const client = newClient()
let sandbox

before(async () => {
  sandbox = await client.create()
})

after(async () => {
  if (sandbox) await remove(client, sandbox)
  await client[Symbol.asyncDispose]()
})

async function read(stream) {
  const parts = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}

async function answer(url, options) {
  const response = await fetch(url, options)
  return [response.status, await response.text()]
}

describe('links to files', () => {
  it('upload and download without a credential', async () => {
    const path = 'links/a name with ü & +.txt'
    const [status] = await answer(await sandbox.uploadUrl(path, 60), { method: 'POST', body: 'linked' })
    assert.equal(status, 200)
    assert.equal(String(await sandbox.fs.downloadFile(path)), 'linked')
    assert.deepEqual(await answer(await sandbox.downloadUrl(path, 60)), [200, 'linked'])
    assert.deepEqual(await answer(await sandbox.downloadUrl(path, 0)), [200, 'linked'])
  })

  it('take a form', async () => {
    const body = new FormData()
    body.append('file', new Blob(['from a form']), 'name.txt')
    const [status] = await answer(await sandbox.uploadUrl('links/form'), { method: 'POST', body })
    assert.equal(status, 200)
    assert.deepEqual(await answer(await sandbox.downloadUrl('links/form')), [200, 'from a form'])
  })

  it('open one file, one way', async () => {
    await sandbox.fs.uploadFile(Buffer.from('one'), 'links/one')
    const url = new URL(await sandbox.downloadUrl('links/one'))
    url.searchParams.set('path', 'links/form')
    assert.equal((await answer(url))[0], 401)
    const upload = new URL(await sandbox.uploadUrl('links/one'))
    upload.pathname = upload.pathname.replace('upload-v2', 'download')
    assert.equal((await answer(upload))[0], 401)
  })

  it('end with the signing key', async () => {
    await sandbox.fs.uploadFile(Buffer.from('kept'), 'links/kept')
    const before = await sandbox.downloadUrl('links/kept')
    await sandbox.rotateSigningKey()
    assert.equal((await answer(before))[0], 401)
    assert.deepEqual(await answer(await sandbox.downloadUrl('links/kept')), [200, 'kept'])
  })
})

describe('signed previews', () => {
  let link

  before(async () => {
    await sandbox.process.executeCommand('mkdir -p site && echo shown > site/index.html && cd site && '
      + '(setsid python3 -m http.server 8123 >/dev/null 2>&1 &)')
  })

  // Whatever name server the machine has, the host is this machine.
  function visit({ url }) {
    const { hostname, port } = new URL(url)
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, headers: { host: `${hostname}:${port}` } }, async (response) => {
        resolve([response.statusCode, String(await read(response))])
      }).on('error', reject)
    })
  }

  it('open a port without a credential', async () => {
    link = await sandbox.getSignedPreviewUrl(8123, 60)
    assert.equal(link.sandboxId, sandbox.id)
    assert.equal(link.port, 8123)
    assert.match(link.url, new RegExp(`^http://8123-${link.token}\\.`))
    let seen
    for (let tries = 0; tries < 200 && seen?.[0] !== 200; tries++) {
      seen = await visit(link)
      if (seen[0] !== 200) await new Promise((resolve) => setTimeout(resolve, 50))
    }
    assert.deepEqual(seen, [200, 'shown\n'])
  })

  it('open no other port', async () => {
    assert.equal((await visit({ url: link.url.replace('8123-', '8124-') }))[0], 401)
  })

  it('end when they are told to', async () => {
    await sandbox.expireSignedPreviewUrl(8123, link.token)
    assert.equal((await visit(link))[0], 401)
  })

  it('last from a second to a day', async () => {
    for (const seconds of [0, 86401]) {
      await failure(sandbox.getSignedPreviewUrl(8123, seconds), DaytonaBadRequestError,
        { message: /between 1 second and 24 hours/ })
    }
  })
})
