// Links for others, who have no API key, made by the official SDK.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { newClient, remove } from './support.mjs'

const client = newClient()
let sandbox

before(async () => {
  sandbox = await client.create()
})

after(async () => {
  if (sandbox) await remove(client, sandbox)
  await client[Symbol.asyncDispose]()
})

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
